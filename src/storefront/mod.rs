//! What the shop says of itself to every front-end, and of the countries that it may ship to.

pub mod api;
pub mod countries;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of the storefront.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.configure(api::routes).configure(countries::api::routes);
}
