//! The staff's routes of images.
pub mod api;
pub mod body;
