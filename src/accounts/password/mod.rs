//! One's own password: changed by who knows it, replaced by who has forgotten it.

pub mod api;
mod change;
mod reset;

pub(super) use change::{is_right, wrong_password};
