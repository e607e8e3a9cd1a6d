//! Everything done to the database, as plain functions over a connection, in folders that lie on floors: a folder uses
//! those below it and none above (`tests/house` holds it). From the top:
//!
//! | floor | folders |
//! | --- | --- |
//! | 10 | [`ingest`] files, [`mail`] what mails say and what becomes of them, [`monitoring`] whether all goes well |
//! | 9 | [`change`] what people do, [`job`] what the worker does, [`link`] what links in mails open |
//! | 8 | [`alert`] what is wrong and who is told, [`digest`] each week's news, [`report`] reports |
//! | 7 | [`outbox`] the queue of messages, [`scoring`] from rows to stored scores, [`token`] who comes with which token |
//! | 6 | [`engagement_rows`] the rows that a score is made of |
//! | 5 | [`record`] one file per aggregate |
//! | 4 | [`access`] who asks, what they may see and do |
//! | 3 | [`sql`] how statements are written |
//! | 2 | [`db`] connections and transactions |
//! | 1 | [`clock`], [`error`], [`ids`], [`policy`], [`settings`] |
//!
//! Rows become domain types here and nowhere else. Every function that touches business rows takes [`access::Access`],
//! so that every caller has authorization; every write goes through [`db::Db::write_tx`].

pub mod access;
pub mod alert;
pub mod change;
pub mod clock;
pub mod db;
pub mod digest;
pub mod engagement_rows;
pub mod error;
pub mod ids;
pub mod ingest;
pub mod job;
pub mod link;
pub mod mail;
pub mod monitoring;
pub mod outbox;
pub mod policy;
pub mod record;
pub mod report;
pub mod scoring;
pub mod settings;
pub mod sql;
pub mod token;
pub use engagement::money;
