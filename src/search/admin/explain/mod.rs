//! Why a search finds what it finds.

pub mod api;
