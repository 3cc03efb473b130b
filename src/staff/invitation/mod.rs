//! Invitations: how somebody comes into the staff, by a one-time token that is mailed to them.
//!
//! The token is made when the mail is rendered, so that the mail and the hash here come from one transaction; a later one
//! makes the former void. An invitation counts as long as whoever made it holds all that it gives.

mod accept;
pub mod api;
mod mailed;
mod store;
pub mod view;
mod write;

pub use accept::{Invited, accept, find_by_token};
pub use mailed::{InvitationMail, issue_token, open_for_mail};
