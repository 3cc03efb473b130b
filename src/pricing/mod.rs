//! What a cart costs, and why: the pricing engine, a pure function without connection or clock.
//!
//! Checkout and each read of a cart call the same [`quote`]; its trace is what `GET /carts/{cart_id}/explain` prints.

mod engine;
mod model;
mod rate;
mod trace;

pub use engine::quote;
pub use model::{LineInput, Quote, QuoteInput, QuotedLine, TaxLine, TaxRule, Totals};
pub use rate::{NotARate, Rate};
pub use trace::{Rounding, Step, TaxMethod};

#[cfg(test)]
mod tests;
