//! What the shop sells: products with their variants, prices, images, categories and brands.

pub mod api;
pub mod availability;
pub mod indexing;
pub mod create_product;
pub mod draft;
pub mod list;
pub mod model;
pub mod sellable;
pub mod rules;
pub mod store;
pub mod tree;
pub mod view;

pub use api::routes;
