//! Quality: do they answer, how fast, do they come, and is it about strategy.

use super::reading::{ComponentReading, Unit};
use crate::measure::Measures;
use crate::policy::Policy;

/// "too few: 1 of 3".
fn too_few(what: &str, have: f64, need: u32) -> Option<String> {
    (have < f64::from(need)).then(|| format!("too few {what}: {have} of {need}"))
}

pub(super) fn response_rate(m: &Measures, policy: &Policy) -> ComponentReading {
    match too_few("outreaches", m.outreaches, policy.quality.min_outreaches) {
        Some(why) => ComponentReading::missing(Unit::Share, 1.0, why),
        None => ComponentReading::share_of(m.answered / m.outreaches, Unit::Share, 1.0),
    }
}

pub(super) fn response_time(m: &Measures, policy: &Policy) -> ComponentReading {
    let benchmark = policy.quality.response_full_hours;
    match too_few("outreaches", m.outreaches, policy.quality.min_outreaches) {
        Some(why) => ComponentReading::missing(Unit::Hours, benchmark, why),
        // Without a single answer there is no time to show, but silence scores 0.
        None => ComponentReading {
            value: m.response_hours,
            unit: Unit::Hours,
            benchmark,
            score: Ok(100.0 * m.response_credit / m.outreaches),
        },
    }
}

pub(super) fn meeting_participation(m: &Measures, policy: &Policy) -> ComponentReading {
    match too_few("meetings due", m.meetings_due, policy.quality.min_meetings_due) {
        Some(why) => ComponentReading::missing(Unit::Share, 1.0, why),
        None => ComponentReading::share_of(m.meetings_held / m.meetings_due, Unit::Share, 1.0),
    }
}

pub(super) fn strategic_share(m: &Measures, policy: &Policy) -> ComponentReading {
    let benchmark = policy.quality.strategic_share;
    if let Some(why) = too_few(
        "classified conversations",
        m.classified,
        policy.quality.min_classified,
    ) {
        return ComponentReading::missing(Unit::Share, benchmark, why);
    }
    if m.classified < policy.quality.min_classified_share * m.conversations {
        let why = format!(
            "too few classified: {} of {} conversations",
            m.classified, m.conversations
        );
        return ComponentReading::missing(Unit::Share, benchmark, why);
    }
    ComponentReading::share_of(m.strategic / m.classified, Unit::Share, benchmark)
}
