//! SPONSOR_MISSING: no primary sponsor, or one who has been silent for twice the interval that the cadence asks for.

use super::verdict::Verdict;
use crate::measure::Measures;
use crate::policy::Policy;
use crate::vocabulary::Severity;
use crate::vocabulary::tolerance::TOLERANCE;

pub(super) fn check(m: &Measures, policy: &Policy) -> Verdict {
    let (severity, message) = find(m, policy)?;
    Some((m.served_by.at_most(severity), message))
}

fn find(m: &Measures, policy: &Policy) -> Verdict {
    if !m.has_relationship {
        return None;
    }
    let sponsorship = &m.sponsorship;
    if !sponsorship.any {
        return Some((
            Severity::Critical,
            "The account has no active sponsor, neither primary nor backup.".to_owned(),
        ));
    }
    let Some(silent) = sponsorship.primary_silent_days else {
        return Some((
            Severity::High,
            "The account has no active primary sponsor; only a backup is left.".to_owned(),
        ));
    };
    let limit = policy.signals.sponsor_intervals * policy.cadence_interval(m.tier);
    if (silent as f64) + TOLERANCE < limit {
        return None;
    }
    let limit = limit.ceil();
    let booked = sponsorship.primary_booked_on.map_or_else(String::new, |day| {
        format!(" A touch with them is booked for {day}.")
    });
    Some((
        Severity::High,
        format!(
            "The primary sponsor has not been in contact for {silent} days; the limit for the tier is {limit} days.{booked}"
        ),
    ))
}
