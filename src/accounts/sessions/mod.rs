//! A customer's sessions, as they see them: on which devices they are logged in.

pub mod api;
pub mod view;
