//! What the staff does with orders and stock: orchestrates other features, and owns no table.

pub mod api;
pub mod inventory;
pub mod ship_order;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of orders and of stock.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.configure(api::routes).configure(inventory::api::routes);
}
