//! What people do with an alert.

use rapport_engagement::alert::action::ActionError;
use rapport_engagement::policy::AlertPolicy;
use rapport_engagement::vocabulary::*;

use crate::story::{SILENT, Story, at, day};

fn opened() -> Story {
    let mut s = Story::of(SILENT);
    s.holds(1, Severity::High);
    s
}

#[test]
fn acknowledging_twice_changes_nothing() {
    let once = opened().alert().acknowledge(at(1, 10)).unwrap();
    assert_eq!(
        (once.status, once.acknowledged_at),
        (AlertStatus::Acknowledged, Some(at(1, 10)))
    );
    assert_eq!(once.acknowledge(at(2, 10)), Ok(once));
}

#[test]
fn a_snooze_ends_after_today() {
    let s = opened();
    for until in [3, 2] {
        let refused = s.alert().snooze(day(until), day(3));
        assert_eq!(
            refused,
            Err(ActionError::SnoozeIntoThePast {
                until: day(until),
                today: day(3)
            })
        );
    }
    assert_eq!(
        s.alert().snooze(day(4), day(3)).unwrap().snoozed_until,
        Some(day(4))
    );
    let message = s.alert().snooze(day(2), day(3)).unwrap_err().to_string();
    assert_eq!(
        message,
        "`until` is 2026-11-02, which is not after today (2026-11-03)"
    );
}

#[test]
fn a_snooze_can_be_moved_and_ended() {
    let snoozed = opened().alert().snooze(day(9), day(1)).unwrap();
    assert_eq!(
        snoozed.snooze(day(5), day(1)).unwrap().snoozed_until,
        Some(day(5))
    );
    let taken_up = snoozed.acknowledge(at(2, 9)).unwrap();
    assert_eq!(
        (taken_up.status, taken_up.snoozed_until),
        (AlertStatus::Acknowledged, None)
    );
}

#[test]
fn nothing_can_be_done_to_what_is_resolved() {
    let policy = AlertPolicy::default();
    for disposition in Disposition::ALL {
        let resolved = opened()
            .alert()
            .resolve(*disposition, at(2, 9), day(2), &policy)
            .unwrap();
        assert_eq!(
            (resolved.status, resolved.disposition),
            (AlertStatus::Resolved, Some(*disposition))
        );
        assert_eq!(resolved.muted_until.is_some(), *disposition == Disposition::Noise);
        assert_eq!(
            resolved.resolve(Disposition::Acted, at(2, 9), day(2), &policy),
            Err(ActionError::AlreadyResolved)
        );
        assert_eq!(resolved.acknowledge(at(2, 9)), Err(ActionError::AlreadyResolved));
        assert_eq!(resolved.snooze(day(9), day(2)), Err(ActionError::AlreadyResolved));
    }
}
