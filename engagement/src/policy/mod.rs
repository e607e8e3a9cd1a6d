//! Every number that an organisation may set: weights, benchmarks, thresholds. The defaults are those of docs/scoring.md,
//! which in turn come from the two documents that the product stems from. A number that nobody may set stands with the code
//! that it belongs to.
//!
//! A policy is read as TOML by `service::policy`, which lays a file over the defaults, so every field is optional there.
//! Unknown fields are refused by name; [`Policy::validate`] refuses values that no score could be computed with.
//!
//! Each section of the policy's file has a file here, but for `target`, which is one number for each tier. A section's file
//! holds its struct, its defaults and the ranges of its numbers, so that each number that may be set stands once.
//! `in_force.rs` puts the sections together. `range.rs` says what a number may hold. `tier.rs` keeps a number for each tier.

mod alert;
mod breadth;
mod coverage;
mod currency;
mod frequency;
mod guardrail;
mod in_force;
mod pattern;
mod portfolio;
mod product;
mod quality;
mod range;
mod recommendation;
mod retention;
mod signal;
mod sponsor;
mod standing;
mod tier;
mod weights;

pub use alert::AlertPolicy;
pub use breadth::BreadthPolicy;
pub use coverage::CoveragePolicy;
pub use currency::{CurrencyError, CurrencyPolicy};
pub use frequency::{FrequencyPolicy, KindPoints};
pub use guardrail::GuardrailPolicy;
pub(crate) use in_force::DAYS_OF_A_YEAR;
pub use in_force::{Policy, ResponseClock};
pub use pattern::PatternPolicy;
pub use portfolio::PortfolioPolicy;
pub use product::ProductPolicy;
pub use quality::QualityPolicy;
pub use range::PolicyError;
pub use recommendation::RecommendationPolicy;
pub use retention::RetentionPolicy;
pub use signal::SignalPolicy;
pub use sponsor::SponsorPolicy;
pub use standing::StandingPolicy;
pub use tier::PerTier;
pub use weights::DimensionWeights;
