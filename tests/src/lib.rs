//! The harness of the whole-system tests: a database per test, built by the real migrations, on both databases.
//!
//! ```text
//! rapport_tests::on_both_databases! {
//!     async fn an_account_is_found_by_its_external_id(db: TestDb) { … }
//! }
//! ```
//! makes two tests, `an_account_is_found_by_its_external_id::sqlite` and `…::postgres`. No test sleeps and none reads the
//! wall clock: [`TestDb::clock`] stands still until a test moves it.
#![expect(
    clippy::expect_used,
    reason = "a harness that cannot set the stage must stop the test, saying why"
)]

mod database;
pub mod mail;
mod postgres;
pub mod proxy;
pub mod smtp;
mod sqlite;

pub use database::{Kind, TestDb, run};
pub use postgres::Cluster;

/// Makes, of each async function over a [`TestDb`], one test on SQLite and one on PostgreSQL.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: TestDb) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn body($db: &$crate::TestDb) $body

            #[test]
            fn sqlite() {
                $crate::run($crate::Kind::Sqlite, body);
            }

            #[test]
            fn postgres() {
                $crate::run($crate::Kind::Postgres, body);
            }
        }
    )+};
}
