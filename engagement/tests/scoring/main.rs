//! The scoring rules, rule by rule, through the public path: rows → measure → score.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::float_cmp,
    reason = "a test may fail loudly, and what it compares is exact"
)]

mod account;
mod breadth;
mod bus_factor;
mod chance;
mod digest;
mod escalation;
mod guardrails;
mod guardrails_of_engagement;
mod plan;
mod portfolio;
mod product;
mod properties;
mod quality;
mod recommendation_texts;
mod recommendations;
mod report;
mod report_stories;
mod retention;
mod score_definitions;
mod score_properties;
mod seasons;
mod signals;
mod sponsor_definitions;
mod sponsor_properties;
mod sponsor_report;
mod sponsors;
mod standing;
mod standing_definitions;
mod standing_properties;
mod standing_reasons;
mod stories;
mod support_surge;
mod time;
mod worked_example;
