//! Attribute definitions, as the staff make, change and delete them.

pub mod api;
