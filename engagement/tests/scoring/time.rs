//! Windows, zones, history, trend: what counts when.

use chrono_tz::Tz;
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;

use crate::account::{Book, at, day};

#[test]
fn a_window_is_closed_at_its_start_and_open_at_its_end() {
    let mut b = Book::mid_market();
    for when in [
        "2026-06-30T23:59",
        "2026-07-01T00:00",
        "2026-09-30T23:59",
        "2026-10-01T00:00",
    ] {
        b.meeting(when, &[]);
    }
    assert_eq!(b.evaluate().current.measures.meetings, 2);
}

#[test]
fn an_interaction_falls_on_the_day_of_the_organisations_zone() {
    let mut b = Book::mid_market();
    b.zone = Tz::Asia__Kolkata;
    b.contact("ana", "", None);
    b.meeting("2026-08-01T20:00", &["ana"]);
    assert_eq!(
        b.evaluate().current.touches[0].last_touch_on,
        Some(day("2026-08-02"))
    );
}

#[test]
fn nothing_older_than_two_years_changes_anything() {
    let mut b = Book::mid_market();
    b.contact("ana", "", None);
    b.meeting("2024-09-30T23:59", &["ana"]);
    let e = b.evaluate();
    assert_eq!(
        (e.assessment.overall, e.current.touches[0].last_touch_on),
        (None, None)
    );
    b.meeting("2024-10-01T00:00", &["ana"]);
    assert!(b.evaluate().assessment.overall.is_some());
}

#[test]
fn a_new_account_has_no_previous_score() {
    let mut b = Book::mid_market();
    b.contact("ana", "", None);
    b.meeting("2026-09-10", &["ana"]);
    b.meeting("2026-09-11", &["ana"]);
    let e = b.evaluate();
    assert_eq!(
        (e.trend, e.previous_overall, e.change),
        (Some(Trend::New), None, None)
    );
    assert_eq!(e.assessment.provisional, Some(ProvisionalReason::NewAccount));
    // 30 days since the first fact.
    b.meeting("2026-08-31", &["ana"]);
    assert_eq!(b.evaluate().assessment.provisional, None);
    b.meeting("2026-06-30", &["ana"]);
    assert_ne!(b.evaluate().trend, Some(Trend::New));
}

#[test]
fn the_previous_overall_is_that_reports_overall() {
    let b = crate::worked_example::hollis_freight();
    let now = b.evaluate();
    let then = b.evaluate_on("2026-06-30");
    assert_eq!(now.previous_assessment, then.assessment);
}

#[test]
fn planned_ones_are_no_facts() {
    let mut b = Book::mid_market();
    b.contact("ana", "", None);
    b.interaction(
        InteractionKind::Meeting,
        Direction::Outbound,
        InteractionStatus::Scheduled,
        "2026-08-01",
    )
    .with("ana");
    let e = b.evaluate();
    assert_eq!(
        (e.assessment.overall, e.current.measures.first_fact_on),
        (None, None)
    );
}

#[test]
fn today_counts_up_to_now() {
    let mut b = Book::mid_market();
    b.contact("ana", "", None);
    b.uses(Some("ana"), "feature_1", "2026-08-15");
    b.meeting("2026-08-15T09:00", &["ana"]);
    b.meeting("2026-08-15T11:00", &["ana"]);
    let e = b.evaluate_in(&Windows::at(at("2026-08-15T10:00"), Tz::UTC, Period::Quarterly));
    assert_eq!(
        (e.current.measures.meetings, e.current.measures.active_users),
        (1, 1)
    );
}
