//! Orders: what was bought, frozen as it was bought, and what has become of it.

pub mod api;
pub mod claim;
pub mod count_sales;
pub mod forget;
pub mod model;
pub mod read;
pub mod standing;
pub mod store;
pub mod transition;
pub mod view;

pub use api::routes;
