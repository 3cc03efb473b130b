//! Customers' accounts: registering, logging in and out, one's own profile, leaving for good; and how the staff see them.

pub mod admin;
pub mod api;
pub mod email;
pub mod erase;
mod evenly;
pub mod export;
pub mod invitation;
pub mod password;
pub mod register;
pub mod second_factor;
pub mod sessions;
pub mod sign_in;
mod store;
mod verification;
pub mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Accounts' routes.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .configure(api::routes)
        .configure(sign_in::api::routes)
        .configure(second_factor::api::routes)
        .configure(sessions::api::routes)
        .configure(password::api::routes)
        .configure(email::api::routes)
        .configure(invitation::api::routes)
        .configure(export::api::routes)
        .configure(admin::routes);
}
