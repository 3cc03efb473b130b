//! Reads entries one by one, whatever the size of the file.

use std::{
    cell::Cell,
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path as FilePath,
    rc::Rc,
};

use flate2::bufread::MultiGzDecoder;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{
    mapping::{Format, Mapping},
    path::Path,
    table,
};
use crate::{error::Code, http::json::StrictTree};

/// The most bytes of one entry.
pub(super) const LARGEST_ENTRY: u64 = 4 * 1024 * 1024;

/// An entry of the file, or why there is none.
pub(super) struct Entry {
    /// Its line, or its place in the list, from 1.
    pub(super) row: u64,
    pub(super) json: Result<Value, (Code, String)>,
    /// Its bytes in the file.
    pub(super) size: u64,
}

/// Takes an entry; `false` ends the reading.
pub(super) type Take<'a> = &'a mut dyn FnMut(Entry) -> bool;

/// Opens a file, plain or gzip, whatever its name says. `through` sees its bytes as they are on disk.
pub(super) fn open<R: Read + 'static>(
    file: &FilePath,
    through: impl FnOnce(File) -> R,
) -> io::Result<Box<dyn BufRead>> {
    let mut plain = BufReader::with_capacity(64 * 1024, through(File::open(file)?));
    if plain.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        Ok(Box::new(BufReader::with_capacity(64 * 1024, MultiGzDecoder::new(plain))))
    } else {
        Ok(Box::new(plain))
    }
}

/// The value that the file says once for all entries, at `path`.
///
/// # Errors
/// Where the file cannot be read or is not JSON, and where the value is larger than an entry may be.
pub(super) fn find_member(file: &FilePath, path: &Path) -> Result<Option<Value>, String> {
    let reader = open(file, |file| file).map_err(|error| error.to_string())?;
    let members = path.members().unwrap_or_default();
    let left = Rc::new(Cell::new(LARGEST_ENTRY));
    let mut json = serde_json::Deserializer::from_reader(Bounded { reader, left: left.clone() });
    Member { path: &members, left: &left }.deserialize(&mut json).map_err(|error| error.to_string())
}

/// Reads every entry of the file.
///
/// # Errors
/// Where the file cannot be read, or is not the JSON that the mapping says.
pub(super) fn read_entries<R: Read + 'static>(
    file: &FilePath,
    mapping: &Mapping,
    through: impl FnOnce(File) -> R,
    take: Take<'_>,
) -> Result<(), String> {
    let reader = open(file, through).map_err(|error| error.to_string())?;
    match mapping.format {
        Format::Jsonl => read_lines(reader, take).map_err(|error| error.to_string()),
        Format::Json => {
            let members = mapping.items.as_ref().and_then(Path::members).unwrap_or_default();
            read_document(reader, &members, take)
        }
        Format::Csv => table::read_table(reader, mapping, take),
    }
}

pub(super) fn read_lines(mut reader: Box<dyn BufRead>, take: Take<'_>) -> io::Result<()> {
    let mut line = Vec::new();
    let mut row = 0;
    loop {
        line.clear();
        let length = (&mut reader).take(LARGEST_ENTRY + 1).read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(());
        }
        row += 1;
        if length as u64 > LARGEST_ENTRY {
            reader.skip_until(b'\n')?;
        }
        let text = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| row == 1).unwrap_or(&line);
        let json = if length as u64 > LARGEST_ENTRY {
            Err((Code::MalformedJson, format!("The line is longer than {LARGEST_ENTRY} bytes.")))
        } else if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        } else {
            line_json(text).map_err(|error| (Code::MalformedJson, format!("The line is not JSON: {error}.")))
        };
        if !take(Entry { row, json, size: length as u64 }) {
            return Ok(());
        }
    }
}

fn line_json(text: &[u8]) -> serde_json::Result<Value> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = StrictTree::ROOT.deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

