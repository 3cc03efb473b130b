//! Tax rates: one for each country that the shop charges tax for.

pub mod api;
pub mod change_rate;
pub mod model;
mod store;

pub use api::routes;
pub use change_rate::create as create_rate;
pub use model::{NewTaxRate, TaxRate};
pub use store::rate_for;
