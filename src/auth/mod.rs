//! Who calls: passwords, tokens, and what they prove.

pub mod access_token;
pub mod password;
pub mod password_queue;
pub mod secret;
