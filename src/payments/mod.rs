//! Payments: what the shop asks of a payment provider, the providers, and the guard that keeps card numbers out.
//!
//! A provider never sees the shop's database, and the shop never sees a card number.

pub mod ledger;
pub mod provider;
pub mod providers;
pub mod sandbox;
pub mod store;
pub mod view;
