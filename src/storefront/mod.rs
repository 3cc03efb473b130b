//! What the shop says of itself to every front-end.

pub mod api;

pub use api::routes;
