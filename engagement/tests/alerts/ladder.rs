//! Who is told, and when.

use rapport_engagement::alert::AlertRule;
use rapport_engagement::alert::ladder::{Rung, due};
use rapport_engagement::vocabulary::*;

use crate::story::{SILENT, Story, at};

use Rung::{Escalation, Managers, Team};
use Severity::{Critical, High, Low, Medium};

impl Story {
    /// What is due at an hour of a day; it is mailed at once.
    fn climb(&mut self, day: i64, hour: i64) -> Vec<Rung> {
        let rungs = due(self.alert(), at(day, hour), &self.policy);
        let climbed = self.alert().climbed(&rungs);
        *self.alerts.last_mut().unwrap() = climbed;
        rungs
    }
}

#[test]
fn a_critical_alert_climbs_while_nobody_takes_it_up() {
    let mut s = Story::of(SILENT);
    s.holds(1, Critical);
    assert_eq!(s.climb(1, 9), [Team], "at once");
    assert_eq!(s.climb(2, 8), []);
    assert_eq!(s.climb(2, 9), [Managers], "after 24 hours");
    assert_eq!(s.climb(4, 8), []);
    assert_eq!(s.climb(4, 9), [Escalation], "after 72 hours");
    assert_eq!(s.climb(30, 9), [], "and once only");
}

#[test]
fn rungs_that_nobody_looked_at_are_made_up_for() {
    let mut s = Story::of(SILENT);
    s.holds(1, Critical);
    assert_eq!(s.climb(3, 9), [Team, Managers]);
    assert_eq!(s.climb(9, 9), [Escalation]);
}

#[test]
fn only_critical_climbs() {
    for severity in [Low, Medium, High] {
        let mut s = Story::of(SILENT);
        s.holds(1, severity);
        assert_eq!(s.climb(9, 9), [], "{severity}");
    }
}

#[test]
fn a_baseline_does_not_climb_unless_it_becomes_critical_later() {
    let mut s = Story::of_new_account(SILENT);
    s.holds(1, Critical);
    assert_eq!(s.climb(9, 9), []);

    let mut s = Story::of_new_account(SILENT);
    s.holds(1, High);
    s.holds(2, Critical);
    assert!(s.alert().baseline);
    assert_eq!(s.climb(2, 9), [Team]);
}

#[test]
fn a_departure_tells_all_three_at_once_whoever_left() {
    for severity in [Critical, High] {
        let mut s = Story::of(AlertRule::SponsorDeparted);
        s.holds(1, severity);
        assert_eq!(s.climb(1, 9), [Team, Managers, Escalation], "{severity}");
        assert_eq!(s.climb(9, 9), []);
    }
}

#[test]
fn taking_it_up_putting_it_off_and_ending_it_stop_the_ladder() {
    let stopped = |stop: fn(&mut Story)| {
        let mut s = Story::of(SILENT);
        s.holds(1, Critical);
        s.climb(1, 9);
        stop(&mut s);
        s.climb(9, 9)
    };
    assert_eq!(stopped(|_| {}), [Managers, Escalation]);
    assert_eq!(stopped(|s| s.acknowledge(1, 10)), []);
    assert_eq!(stopped(|s| s.snooze(1, 20)), []);
    assert_eq!(stopped(|s| s.resolve(1, Disposition::Acted)), []);
}

#[test]
fn what_becomes_critical_is_new_for_the_ladder() {
    let mut s = Story::of(SILENT);
    s.holds(1, High);
    s.acknowledge(1, 10);
    s.holds(20, Critical);
    assert_eq!(s.climb(20, 9), [Team]);
    assert_eq!(s.climb(21, 9), [Managers]);
}

#[test]
fn each_rise_to_critical_is_new_for_the_ladder() {
    let mut s = Story::of(SILENT);
    s.holds(1, Critical);
    assert_eq!(s.climb(1, 9), [Team]);
    s.holds(2, High);
    assert_eq!(s.climb(2, 12), [], "while it is less it does not climb");
    s.holds(3, Critical);
    assert_eq!(s.climb(3, 9), [Team]);
    assert_eq!(s.climb(4, 8), []);
    assert_eq!(s.climb(4, 9), [Managers], "the waiting began anew");

    s.acknowledge(4, 10);
    s.holds(5, Critical);
    assert_eq!(
        s.status(),
        AlertStatus::Acknowledged,
        "what stays CRITICAL has not risen"
    );
    s.holds(6, High);
    s.holds(7, Critical);
    assert_eq!(s.status(), AlertStatus::Open, "it was taken up when it was less");
    assert_eq!(s.climb(7, 9), [Team]);
}

#[test]
fn a_snooze_that_is_over_begins_the_ladder_anew() {
    let mut s = Story::of(SILENT);
    s.holds(1, Critical);
    s.climb(3, 9);
    s.snooze(3, 10);
    s.holds(10, Critical);
    assert_eq!(s.climb(10, 9), [Team]);
    assert_eq!(s.climb(11, 9), [Managers]);
}

#[test]
fn a_reopened_alert_begins_the_ladder_anew() {
    let mut s = Story::of(SILENT);
    s.holds(1, Critical);
    s.climb(1, 9);
    s.clear(2);
    s.clear(3);
    s.holds(4, Critical);
    assert_eq!(s.climb(4, 9), [Team]);
}
