//! Invitations: how somebody comes into the staff, by a one-time token that is mailed to them.
//!
//! An invitation counts as long as whoever made it holds all that it gives.

mod accept;
pub mod api;
mod store;
pub mod view;
mod write;

pub use accept::{accept, find_by_token};
