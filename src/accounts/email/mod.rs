//! One's own e-mail address: shown to be one's own, and changed.

pub mod api;
mod change;
mod confirm;

pub(super) use confirm::confirmed;
