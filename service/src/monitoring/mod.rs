//! What operators and their Prometheus see: what this process has done ([`Meters`]), how things stand in the database
//! ([`Vitals`]), and whether this process can do its work ([`Monitor`] answers `/metrics` and `/readyz` with all of it).
//!
//! The values of labels are words of ours: never anything that came from a client, no address, no id of a row. So the
//! number of series is bounded, and a scrape tells nobody anything about anybody.

pub mod diagnosis;
mod exposition;
mod heartbeat;
mod meters;
mod monitor;
mod process;
mod vitals;

pub use meters::{MailOutcome, Meters, SlotOutcome};
pub use monitor::{Check, Monitor};
pub use vitals::{JobVitals, ScheduledJob, Since, Vitals};

/// The media type of what [`Monitor::scrape`] returns.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
