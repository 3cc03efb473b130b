//! What the tests stand on: the running application, its callers, its goods, and a database for each test.

mod actors;
mod app;
mod client;
mod damage;
mod database;
mod document;
mod files;
mod goods;
mod post;
mod premises;
mod process;
mod purchase;
mod raw;
mod secrets;
mod shared_data;
mod statements;

pub(crate) use actors::{Member, PASSWORD};
pub(crate) use app::{FRONT_END, PUBLIC_URL, TestApp};
pub(crate) use client::{Answer, Client, Request};
pub(crate) use database::{Backend, Folder, TestDatabase};
pub(crate) use document::{Operation, operations, resolved};
pub(crate) use files::Imported;
pub(crate) use goods::{Product, ProductInShop};
pub(crate) use post::{MailServer, Manner};
pub(crate) use premises::Premises;
pub(crate) use process::within;
pub(crate) use purchase::{Buyer, Purchase, address};
pub(crate) use raw::read_answer;
pub(crate) use secrets::secrets_in;
pub(crate) use shared_data::shared_data;

/// Makes a test twice: plain on SQLite, and on PostgreSQL where `TEST_DATABASE_URL` names a cluster.
///
/// ```ignore
/// backend_test!(an_order_outlives_its_server, |backend| { … });
/// ```
macro_rules! backend_test {
    ($name:ident, $scenario:expr) => {
        mod $name {
            #[allow(unused_imports, reason = "what the scenario uses")]
            use super::*;

            const SCENARIO: fn($crate::support::Backend) = $scenario;

            #[test]
            fn on_sqlite() {
                SCENARIO($crate::support::Backend::Sqlite);
            }

            #[test]
            #[ignore = "needs PostgreSQL: TEST_DATABASE_URL"]
            fn on_postgres() {
                SCENARIO($crate::support::Backend::Postgres);
            }
        }
    };
}
pub(crate) use backend_test;

/// Makes a test of the application twice, as [`backend_test`] does; with `REPLICAS` a third time, on PostgreSQL, where
/// those who come at once come in by two processes; with `LIMITED` the application limits how often one may ask.
///
/// ```ignore
/// api_test!(a_product_is_found_by_its_slug, |app| { … });
/// api_test!(the_last_unit_is_sold_once, REPLICAS, |app| { … });
/// api_test!(who_asks_too_often_waits, LIMITED, |app| { … });
/// api_test!(no_naughty_text_breaks_it, SHARED_DATA, |app| { … });
/// ```
macro_rules! api_test {
    ($name:ident, $scenario:expr) => {
        $crate::support::backend_test!($name, |backend| $crate::support::TestApp::run(backend, $scenario));
    };
    ($name:ident, LIMITED, $scenario:expr) => {
        $crate::support::backend_test!($name, |backend| $crate::support::TestApp::run_limited(backend, $scenario));
    };
    ($name:ident, REPLICAS, $scenario:expr) => {
        mod $name {
            #[allow(unused_imports, reason = "what the scenario uses")]
            use super::*;

            const SCENARIO: fn(&$crate::support::TestApp) = $scenario;

            #[test]
            fn on_sqlite() {
                $crate::support::TestApp::run($crate::support::Backend::Sqlite, SCENARIO);
            }

            #[test]
            #[ignore = "needs PostgreSQL: TEST_DATABASE_URL"]
            fn on_postgres() {
                $crate::support::TestApp::run($crate::support::Backend::Postgres, SCENARIO);
            }

            #[test]
            #[ignore = "needs PostgreSQL: TEST_DATABASE_URL"]
            fn on_two_processes() {
                $crate::support::TestApp::run_with_replicas(SCENARIO);
            }
        }
    };
    ($name:ident, SHARED_DATA, $scenario:expr) => {
        mod $name {
            #[allow(unused_imports, reason = "what the scenario uses")]
            use super::*;

            const SCENARIO: fn(&$crate::support::TestApp) = $scenario;

            #[test]
            #[ignore = "needs SHARED_DATA"]
            fn on_sqlite() {
                $crate::support::TestApp::run($crate::support::Backend::Sqlite, SCENARIO);
            }

            #[test]
            #[ignore = "needs SHARED_DATA, and PostgreSQL: TEST_DATABASE_URL"]
            fn on_postgres() {
                $crate::support::TestApp::run($crate::support::Backend::Postgres, SCENARIO);
            }
        }
    };
}
pub(crate) use api_test;
