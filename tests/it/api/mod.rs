//! What front-ends rely on, asked over HTTP.

mod edge;
mod races;
