//! What front-ends rely on, asked over HTTP.

mod access;
mod accounts;
mod addresses;
mod admin;
mod audit;
mod checkout;
mod customers;
mod edge;
mod exporting;
mod facets;
mod importing;
mod importing_tables;
mod kept;
mod limits;
mod mail;
mod pages;
mod races;
mod scheduled;
mod search;
mod seeded;
mod staff;
mod statements;
