//! Carts: what a shopper means to buy, priced afresh at each read.

pub mod api;
pub mod attempt;
pub mod bodies;
pub mod change;
pub mod forget;
pub mod merge;
pub mod model;
pub mod priced;
pub mod store;
pub mod view;

pub use api::routes;
