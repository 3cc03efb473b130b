//! The audit log: what concerns the security of accounts and of the shop, written in the transaction of what it tells,
//! never changed, read by staff who hold `audit:read`.
//!
//! What is done to the catalogue is none of it: the event table tells every change of a product, and other systems make
//! thousands of them a day, among which nobody would see a log-in.
//!
//! An entry holds ids and codes in clear. From where it was done is personal: it is sealed with the key of the person
//! concerned, and gone when that person is erased.

pub mod api;
mod record;
mod seal_anew;
mod store;
pub mod view;

pub use api::routes;
pub use record::{Action, By, Entry, Outcome, record};
pub use seal_anew::seal_anew;
