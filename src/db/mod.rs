//! The two databases behind one door.

pub mod columns;
