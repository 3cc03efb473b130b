//! How the catalogue stands in a file, there and back.
//!
//! Either form ends in the same JSON for each thing, so that what a file may say is checked in one place.

mod cell;
mod columns;
mod read_rows;
mod write_rows;

use std::io;

use serde::Deserialize;
use serde_json::{Value, json};

pub use columns::Layout;

use crate::{
    catalog::portable::{Record, Summary},
    error::{Code, Result, Violation},
    http::json::from_tree,
};

/// The member that the first line of JSON lines has alone.
pub const MARK: &str = "cartwright_export";
/// The version of the form that is written; one that is larger cannot be read.
pub const VERSION: u64 = 1;

/// The kinds of things, as the member of a line and the first column of a table name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordKind {
    /// The definition of an attribute.
    Attribute,
    /// A brand.
    Brand,
    /// A category.
    Category,
    /// A product.
    Product,
    /// A collection.
    Collection,
}

/// A record, checked as strictly as a request is.
///
/// # Errors
/// 422 with every violation.
pub fn read_record(kind: RecordKind, json: Value) -> Result<Record> {
    Ok(match kind {
        RecordKind::Attribute => Record::Attribute(from_tree(json)?),
        RecordKind::Brand => Record::Brand(from_tree(json)?),
        RecordKind::Category => Record::Category(from_tree(json)?),
        RecordKind::Product => Record::Product(Box::new(from_tree(json)?)),
        RecordKind::Collection => Record::Collection(from_tree(json)?),
    })
}

/// What a line of JSON lines holds.
///
/// # Errors
/// Where it is no object with one member, which is a kind.
pub fn read_line(json: Value) -> std::result::Result<(RecordKind, Value), Violation> {
    let members = match json {
        Value::Object(members) => members,
        _ => return Err(Violation::at("#", Code::InvalidType, "A line is an object.")),
    };
    let mut members = members.into_iter();
    let (Some((name, record)), None) = (members.next(), members.next()) else {
        return Err(Violation::at("#", Code::InvalidValue, "A line has one member: what it is."));
    };
    let unknown = |_| {
        let detail = "A line is an `attribute`, a `brand`, a `category`, a `product` or a `collection`.";
        Violation::at(crate::error::member("#", &name), Code::UnknownField, detail)
    };
    Ok((serde_json::from_value(json!(name)).map_err(unknown)?, record))
}

/// Writes records in one of the forms.
pub enum RecordWriter<W: io::Write> {
    /// A line for each.
    Lines(W),
    /// A row for each, and for each further variant.
    Table(Layout, W),
}

impl<W: io::Write> RecordWriter<W> {
    /// Begins JSON lines.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub fn lines(mut out: W) -> io::Result<Self> {
        writeln!(out, "{}", json!({ MARK: VERSION }))?;
        Ok(Self::Lines(out))
    }

    /// Begins a table, for what these products have in common.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub fn table(mut out: W, summary: &Summary) -> io::Result<Self> {
        let layout = Layout::of(summary);
        // Spreadsheets take a file for one of the last century without it.
        out.write_all("\u{feff}".as_bytes())?;
        write_row(&mut out, &layout.header())?;
        Ok(Self::Table(layout, out))
    }

    /// Writes a record.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        match self {
            Self::Lines(out) => {
                serde_json::to_writer(&mut *out, record)?;
                out.write_all(b"\n")
            }
            Self::Table(layout, out) => layout.rows(record).iter().try_for_each(|row| write_row(out, row)),
        }
    }

    /// What is behind, with all records in it.
    pub fn into_inner(self) -> W {
        match self {
            Self::Lines(out) | Self::Table(_, out) => out,
        }
    }
}

/// RFC 4180.
fn write_row(out: &mut impl io::Write, row: &[String]) -> io::Result<()> {
    let mut line = String::new();
    for (place, cell) in row.iter().enumerate() {
        line.push_str(if place > 0 { "," } else { "" });
        if cell.contains(['"', ',', '\r', '\n']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
    line.push_str("\r\n");
    out.write_all(line.as_bytes())
}
