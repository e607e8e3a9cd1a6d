//! Everything done to the database, as plain functions over a connection, one file per aggregate.
//!
//! Rows become domain types here and nowhere else. Every function that touches business rows takes [`access::Access`],
//! so that every caller has authorization; every write goes through [`db::Db::write_tx`].

pub mod access;
pub mod account;
pub mod alert;
pub mod assessment;
pub mod audit;
pub mod backup;
pub mod clock;
pub mod contact;
pub mod db;
mod departure;
pub mod diagnosis;
pub mod dialect;
pub mod digest;
pub mod digest_preferences;
pub mod engagement_rows;
pub mod erasure;
pub mod error;
pub mod goal;
mod heartbeat;
pub mod idempotency;
pub mod ids;
pub mod ingest;
pub mod installation;
pub mod interaction;
pub mod job_batch;
pub mod job_run;
pub mod link;
mod mask;
pub mod metric;
pub use engagement::money;
pub mod monitoring;
pub mod org_change;
pub mod outbox;
pub mod outreach;
pub mod page;
mod pages_by_account;
pub mod policy;
pub mod portfolio;
pub mod primary_sponsor;
pub mod prune;
pub mod recompute;
pub mod report;
pub mod rights;
mod schema;
pub mod settings;
mod spoken;
pub mod sponsor_level;
pub mod sponsor_report;
pub mod sponsorship;
mod stored;
pub mod team;
pub mod token;
pub mod touched;
pub mod user;
