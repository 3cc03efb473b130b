//! The whole catalogue as a file: JSON lines, or one table for a spreadsheet, with the images in a folder beside it.
//!
//! `import` reads both. What is exported, imported into an empty shop and exported again is the same to the last byte,
//! whichever databases the two shops have: the order is that in which things were made, and nothing is in it that an
//! import could not set.

pub mod form;
mod images;
mod out;
mod run;

pub use run::{Counts, ExportArguments, FileFormat, images_beside, run};
