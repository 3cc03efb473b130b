//! What the shop sells: products with their variants, prices, images, categories and brands.

pub mod api;
pub mod availability;
pub mod change_product;
pub mod create_product;
pub mod delete_product;
pub mod documented;
pub mod draft;
pub mod edit_product;
pub mod list;
pub mod model;
pub mod sellable;
pub mod rules;
pub mod set_prices;
pub mod store;
pub mod tree;
pub mod view;
pub mod write_variant;

pub use api::routes;
