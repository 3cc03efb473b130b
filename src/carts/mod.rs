//! Carts: what a shopper means to buy, priced afresh at each read.

mod addresses;
pub mod api;
pub mod attempt;
pub mod bodies;
pub mod change;
pub mod forget;
pub mod merge;
pub mod model;
pub mod own;
pub mod priced;
pub mod store;
pub mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Carts' routes.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.configure(api::routes).configure(own::api::routes);
}
