//! The four dimensions, each a weighted mean of components: the second step, from numbers to scores.
//!
//! What cannot be measured is left out and says why; it is never counted as zero. Every component is monotone in the
//! numbers it is made of (docs/scoring.md § 3), which the property tests hold.

mod breadth;
mod frequency;
mod product;
mod quality;
mod reading;

pub(crate) use frequency::points;
pub(crate) use frequency::{outbound_points, uncapped_points, window_points};
pub use reading::{ComponentReading, Unit};

use crate::measure::Measures;
use crate::policy::Policy;
use crate::vocabulary::{Component, Dimension, ServedBy};

/// Reads a component out of the numbers.
pub fn read(component: Component, m: &Measures, policy: &Policy) -> ComponentReading {
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
        Dimension::Frequency | Dimension::Quality | Dimension::Breadth if !m.has_interactions => {
            Some("no interactions")
        }
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
