//! Roles: those that come with the shop, and the shop's own.

pub mod api;
pub(super) mod store;
pub mod view;
mod write;

pub(super) use write::named_in_body;
