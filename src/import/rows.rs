//! Reads the rows of a CSV file, whatever the size of the file, and puts those together that are about one thing.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, ReaderBuilder};

use super::read::LARGEST_ENTRY;

/// Rows that stand behind each other and are about one thing.
#[derive(Debug)]
pub(super) struct Group {
    /// The line on which the first of them begins; where there is a fault, the line of that.
    pub(super) line: u64,
    /// A cell for each column.
    pub(super) rows: Vec<Vec<String>>,
    /// Why they cannot be used.
    pub(super) fault: Option<String>,
    /// Bytes of all cells.
    pub(super) size: u64,
}

/// Which rows belong together.
pub(super) trait Grouping {
    /// Whether a row is about the same as the group before it; the row may have too few cells, or too many.
    fn goes_on(&self, group: &Group, row: &[String]) -> bool;
}

/// The most rows of a group that are kept: one more than a product has variants, so that the row too many is seen.
const MOST_ROWS: usize = 1001;

/// Reads a file whose first row names the columns. `begin` is asked what these mean, before anything else is read;
/// `take` gets the groups and returns `false` to end the reading. A row with a fault spoils its group.
///
/// # Errors
/// Where the file cannot be read, or `begin` refuses the columns.
pub(super) fn read_groups<G: Grouping>(
    reader: Box<dyn BufRead>,
    delimiter: u8,
    begin: impl FnOnce(Vec<String>) -> Result<G, String>,
    mut take: impl FnMut(&G, Group) -> bool,
) -> Result<(), String> {
    let mut file = Rows::new(reader, delimiter);
    let Some((_, header, fault)) = file.next().map_err(|error| error.to_string())? else {
        return Err("the file is empty: its first row must name the columns".to_owned());
    };
    if let Some(fault) = fault {
        return Err(fault);
    }
    file.columns = Some(header.len());
    let grouping = begin(header)?;
    let mut open: Option<Group> = None;
    while let Some((line, row, fault)) = file.next().map_err(|error| error.to_string())? {
        match &mut open {
            Some(group) if grouping.goes_on(group, &row) => group.add(line, row, fault),
            _ => {
                let mut group = Group { line, rows: Vec::new(), fault: None, size: 0 };
                group.add(line, row, fault);
                if let Some(done) = open.replace(group)
                    && !take(&grouping, done)
                {
                    return Ok(());
                }
            }
        }
    }
    open.map(|group| take(&grouping, group));
    Ok(())
}

impl Group {
    fn add(&mut self, line: u64, row: Vec<String>, fault: Option<String>) {
        self.size += row.iter().map(|cell| cell.len() as u64).sum::<u64>();
        let fault =
            fault.or_else(|| (self.size > LARGEST_ENTRY).then(|| format!("This has more than {LARGEST_ENTRY} bytes.")));
        if let Some(fault) = fault.filter(|_| self.fault.is_none()) {
            self.line = line;
            self.fault = Some(fault);
        }
        // The first one is kept in any case: it says what the group is about.
        if self.rows.is_empty() || (self.fault.is_none() && self.rows.len() < MOST_ROWS) {
            self.rows.push(row);
        }
    }
}

struct Rows {
    reader: Box<dyn BufRead>,
    csv: csv_core::Reader,
    /// The bytes of a row's cells, and where in them each cell ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// How many cells there must be, once that is known.
    columns: Option<usize>,
}

/// A row: its line, its cells, and what is wrong with it.
type Row = (u64, Vec<String>, Option<String>);

