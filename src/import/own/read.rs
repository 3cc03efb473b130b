//! Reads an export: JSON lines or a table.

use std::{
    fs::File,
    io::{self, BufRead, Read},
    path::Path,
};

use serde_json::Value;

use super::OwnRow;
use crate::{
    error::{Code, Error, Violation, member},
    export::form::{self, Layout, RecordKind},
    import::{
        read::{Entry, open, read_lines},
        rows::{Group, Grouping, read_groups},
    },
};

/// The most bytes of a line that is looked at to see what the file is.
const FIRST_LINE: u64 = 64 * 1024;

/// In which form an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) enum Form {
    Lines,
    /// With this between its cells: a spreadsheet may have saved it with another than we did.
    Table(u8),
}

/// The form of a file by its first line, if it is an export.
///
/// # Errors
/// Where it cannot be read, or was written by a version that is not known here.
pub(in crate::import) fn form_of(file: &Path) -> Result<Option<Form>, String> {
    let mut line = Vec::new();
    let reader = open(file, |file| file).map_err(|error| error.to_string())?;
    reader.take(FIRST_LINE).read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line);
    if let Ok(Value::Object(members)) = serde_json::from_slice(line)
        && let Some(version) = members.get(form::MARK)
    {
        let known = version.as_u64().is_some_and(|it| (1..=form::VERSION).contains(&it));
        return if known { Ok(Some(Form::Lines)) } else { Err(format!("version {version} of the form is not known")) };
    }
    let named = [b"type".as_slice(), b"\"type\""].into_iter().find_map(|name| line.strip_prefix(name));
    Ok(named.and_then(|rest| rest.first()).filter(|it| b",;\t".contains(it)).map(|it| Form::Table(*it)))
}

impl Grouping for Layout {
    fn goes_on(&self, _: &Group, row: &[String]) -> bool {
        Layout::goes_on(self, row)
    }
}

/// Reads every record of the file; `take` gets them with their bytes in the file, and returns `false` to end the reading.
///
/// # Errors
/// Where the file cannot be read, or a table has not the columns that it must have.
pub(super) fn read_own<R: Read + 'static>(
    file: &Path,
    form: Form,
    through: impl FnOnce(File) -> R,
    take: &mut dyn FnMut(OwnRow, u64) -> bool,
) -> Result<(), String> {
    let reader = open(file, through).map_err(|error| error.to_string())?;
    match form {
        Form::Lines => {
            // The first line says what the file is, and is none of its records.
            let mut take = |entry: Entry| {
                let size = entry.size;
                match entry.row {
                    1 => beside_the_mark(&entry).is_none_or(|row| take(row, size)),
                    _ => take(row_of_line(entry), size),
                }
            };
            read_lines(reader, &mut take).map_err(|error: io::Error| error.to_string())
        }
        Form::Table(delimiter) => {
            let begin = |header: Vec<String>| Layout::read(&header);
            read_groups(reader, delimiter, begin, |layout, group| {
                let size = group.size;
                take(row_of_group(layout, group), size)
            })
        }
    }
}

/// What the first line says besides what the file is: nobody knows how it was meant.
fn beside_the_mark(entry: &Entry) -> Option<OwnRow> {
    let members = entry.json.as_ref().ok()?.as_object()?;
    let unknown = members.keys().filter(|name| *name != form::MARK);
    let unknown: Vec<Violation> = unknown
        .map(|name| {
            let detail = format!("The first line has the member `{}` alone.", form::MARK);
            Violation::at(member("#", name), Code::UnknownField, detail)
        })
        .collect();
    (!unknown.is_empty()).then_some(OwnRow { number: entry.row, name: None, record: Err(unknown) })
}

fn row_of_line(Entry { row, json, .. }: Entry) -> OwnRow {
    let read = match json {
        Ok(json) => form::read_line(json).map_err(|violation| vec![violation]),
        Err((code, reason)) => Err(vec![Violation::at("#", code, reason)]),
    };
    row_of(row, read)
}

fn row_of_group(layout: &Layout, group: Group) -> OwnRow {
    let read = match group.fault {
        Some(fault) => Err(vec![Violation::at("#", Code::InvalidFormat, fault)]),
        None => layout.record(&group.rows),
    };
    row_of(group.line, read)
}

fn row_of(number: u64, read: Result<(RecordKind, Value), Vec<Violation>>) -> OwnRow {
    let (kind, json) = match read {
        Ok(read) => read,
        Err(violations) => return OwnRow { number, name: None, record: Err(violations) },
    };
    let name = ["external_id", "slug", "key"].into_iter().find_map(|name| json.get(name)?.as_str()).map(str::to_owned);
    OwnRow { number, name, record: form::read_record(kind, json).map_err(violations_of) }
}

/// What an error of the catalogue says of a row. A failure of ours is told as one of the row here; where rows are
/// written, it ends the import.
pub(super) fn violations_of(error: Error) -> Vec<Violation> {
    match error {
        Error::Problem(problem) if problem.errors.is_empty() => {
            vec![Violation::at("#", problem.code, problem.detail)]
        }
        Error::Problem(problem) => problem.errors,
        other => vec![Violation::at("#", Code::InvalidValue, other.to_string())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(bytes: &[u8]) -> Result<Option<Form>, String> {
        let file = std::env::temp_dir().join(format!("cartwright-own-{}", uuid::Uuid::now_v7()));
        std::fs::write(&file, bytes).unwrap();
        let form = form_of(&file);
        std::fs::remove_file(&file).unwrap();
        form
    }

    #[test]
    fn a_file_says_in_its_first_line_what_it_is() {
        for (text, expected) in [
            ("{\"cartwright_export\":1}\n{}", Some(Form::Lines)),
            ("\u{feff}{ \"cartwright_export\" : 1 }", Some(Form::Lines)),
            ("\u{feff}type,slug", Some(Form::Table(b','))),
            ("\"type\";\"slug\"", Some(Form::Table(b';'))),
            ("type\tslug\n", Some(Form::Table(b'\t'))),
            ("types,slug", None),
            ("type", None),
            ("{\"id\": 1}", None),
            ("", None),
        ] {
            assert_eq!(form(text.as_bytes()).unwrap(), expected, "{text}");
        }
        assert!(form(b"{\"cartwright_export\": 2}").unwrap_err().contains("version 2"));
    }
}
