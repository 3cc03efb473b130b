//! Words that mean the same, as the staff keep them.

pub mod api;
