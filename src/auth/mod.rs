//! Who calls: passwords, tokens, and what they prove.

pub mod access_token;
pub mod api_keys;
pub mod authenticate;
pub mod caller;
pub mod extract;
mod forwarded_client;
pub mod logins;
pub mod password;
pub mod password_queue;
pub mod refresh_cookie;
pub mod remembered;
pub mod rights;
pub mod second_factor;
pub mod secret;
pub mod session;
