//! The whole back end of an online shop behind a JSON REST API.
//!
//! The modules stand in reading order: what everything uses first, then the edges, then the features.

pub mod error;
pub mod ids;
pub mod money;
pub mod time;

pub mod db;

pub mod media;
pub mod search;
