//! Groups of customers.

pub mod api;
mod store;
pub mod view;
