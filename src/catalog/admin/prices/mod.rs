//! Prices, as the staff see and set them.

pub mod api;
