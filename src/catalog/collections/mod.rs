//! Collections: products that the shop shows together, put in one by one or by rules.
//!
//! What meets the rules is looked up when somebody asks, by the conditions that lists and searches are narrowed by
//! anyway: no copy of it is kept that could be older than the products.

pub mod api;
pub mod membership;
pub mod named;
pub mod rules;
pub mod store;
pub mod view;
pub mod write_collection;
