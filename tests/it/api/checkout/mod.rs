//! From cart to order: purchases, declines, what is refused, and what happens when many come at once.

mod cart;
mod outcome;
mod race;
