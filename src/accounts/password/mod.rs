//! One's own password: changed by who knows it, replaced by who has forgotten it.

pub mod api;
mod change;
mod choose;
mod reset;

pub(super) use change::{is_right, wrong_password};
pub(super) use choose::{hash_chosen, is_same, read_with_name};
