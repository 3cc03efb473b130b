//! Accounts: registering, logging in, staying logged in, one's own profile, and leaving.

mod callers;
mod carts;
mod cookie;
mod devices;
mod erasure;
mod export;
mod forged_tokens;
mod log_in;
mod me;
mod passwords;
mod registration;
mod second_factor;
mod sessions;
