//! What the staff does with orders: orchestrates other features, and owns no table.

pub mod api;
pub mod ship_order;

pub use api::routes;
