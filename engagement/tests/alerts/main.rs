//! The life of alerts, sentence by sentence, and what must hold for any sequence of days, conditions and people.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

mod actions;
mod ladder;
mod lifecycle;
mod properties;
mod recipients;
mod story;
