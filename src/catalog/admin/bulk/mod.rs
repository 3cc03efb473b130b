//! Many changes to products in one request, each of them by itself.

pub mod api;
pub mod body;
