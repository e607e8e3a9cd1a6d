//! How one cause gets one alert.
//!
//! While the alert of a departure stands, it speaks for the missing sponsor and the missing backup. Executives who are
//! silent raise the alert of the missing sponsor and open none beside it.

use crate::alert::lifecycle::{Conditions, EvaluationDay, Finding, standing, stands_after};
use crate::alert::{Alert, AlertRule, Condition};
use crate::policy::Policy;
use crate::vocabulary::{Severity, Signal};

const SPONSOR_MISSING: AlertRule = AlertRule::Signal(Signal::SponsorMissing);

/// While the alert of a departure stands, it speaks for the missing sponsor and for the missing backup.
pub(super) fn cover_by_departure<I>(
    conditions: &mut Conditions,
    alerts: &[(I, Alert)],
    evaluation: &EvaluationDay,
    policy: &Policy,
) {
    let stands = alerts
        .iter()
        .any(|(_, alert)| alert.key.rule == AlertRule::SponsorDeparted && alert.is_unresolved());
    let will_stand = || {
        let mut departures = conditions
            .hold
            .iter()
            .filter(|condition| condition.key.rule == AlertRule::SponsorDeparted);
        departures.any(|found| {
            stands_after(
                standing(alerts, &found.key),
                Finding::Holds(found),
                evaluation,
                &policy.alerts,
            )
        })
    };
    if stands || will_stand() {
        conditions
            .covered
            .extend([SPONSOR_MISSING, AlertRule::BackupMissing]);
    }
}

/// Executives who are silent raise the alert of the missing sponsor instead of opening a second one: unless a departure keeps
/// that from being opened.
pub(super) fn raise_sponsor_missing<I>(conditions: &mut Conditions, alerts: &[(I, Alert)]) {
    let place =
        |hold: &[Condition], rule: AlertRule| hold.iter().position(|condition| condition.key.rule == rule);
    let Some(missing) = place(&conditions.hold, SPONSOR_MISSING) else {
        return;
    };
    let stands = standing(alerts, &conditions.hold[missing].key).is_some_and(Alert::is_unresolved);
    if conditions.covered.contains(&SPONSOR_MISSING) && !stands {
        return;
    }
    let mut raised = conditions.hold.swap_remove(missing);
    if let Some(silent) = place(&conditions.hold, AlertRule::ExecutiveNoContact) {
        let silent = conditions.hold.swap_remove(silent);
        raise(&mut raised.severity, &mut raised.message, &silent);
    }
    conditions.hold.push(raised);
}

pub(super) fn raise(severity: &mut Severity, message: &mut String, silent: &Condition) {
    *severity = (*severity).max(silent.severity);
    *message = format!("{message} {}", silent.message);
}
