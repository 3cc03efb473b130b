//! What the staff write down of a customer.

pub mod api;
pub(in crate::accounts) mod store;
pub mod view;
