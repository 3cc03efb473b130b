//! The rules that hold for every endpoint (section 1 of the contract).

mod bodies;
mod conditions;
mod cursors;
mod headers;
mod methods;
mod naughty;
mod queries;
mod ranges;
pub(super) mod samples;
mod wire;
