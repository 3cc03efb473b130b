//! Takes in what `export` has written, without a mapping.
//!
//! A record says everything of its thing, and the thing becomes what the record says. What was exported is exported the
//! same again.

mod images;
mod read;
mod write;

pub(super) use read::form_of;
pub(super) use write::{Source, run};

use crate::{catalog::portable::Record, error::Violation};

/// A record of the file.
#[derive(Debug)]
pub(super) struct OwnRow {
    /// The line on which it begins, from 1.
    number: u64,
    /// For the report: its external id, or else the name by which it is found.
    name: Option<String>,
    record: Result<Record, Vec<Violation>>,
}
