//! What the shop sells: products with their variants, prices, images, categories and brands.

pub mod admin;
pub mod api;
pub mod attribute_definition;
pub mod availability;
pub mod change_product;
pub mod classification;
pub mod clone_product;
pub mod collections;
pub mod condition;
pub mod create_product;
pub mod delete_product;
pub mod description;
pub mod documented;
pub mod draft;
pub mod edit_product;
pub mod few;
pub mod filterable;
pub mod find_or_create;
pub mod former_slugs;
pub mod image_view;
pub mod indexing;
pub mod list;
mod list_by_state;
mod list_popular;
mod list_priced;
pub mod model;
pub mod named;
pub mod orphaned_images;
pub mod parts;
pub mod popularity;
pub mod portable;
mod restate_variants;
pub mod rules;
pub mod schedule;
pub mod sellable;
pub mod set_prices;
pub mod stale_slugs;
pub mod store;
mod taken;
pub mod taxonomy;
pub mod taxonomy_view;
pub mod tree;
pub mod typed;
mod value_slug;
pub mod variants;
pub mod view;
pub mod write_brand;
pub mod write_category;
pub mod write_image;
pub mod write_variant;

use utoipa_actix_web::service_config::ServiceConfig;

/// The catalogue's routes: those of everybody, and those of the staff.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.configure(api::routes).configure(collections::api::routes).configure(admin::routes);
}
