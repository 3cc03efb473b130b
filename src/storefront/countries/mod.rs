//! The countries: what they are called, whether the shop ships there, and how addresses are written in each.

pub mod api;
pub mod view;
