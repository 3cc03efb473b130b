//! Categories, as the staff make, move and delete them.

pub mod api;
