//! The shop's staff: who they are, how they come in and what they may do; and the keys of other systems.
//!
//! Nobody gives or takes rights that they do not hold, in whatever way; and the last admin stays.

pub mod api;
mod authority;
mod change;
pub mod create;
pub mod invitation;
pub mod keys;
pub mod roles;
mod store;
pub mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub use store::{find_member, set_email};
pub use view::StaffMember;

/// The routes of the staff, of their roles and invitations, and of API keys.
pub fn routes(service: &mut ServiceConfig<'_>) {
    // What stands below `/admin/staff` by name comes before what stands there by id.
    service.configure(invitation::api::routes).configure(api::routes);
    service.configure(roles::api::routes).configure(keys::api::routes);
}
