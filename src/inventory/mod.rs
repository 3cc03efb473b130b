//! Stock: what stands on the shelf, what is reserved, and an append-only ledger of why it changed.
//!
//! Every function takes the caller's transaction. Rows are locked in the order of variant ids, so that two that want
//! the same variants cannot wait for each other. What stock amounts to for shoppers is the catalogue's to say: whoever
//! changes stock asks it to, in the same transaction.

pub mod adjust;
pub mod count;
pub mod ledger;
mod movement;
pub mod remove;
pub mod reserve;
pub mod store;
pub mod view;

pub use remove::remove;
pub use reserve::{Demand, Shortage, allocate, release, reserve, ship};
pub use store::{available_units, create_stock, units_on_hand};
