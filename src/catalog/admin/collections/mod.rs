//! Collections, as the staff make, change and delete them.

pub mod api;
mod body;
