//! One's own second factor: turned on, renewed and turned off by who is logged in.

pub mod api;
mod manage;
