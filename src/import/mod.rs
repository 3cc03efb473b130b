//! Takes a catalogue in from a file: one in somebody else's form, which a mapping explains, or an export of a shop.
//!
//! Products match by external id, variants by SKU. What the file does not name stays, so that the same file twice
//! changes nothing, an interrupted import is simply run again, and no sale is undone.

mod attributes;
mod batch;
mod fields;
mod images;
mod mapping;
mod own;
mod path;
mod pointers;
mod read;
mod report;
mod row;
mod rows;
mod run;
mod seen;
mod table;
mod write_product;

pub use report::Counts;
pub use run::{ImportArguments, run};
