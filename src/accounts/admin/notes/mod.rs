//! What the staff write down of a customer.

pub mod api;
mod store;
pub mod view;
