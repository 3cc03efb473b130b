//! Customers' accounts: registering, logging in and out, one's own profile, and leaving for good.

pub mod api;
pub mod erase;
pub mod register;
pub mod sign_in;
mod store;
pub mod view;

pub use api::routes;
