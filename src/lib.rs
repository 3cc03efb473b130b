//! The whole back end of an online shop behind a JSON REST API.
//!
//! The modules stand in reading order: what everything uses first, then the edges, then the features.

pub mod address;
pub mod card_data;
pub mod config;
pub mod country;
pub mod data_dir;
pub mod digest;
pub mod email;
pub mod error;
pub mod ids;
pub mod keys;
pub mod log_writer;
pub mod money;
pub mod page;
pub mod patch;
pub mod text;
pub mod time;

pub mod db;
pub mod http;
pub mod shop;

pub mod events;
pub mod vault;

pub mod accounts;
pub mod address_book;
pub mod admin;
pub mod audit;
pub mod auth;
pub mod carts;
pub mod catalog;
pub mod checkout;
pub mod demo;
pub mod export;
pub mod import;
pub mod inventory;
pub mod mail;
pub mod media;
pub mod orders;
pub mod payments;
pub mod pricing;
pub mod search;
pub mod seed;
pub mod shipping;
pub mod staff;
pub mod storefront;
pub mod tax;

pub mod app;
pub mod health;
pub mod pages;
pub mod rotate_keys;
pub mod verify;
