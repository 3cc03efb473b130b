//! The catalogue for the staff: everything in it, drafts and all currencies included, and the ways to change it.

pub mod attributes;
pub mod brands;
pub mod bulk;
pub mod categories;
pub mod collections;
pub mod copies;
pub mod images;
pub mod prices;
pub mod products;
pub mod states;
pub mod variants;
pub mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// The staff's routes of the catalogue.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .configure(bulk::api::routes)
        .configure(products::api::routes)
        .configure(states::api::routes)
        .configure(copies::api::routes)
        .configure(variants::api::routes)
        .configure(images::api::routes)
        .configure(prices::api::routes)
        .configure(categories::api::routes)
        .configure(brands::api::routes)
        .configure(collections::api::routes)
        .configure(attributes::api::routes);
}
