//! The integration tests: the real application on a real socket, once on each database.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod support;

mod api;
mod openapi;
mod processes;
mod schema;
mod tidy;
mod verify;
