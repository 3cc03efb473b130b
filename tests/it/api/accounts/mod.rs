//! Accounts: registering, logging in, staying logged in, one's own profile, and leaving.

mod callers;
mod erasure;
mod log_in;
mod me;
mod registration;
mod sessions;