fn read_document(reader: Box<dyn BufRead>, items: &[String], take: Take<'_>) -> Result<(), String> {
    let left = Rc::new(Cell::new(LARGEST_ENTRY));
    let bounded = Bounded { reader, left: left.clone() };
    let mut json = serde_json::Deserializer::from_reader(bounded);
    let mut stopped = false;
    let list = Items { path: items, left: &left, take, stopped: &mut stopped };
    match list.deserialize(&mut json) {
        Err(_) if stopped => Ok(()),
        Err(error) => Err(error.to_string()),
        Ok(true) => json.end().map_err(|error| error.to_string()),
        Ok(false) => Err(format!("the file has no list at `{}`", items.join("."))),
    }
}

/// Refuses to read more than one entry may have, so that no entry can fill the memory.
struct Bounded<R> {
    reader: R,
    left: Rc<Cell<u64>>,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        let left = self.left.get().checked_sub(length as u64);
        self.left.set(left.ok_or_else(|| io::Error::other(format!("an entry is larger than {LARGEST_ENTRY} bytes")))?);
        Ok(length)
    }
}

/// Finds the list of entries and takes them one by one; says whether there was a list.
struct Items<'a, 'b> {
    path: &'a [String],
    left: &'a Cell<u64>,
    take: Take<'b>,
    stopped: &'a mut bool,
}

