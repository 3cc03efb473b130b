//! The carts of a customer's account.

pub mod api;
pub mod store;
