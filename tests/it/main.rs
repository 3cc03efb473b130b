//! The integration tests: the real application on a real socket, once on each database.

mod support;

mod api;
mod openapi;
mod schema;
mod tidy;
