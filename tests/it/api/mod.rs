//! What front-ends rely on, asked over HTTP.

mod access;
mod accounts;
mod addresses;
mod admin;
mod audit;
mod checkout;
mod collections;
mod customers;
mod demo;
mod edge;
mod explained;
mod facets;
mod importing;
mod kept;
mod limits;
mod mail;
mod pages;
mod popularity;
mod races;
mod scheduled;
mod search;
mod searched;
mod seeded;
mod staff;
mod statements;
mod synonyms;
