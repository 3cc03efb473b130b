//! Accepting an invitation into the staff, which begins a session.

pub mod api;
