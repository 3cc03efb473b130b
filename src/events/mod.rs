//! What has happened: one table, written in the transaction of the change, read in one order by whoever follows it.

pub mod follow;
pub mod record;
pub mod tell;

pub use record::{EventType, record};
