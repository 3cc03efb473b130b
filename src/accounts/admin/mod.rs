//! Customers as the staff see them: found, changed, kept out, erased; their groups, and what is noted of them.

pub mod api;
mod change;
pub mod groups;
pub mod notes;
mod store;
pub mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) use store::{forget_customer, view as view_of};

/// The staff's routes for customers.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.configure(api::routes).configure(notes::api::routes).configure(groups::api::routes);
}