impl Rows {
    fn new(reader: Box<dyn BufRead>, delimiter: u8) -> Self {
        let csv = ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, csv, bytes: vec![0; 4096], ends: vec![0; 64], columns: None }
    }

    fn next(&mut self) -> io::Result<Option<Row>> {
        self.skip_empty_lines()?;
        let line = self.csv.line();
        let Some(cells) = self.read()? else { return Ok(None) };
        let starts = std::iter::once(0).chain(self.ends[..cells].iter().copied());
        let cells: Vec<&[u8]> = starts
            .zip(&self.ends[..cells])
            .map(|(start, end)| self.bytes.get(start..*end).unwrap_or_default())
            .collect();
        let fault = match self.columns {
            _ if cells.iter().any(|it| std::str::from_utf8(it).is_err()) => Some(format!("Line {line} is not UTF-8.")),
            Some(columns) if columns != cells.len() => {
                Some(format!("Line {line} has {} cells; the first row has {columns}.", cells.len()))
            }
            _ => None,
        };
        let cells = cells.into_iter().map(|it| String::from_utf8_lossy(it).into_owned()).collect();
        Ok(Some((line, cells, fault)))
    }

    /// So that the line of a row is that on which it begins.
    fn skip_empty_lines(&mut self) -> io::Result<()> {
        while let Some(byte) = self.reader.fill_buf()?.first().copied().filter(|it| matches!(it, b'\r' | b'\n')) {
            self.reader.consume(1);
            if byte == b'\n' {
                self.csv.set_line(self.csv.line() + 1);
            }
        }
        Ok(())
    }

    /// Reads a row into `bytes` and `ends`, and says how many cells it has; `None` where there is none.
    fn read(&mut self) -> io::Result<Option<usize>> {
        let (mut length, mut cells) = (0, 0);
        loop {
            let input = self.reader.fill_buf()?;
            let (result, read, written, ended) =
                self.csv.read_record(input, &mut self.bytes[length..], &mut self.ends[cells..]);
            self.reader.consume(read);
            length += written;
            cells += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if length as u64 >= LARGEST_ENTRY => {
                    return Err(io::Error::other(format!("a row is larger than {LARGEST_ENTRY} bytes")));
                }
                ReadRecordResult::OutputFull => self.bytes.resize(2 * self.bytes.len(), 0),
                ReadRecordResult::OutputEndsFull if cells as u64 >= LARGEST_ENTRY => {
                    return Err(io::Error::other(format!("a row has more than {LARGEST_ENTRY} cells")));
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record => return Ok(Some(cells)),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows whose first cells are the same, or empty.
    struct ByFirst;

    impl Grouping for ByFirst {
        fn goes_on(&self, group: &Group, row: &[String]) -> bool {
            row.first().is_none_or(|it| it.is_empty() || Some(it) == group.rows[0].first())
        }
    }

    fn groups(bytes: &[u8], delimiter: u8) -> Result<Vec<(u64, usize, Option<String>)>, String> {
        let mut found = Vec::new();
        let reader = Box::new(io::Cursor::new(bytes.to_vec()));
        let begin = |header: Vec<String>| if header[0] == "id" { Ok(ByFirst) } else { Err(header[0].clone()) };
        let read = read_groups(reader, delimiter, begin, |_, group| {
            found.push((group.line, group.rows.len(), group.fault));
            true
        });
        read.map(|()| found)
    }

    #[test]
    fn rows_about_one_thing_are_put_together() {
        let text = "\u{feff}\"id\";n\r\na;1\r\na;\"2\n;\"\"3\"\"\"\r\n;3\r\n\r\nb;4\r\na;5";
        let found = groups(text.as_bytes(), b';').unwrap();
        assert_eq!(found.iter().map(|it| (it.0, it.1)).collect::<Vec<_>>(), [(2, 3), (7, 1), (8, 1)]);
    }

    #[test]
    fn a_row_with_a_fault_spoils_its_group_and_no_other() {
        let found = groups(b"id,n\na,1\na\n,2\nb,1\nc,1,2\nd,\xff\ne,1\n", b',').unwrap();
        let faults: Vec<(u64, bool)> = found.iter().map(|it| (it.0, it.2.is_some())).collect();
        assert_eq!(faults, [(3, true), (5, false), (6, true), (7, true), (8, false)]);
        assert_eq!(found[0].2.as_deref(), Some("Line 3 has 1 cells; the first row has 2."));
        assert_eq!(found[3].2.as_deref(), Some("Line 7 is not UTF-8."));
    }

    #[test]
    fn what_cannot_be_read_at_all_is_an_error() {
        assert!(groups(b"", b',').unwrap_err().contains("empty"));
        assert_eq!(groups(b"name,id\n", b',').unwrap_err(), "name");
        assert!(groups(b"id\xff,n\n", b',').is_err());
        let mut open_quote = b"id,n\na,\"".to_vec();
        open_quote.resize(LARGEST_ENTRY as usize + 100_000, b'x');
        assert!(groups(&open_quote, b',').unwrap_err().contains("larger than"));
    }

    #[test]
    fn a_group_cannot_fill_the_memory() {
        let mut rows = b"id,n\n".to_vec();
        (0..1200).for_each(|_| rows.extend(b"a,1\n"));
        assert_eq!(groups(&rows, b',').unwrap(), [(2, MOST_ROWS, None)]);
        let large = "x".repeat(LARGEST_ENTRY as usize / 2);
        let found = groups(format!("id,n\na,{large}\na,{large}\na,{large}\nb,1\n").as_bytes(), b',').unwrap();
        assert_eq!(found.iter().map(|it| (it.1, it.2.is_some())).collect::<Vec<_>>(), [(1, true), (1, false)]);
    }
}
