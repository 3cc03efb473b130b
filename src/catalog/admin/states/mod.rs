//! Products taken off the shop and put back into it.

pub mod api;
