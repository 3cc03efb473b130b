//! The HTTP edge: strict input, problem documents, entity tags, idempotency, and the one middleware around them.

pub mod access_log;
pub mod answer;
pub mod answer_cache;
pub mod client_address;
mod compression;
pub mod cors;
pub mod cursor;
pub mod edge;
pub mod etag;
pub mod form;
pub mod header;
pub mod idempotency;
pub mod json;
mod kept_form;
pub mod listing;
pub mod multipart;
pub mod openapi;
pub mod path;
pub mod problem;
pub mod query;
pub mod range;
pub mod rate_limit;
pub mod routes;
mod unread;
mod validate;
