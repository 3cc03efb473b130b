//! What front-ends rely on, asked over HTTP.

mod checkout;
mod accounts;
mod edge;
mod races;
