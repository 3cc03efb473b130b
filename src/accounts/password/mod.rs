//! One's own password.

pub mod api;
mod change;
