//! Where the shop ships to, how, and for how much: zones of countries with their options.

pub mod api;
pub mod model;
mod store;
pub mod write_zone;

pub use api::routes;
pub use model::{DeliveryDays, NewOption, NewZone, ShippingOption, Zone, ZoneOption};
pub use store::{find_option, options_for, served_countries};
pub use write_zone::create as create_zone;
