//! What a component shows before it is weighed: its value, the benchmark of that value, and the score or why there is none.
//!
//! A component that cannot be measured carries a reason in place of a score. It never carries zero.

use serde::Serialize;

/// In what a component's value is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Unit {
    /// Activity points per 30 days.
    #[serde(rename = "POINTS_PER_30_DAYS")]
    #[cfg_attr(feature = "graphql", graphql(name = "POINTS_PER_30_DAYS"))]
    PointsPer30Days,
    /// A share from 0 to 1.
    Share,
    /// Hours.
    Hours,
    /// Contacts.
    Contacts,
    /// Departments.
    Departments,
    /// Executives.
    Executives,
    /// Features of the catalogue.
    Features,
    /// Users of the product.
    Users,
}

/// What a component shows, before it is weighed.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentReading {
    /// What was measured; absent where there is nothing to show (no answer has no time).
    pub value: Option<f64>,
    /// In what.
    pub unit: Unit,
    /// The value that scores 100.
    pub benchmark: f64,
    /// The score from 0 to 100, or why there is none.
    pub score: Result<f64, String>,
}

impl ComponentReading {
    pub(super) fn measured(value: f64, unit: Unit, benchmark: f64, score: f64) -> Self {
        Self {
            value: Some(value),
            unit,
            benchmark,
            score: Ok(score),
        }
    }

    pub(super) fn missing(unit: Unit, benchmark: f64, why: String) -> Self {
        Self {
            value: None,
            unit,
            benchmark,
            score: Err(why),
        }
    }

    /// The share of a benchmark, at most 100.
    pub(super) fn share_of(value: f64, unit: Unit, benchmark: f64) -> Self {
        Self::measured(value, unit, benchmark, 100.0 * (value / benchmark).min(1.0))
    }
}
