//! The four dimensions, each a weighted mean of components: the second step, from numbers to scores.
//!
//! What cannot be measured is left out and says why; it is never counted as zero. Every component is monotone in the
//! numbers it is made of (docs/scoring.md § 3), which the property tests hold.

mod breadth;
mod frequency;
mod product;
mod quality;

pub(crate) use frequency::points;
pub use frequency::{capped_points, outbound_points, uncapped_points, window_points};

use serde::Serialize;

use crate::measure::Measures;
use crate::policy::Policy;
use crate::vocabulary::{Component, Dimension, ServedBy};

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
pub struct Reading {
    /// What was measured; absent where there is nothing to show (no answer has no time).
    pub value: Option<f64>,
    /// In what.
    pub unit: Unit,
    /// The value that scores 100.
    pub benchmark: f64,
    /// The score from 0 to 100, or why there is none.
    pub score: Result<f64, String>,
}

impl Reading {
    fn measured(value: f64, unit: Unit, benchmark: f64, score: f64) -> Self {
        Self { value: Some(value), unit, benchmark, score: Ok(score) }
    }

    fn missing(unit: Unit, benchmark: f64, why: String) -> Self {
        Self { value: None, unit, benchmark, score: Err(why) }
    }

    /// The share of a benchmark, at most 100.
    fn share_of(value: f64, unit: Unit, benchmark: f64) -> Self {
        Self::measured(value, unit, benchmark, 100.0 * (value / benchmark).min(1.0))
    }
}

/// Reads a component out of the numbers.
pub fn read(component: Component, m: &Measures, policy: &Policy) -> Reading {
    match component {
        Component::Activity => frequency::activity(m, policy),
        Component::ResponseRate => quality::response_rate(m, policy),
        Component::ResponseTime => quality::response_time(m, policy),
        Component::MeetingParticipation => quality::meeting_participation(m, policy),
        Component::StrategicShare => quality::strategic_share(m, policy),
        Component::Stakeholders => breadth::stakeholders(m, policy),
        Component::Departments => breadth::departments(m, policy),
        Component::Executives => breadth::executives(m, policy),
        Component::FeatureAdoption => product::feature_adoption(m, policy),
        Component::PowerUsers => product::power_users(m, policy),
    }
}

/// Why a whole dimension cannot be measured, if it cannot.
pub fn missing(dimension: Dimension, m: &Measures) -> Option<&'static str> {
    match dimension {
        Dimension::Frequency | Dimension::Quality | Dimension::Breadth if !m.has_interactions => Some("no interactions"),
        // No relationship is not a bad one: whom a partner or the pool serves is not ours to meet.
        Dimension::Frequency | Dimension::Quality | Dimension::Breadth
            if !m.has_two_way || (m.served_by != ServedBy::Direct && !m.has_two_way_in_span) =>
        {
            Some("nobody of theirs has been in contact")
        }
        Dimension::Breadth if !m.has_contacts => Some("no contacts"),
        Dimension::Product if !m.has_usage => Some("no usage data"),
        Dimension::Product if m.catalogue == 0 => Some("no features in the catalogue"),
        _ => None,
    }
}
