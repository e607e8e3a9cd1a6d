//! Everything done to the database, as plain functions over a connection, one file per aggregate.
//!
//! Rows become domain types here and nowhere else. Every function that touches business rows takes [`access::Access`],
//! so that every caller has authorization; every write goes through [`db::Db::write_tx`].

pub mod access;
pub mod account;
pub mod clock;
pub mod db;
pub mod departure;
pub mod dialect;
pub mod error;
pub mod ids;
pub mod ingest;
pub mod installation;
pub mod job_run;
pub mod money;
pub mod page;
pub mod policy;
mod schema;
mod stored;
pub mod token;
pub mod user;
