//! The sessions of a customer or a member of the staff, as they see them: on which devices they are logged in.

pub mod api;
pub mod view;
