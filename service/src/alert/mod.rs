//! Alerts: what is wrong, who was told, and what became of it. What happens to an alert is decided in the domain
//! (`engagement::alert`); here it is read, written, and said to whom it concerns.

mod answer;
pub(crate) mod escalation;
pub(crate) mod evaluation;
mod facts;
pub(crate) mod feed;
pub(crate) mod installation;
pub(crate) mod joining;
mod list;
mod managers;
pub(crate) mod recipients;
pub(crate) mod round;
pub(crate) mod stored;
mod succession;
pub(crate) mod within;

pub use answer::{acknowledge, resolve, snooze};
pub use evaluation::AlertCounts;
pub use list::{
    AlertFilter, AlertOrder, AlertOrderField, Usefulness, by_ids, list, pages_of, standing, usefulness,
};
pub use stored::StoredAlert;
pub use succession::{Stakes, Succession};
