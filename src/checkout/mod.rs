//! From cart to order: place, charge, settle, and make sure that nothing is ever paid and forgotten.
//!
//! 1. `place_order`, one transaction: the cart closes, stock is held, order and payment are written.
//! 2. The provider is asked, outside any transaction.
//! 3. `settle`, one transaction: what the provider said is booked.
//!
//! Client, webhook and sweeper all end in the same [`settle`](settle::settle), and a repeat changes nothing.

pub mod api;
pub mod charge;
pub mod give_up;
pub mod place_order;
pub mod refund;
pub mod settle;
pub mod sweep;

pub use api::routes;
