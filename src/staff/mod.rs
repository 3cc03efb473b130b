//! The shop's staff: who they are and how they come in.

pub mod create;
mod store;
pub mod view;

pub use store::{find_member, set_email};
pub use view::StaffMember;
