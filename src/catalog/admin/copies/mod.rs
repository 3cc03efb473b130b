//! Products made like others.

pub mod api;
