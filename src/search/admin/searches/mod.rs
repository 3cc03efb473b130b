//! What people search for.

pub mod api;
