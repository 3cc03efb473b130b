//! Customers' address books: where they have goods and bills sent. A cart may take an address from its customer's.

pub mod api;
pub mod bodies;
mod model;
mod store;
mod view;
mod write_address;

pub use api::routes;
pub use store::{all_of, find_address, forget_customer};
pub use view::SavedAddress;
