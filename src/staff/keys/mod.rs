//! API keys, as the staff give them out and take them back.

pub mod api;
pub mod view;
mod write;
