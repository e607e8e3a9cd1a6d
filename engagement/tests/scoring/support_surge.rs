//! SUPPORT_SURGE, each clause at both sides of its threshold.

use chrono::TimeDelta;
use chrono_tz::Tz;
use rapport_engagement::row::Interaction;
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;

use crate::account::{Book, at, day};
use crate::signals::quiet;

use InteractionKind::Email;
use InteractionStatus::{Canceled, Completed};

/// So many requests for support up to a day, hours apart.
fn ask(b: &mut Book, count: i64, newest: &str) {
    for n in 0..count {
        b.interaction(Email, Direction::Inbound, Completed, newest)
            .from("ana")
            .purpose(Purpose::Operational);
        b.rows.interactions.last_mut().unwrap().occurred_at -= TimeDelta::hours(n);
    }
}

/// A support storm: 31 requests in the window of 92 days are 10.1 per 30 days.
fn storm(recent: i64, earlier: i64, before: i64) -> Book {
    let mut b = quiet();
    b.meeting("2026-06-15", &["ana"]);
    ask(&mut b, recent, "2026-09-15T12:00");
    ask(&mut b, earlier, "2026-08-15T12:00");
    ask(&mut b, before, "2026-05-15T12:00");
    b
}

fn surge(b: &Book) -> Option<Severity> {
    b.signals()
        .into_iter()
        .find(|(signal, _)| *signal == Signal::SupportSurge)
        .map(|(_, severity)| severity)
}

#[test]
fn support_surge() {
    // 10 per 30 days are 30.67 of 92.
    assert_eq!(
        [surge(&storm(30, 0, 0)), surge(&storm(31, 0, 0))],
        [None, Some(Severity::Medium)]
    );
    // 1.5 times as many as before: 21 of 91 days are 6.92 per 30, which asks for 10.38 per 30, 31.8 of 92.
    assert_eq!(
        [surge(&storm(31, 0, 21)), surge(&storm(32, 0, 21))],
        [None, Some(Severity::Medium)]
    );
    // Still running: 10 in the last 30 days.
    assert_eq!(
        [surge(&storm(9, 30, 0)), surge(&storm(10, 30, 0))],
        [None, Some(Severity::Medium)]
    );
    // The last 30 days begin on 1 September.
    let asked_on = |first: &str| {
        let mut b = storm(9, 30, 0);
        ask(&mut b, 1, first);
        surge(&b)
    };
    assert_eq!(
        [asked_on("2026-08-31T23:59"), asked_on("2026-09-01T00:00")],
        [None, Some(Severity::Medium)]
    );
    // And 1.5 times as many as before in those 30 days: 30 of 91 days are 9.89 per 30; 15 are enough, 14 are not.
    assert_eq!(
        [surge(&storm(14, 40, 30)), surge(&storm(15, 40, 30))],
        [None, Some(Severity::Medium)]
    );
}

#[test]
fn a_surge_counts_what_they_asked_whoever_it_names() {
    let edited = |edit: fn(&mut Interaction)| {
        let mut b = storm(31, 0, 0);
        edit(b.rows.interactions.last_mut().unwrap());
        surge(&b)
    };
    assert_eq!(
        edited(|i| i.from_contact = None),
        Some(Severity::Medium),
        "nameless requests count"
    );
    assert_eq!(edited(|i| i.direction = Direction::Outbound), None);
    assert_eq!(edited(|i| i.purpose = Some(Purpose::Tactical)), None);
    assert_eq!(edited(|i| i.purpose = None), None);
    assert_eq!(edited(|i| i.status = Canceled), None);
}

#[test]
fn a_surge_needs_to_be_known_from_before() {
    let mut b = storm(31, 0, 0);
    b.rows
        .interactions
        .retain(|i| i.occurred_at >= at("2026-07-01T00:00"));
    assert_eq!(surge(&b), None, "every account asks at first");
    b.uses(None, "feature_1", "2026-06-30");
    assert_eq!(surge(&b), Some(Severity::Medium));
}

#[test]
fn a_surge_is_high_with_the_renewal_near() {
    let at_renewal = |on: &str| {
        let mut b = storm(31, 0, 0);
        b.renews(on);
        surge(&b)
    };
    // 180 days after 30 September is 29 March.
    assert_eq!(
        [at_renewal("2026-09-30"), at_renewal("2027-03-29")],
        [Some(Severity::High); 2]
    );
    assert_eq!(
        [
            at_renewal("2026-09-29"),
            at_renewal("2027-03-30"),
            at_renewal("1970-01-01")
        ],
        [Some(Severity::Medium); 3]
    );
}

#[test]
fn they_stopped_asking_because_they_stopped_using() {
    // 40 requests, none of them recent; 62 days of use before the last 30 days, and some in them.
    let surged = |recent_days: i64| {
        let mut b = storm(0, 40, 0);
        b.uses_for(Some("ana"), "feature_1", "2026-07-01", 62);
        b.uses_for(Some("ana"), "feature_1", "2026-09-01", recent_days);
        surge(&b)
    };
    // With 22 of 84 days: 22 < 0.8 · 84 · 30 / 92 = 21.9 does not hold; with 21 of 83: 21 < 21.65 does.
    assert_eq!(
        [surged(22), surged(21), surged(0)],
        [None, Some(Severity::Medium), Some(Severity::Medium)]
    );
    // Without any usage at all nobody has stopped.
    assert_eq!(surge(&storm(0, 40, 0)), None);
}

#[test]
fn the_last_thirty_days_may_begin_before_a_short_month() {
    // February 2026 has 28 days: 30 and 31 January count, too.
    let surged = |days: &[&str]| {
        let mut b = quiet();
        b.rows.interactions.clear();
        b.meeting("2025-12-15", &["ana"]);
        ask(&mut b, 10, "2026-02-05T12:00");
        for day in 1..=5 {
            b.uses(Some("ana"), "feature_1", &format!("2026-02-0{day}"));
        }
        for day in days {
            b.uses(Some("ana"), "feature_1", day);
        }
        let m = b
            .evaluate_in(&Windows::new(
                day("2026-02-28"),
                at("2030-01-01"),
                Tz::UTC,
                Period::Monthly,
            ))
            .current
            .measures;
        (m.usage_days, m.recent_usage_days)
    };
    assert_eq!(surged(&["2026-01-29"]), (5, 5));
    assert_eq!(surged(&["2026-01-30", "2026-01-31"]), (5, 7));
}
