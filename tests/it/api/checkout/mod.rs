//! From cart to order: purchases, declines, what is refused.

mod cart;
mod outcome;
