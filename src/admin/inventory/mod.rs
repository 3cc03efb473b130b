//! Stock for the staff: what they count and adjust is shown to shoppers in the same transaction.

pub mod api;