impl<'de> DeserializeSeed<'de> for Items<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        if self.path.is_empty() { deserializer.deserialize_seq(self) } else { deserializer.deserialize_map(self) }
    }
}

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.first() {
            Some(name) => write!(f, "an object with a member `{name}`"),
            None => f.write_str("a list of entries"),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let Self { path, left, take, stopped } = self;
        let mut found = false;
        while let Some(name) = next_name(&mut map, left)? {
            if !found && path.first() == Some(&name) {
                let below = Items { path: path.get(1..).unwrap_or_default(), left, take: &mut *take, stopped };
                found = map.next_value_seed(below)?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        let mut row = 0;
        loop {
            self.left.set(LARGEST_ENTRY);
            let Some(json) = list.next_element_seed(StrictTree::ROOT)? else {
                self.left.set(u64::MAX);
                return Ok(true);
            };
            row += 1;
            let size = LARGEST_ENTRY.saturating_sub(self.left.get());
            if !(self.take)(Entry { row, json: Ok(json), size }) {
                *self.stopped = true;
                return Err(serde::de::Error::custom("stopped"));
            }
        }
    }
}

/// The name of an object's next member, of which what follows may have any length: it is skipped, or bounds itself.
fn next_name<'de, A: MapAccess<'de>>(map: &mut A, left: &Cell<u64>) -> Result<Option<String>, A::Error> {
    left.set(LARGEST_ENTRY);
    let name = map.next_key()?;
    left.set(u64::MAX);
    Ok(name)
}

/// Finds one member and skips the rest.
struct Member<'a> {
    path: &'a [String],
    left: &'a Cell<u64>,
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Value>, A::Error> {
        let Self { path, left } = self;
        let mut found = None;
        while let Some(name) = next_name(&mut map, left)? {
            match path {
                [only] if *only == name => {
                    left.set(LARGEST_ENTRY);
                    found = Some(map.next_value()?);
                }
                [first, below @ ..] if *first == name => found = map.next_value_seed(Member { path: below, left })?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn entries(bytes: &[u8], mapping: &str) -> Result<Vec<(u64, bool)>, String> {
        let file = std::env::temp_dir().join(format!("cartwright-import-{}", uuid::Uuid::now_v7()));
        std::fs::write(&file, bytes).unwrap();
        let rest = "\n[product]\nexternal_id = \"id\"\nname = \"n\"\n[variant]\nsku = \"id\"";
        let mapping = Mapping::parse(&format!("{mapping}{rest}")).unwrap();
        let mut found = Vec::new();
        let read = read_entries(&file, &mapping, |file| file, &mut |entry| {
            found.push((entry.row, entry.json.is_ok()));
            true
        });
        std::fs::remove_file(&file).unwrap();
        read.map(|()| found)
    }

    #[test]
    fn a_bad_line_is_told_and_the_next_is_read() {
        let lines = b"\xef\xbb\xbf{\"id\":1}\n\n{\"id\":\n{\"id\":2}";
        assert_eq!(entries(lines, "format = \"jsonl\"").unwrap(), [(1, true), (3, false), (4, true)]);
    }

    #[test]
    fn a_line_that_names_a_member_twice_is_told() {
        let lines = b"{\"id\": 1, \"id\": 2}\n{}\n";
        assert_eq!(entries(lines, "format = \"jsonl\"").unwrap(), [(1, false), (2, true)]);
    }

    #[test]
    fn a_line_that_is_too_long_is_told_and_the_next_is_read() {
        let mut lines = vec![b' '; LARGEST_ENTRY as usize + 10];
        lines.extend(b"{}\n{}\n");
        assert_eq!(entries(&lines, "format = \"jsonl\"").unwrap(), [(1, false), (2, true)]);
    }

    #[test]
    fn entries_are_found_in_a_document_wherever_they_stand() {
        let document = br#"{"before": [1, {"rows": []}], "data": {"rows": [{}, {}], "x": 1}, "after": 1}"#;
        assert_eq!(entries(document, "format = \"json\"\nitems = \"data.rows\"").unwrap(), [(1, true), (2, true)]);
        assert_eq!(entries(b"[{}]", "format = \"json\"").unwrap(), [(1, true)]);
        assert!(entries(document, "format = \"json\"\nitems = \"rows\"").is_err());
        assert!(entries(br#"{"rows": [{}, {"#, "format = \"json\"\nitems = \"rows\"").is_err());
    }

    #[test]
    fn no_name_and_no_value_beside_the_entries_can_fill_the_memory() {
        let large = "x".repeat(LARGEST_ENTRY as usize + 10);
        let mapping = "format = \"json\"\nitems = \"rows\"";
        let skipped = format!("{{\"a\": \"{large}\", \"rows\": [{{}}], \"b\": \"{large}\"}}");
        assert_eq!(entries(skipped.as_bytes(), mapping).unwrap(), [(1, true)]);
        for document in [format!("{{\"{large}\": 1}}"), format!("{{\"a\": 1, \"{large}\": 1, \"rows\": []}}")] {
            assert!(entries(document.as_bytes(), mapping).unwrap_err().contains("larger than"));
        }
        let file = std::env::temp_dir().join(format!("cartwright-import-{}", uuid::Uuid::now_v7()));
        let path: Path =
            toml::from_str::<std::collections::HashMap<String, Path>>("at = \"money.code\"").unwrap()["at"].clone();
        for (document, found) in [
            (format!("{{\"a\": \"{large}\", \"money\": {{\"b\": \"{large}\", \"code\": \"EUR\"}}}}"), Some("EUR")),
            (format!("{{\"money\": {{\"code\": \"{large}\"}}}}"), None),
            (format!("{{\"money\": {{\"a\": 1, \"{large}\": 1}}}}"), None),
        ] {
            std::fs::write(&file, document).unwrap();
            let value = find_member(&file, &path);
            assert_eq!(value.ok().flatten().as_ref().and_then(Value::as_str), found);
        }
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn gzip_is_known_by_its_first_bytes() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"{}\n{}\n").unwrap();
        let mut bytes = packed.finish().unwrap();
        assert_eq!(entries(&bytes, "format = \"jsonl\"").unwrap().len(), 2);
        bytes.truncate(bytes.len() - 4);
        assert!(entries(&bytes, "format = \"jsonl\"").is_err());
    }

    #[test]
    fn an_entry_of_a_document_cannot_fill_the_memory() {
        let mut document = br#"["#.to_vec();
        document.extend(vec![b'"'; 1]);
        document.extend(vec![b'x'; LARGEST_ENTRY as usize + 70_000]);
        document.extend(br#""]"#);
        assert!(entries(&document, "format = \"json\"").is_err());
    }
}
