//! The guardrails about engagement that falls and relationships that hang on one person, at both sides of each threshold.

use chrono::TimeDelta;
use rapport_engagement::alert::{AlertRule, Condition};
use rapport_engagement::guardrail::engagement_fell::DailyScore;
use rapport_engagement::policy::Policy;
use rapport_engagement::vocabulary::*;

use crate::account::{Book, ENDING_ON, day};
use crate::guardrails::{Case, calm, severity_of};

use Severity::{Critical, High, Medium};

// Engagement fell.

/// A score some days before the end.
fn score(days: i64, overall: i32) -> DailyScore {
    let pattern = Some(rapport_engagement::pattern::of(overall, &Policy::default()));
    DailyScore {
        day: day(ENDING_ON) - TimeDelta::days(days),
        overall: Some(overall),
        pattern,
        provisional: false,
    }
}

fn fell(scores: &[DailyScore], renewal: Option<i64>) -> Option<Condition> {
    let case = Case {
        scores: scores.to_vec(),
        ..renewal.map_or_else(Case::default, Case::renewal)
    };
    case.hold(&calm())
        .into_iter()
        .find(|c| c.key.rule == AlertRule::EngagementFell)
}

#[test]
fn ten_points_in_four_weeks_are_a_fall() {
    let severity = |from, to| fell(&[score(28, from), score(0, to)], None).map(|c| c.severity);
    assert_eq!(severity(79, 70), None);
    assert_eq!(severity(79, 69), Some(High));
    assert_eq!(severity(69, 79), None);
    assert_eq!(
        fell(&[score(28, 79), score(0, 55)], Some(62)).unwrap().message,
        "The score fell from 79 to 55 (moderately engaged to low engaged) since 2026-09-02, in 28 days. The renewal is in 62 days."
    );
}

#[test]
fn a_fall_is_critical_when_the_renewal_is_near() {
    let severity = |days| fell(&[score(28, 79), score(0, 69)], Some(days)).map(|c| c.severity);
    assert_eq!(
        [-1, 0, 90, 91].map(severity),
        [Some(High), Some(Critical), Some(Critical), Some(High)]
    );
}

#[test]
fn a_worse_pattern_is_a_fall_on_its_second_day() {
    let with = |before: i32, scores: &[DailyScore]| {
        fell(&[&[score(29, before), score(28, before)], scores].concat(), None).is_some()
    };
    assert!(!with(64, &[score(1, 60), score(0, 59)]), "one day");
    assert!(with(64, &[score(1, 59), score(0, 59)]), "two days");
    assert!(!with(64, &[score(1, 59), score(0, 60)]), "no longer");
    assert!(
        !with(64, &[score(1, 60), score(0, 60)]),
        "fewer points, the same pattern"
    );
    assert!(
        !with(63, &[score(1, 59), score(0, 59)]),
        "four points are no fall, whatever they are called"
    );
    assert!(
        !with(63, &[score(1, 58), score(0, 59)]),
        "four points on the second day"
    );
}

#[test]
fn a_provisional_score_neither_falls_nor_is_fallen_from() {
    let provisional = |which: usize| {
        let mut scores = [score(28, 79), score(0, 59)];
        scores[which].provisional = true;
        fell(&scores, None)
    };
    assert_eq!([provisional(0), provisional(1)], [None, None]);
    let nothing = DailyScore {
        overall: None,
        pattern: None,
        ..score(0, 0)
    };
    assert_eq!(fell(&[score(28, 79), nothing], None), None);
}

#[test]
fn a_day_without_a_score_has_the_one_before_it() {
    assert!(fell(&[score(35, 79), score(0, 59)], None).is_some());
    assert_eq!(
        fell(&[score(36, 79), score(0, 59)], None),
        None,
        "too long before"
    );
    assert_eq!(fell(&[score(27, 79), score(0, 59)], None), None, "no four weeks");
    assert_eq!(
        fell(&[score(36, 79), score(8, 59)], None),
        None,
        "nothing of this week"
    );
    assert_eq!(fell(&[], None), None);
}

/// An account that was met often in one quarter and seldom in the next, and always so: with its usage of a year ago.
fn seasonal(year_ago: Option<[u32; 2]>) -> Book {
    let mut b = calm();
    b.rows.interactions.clear();
    for (month, days) in [
        ("2025-04", 8),
        ("2025-05", 8),
        ("2025-08", 2),
        ("2026-04", 8),
        ("2026-05", 8),
        ("2026-08", 2),
    ] {
        for day in 1..=days {
            b.meeting(&format!("{month}-{day:02}"), &["ana", "ben"]);
        }
    }
    b.uses_for(Some("ana"), "feature_1", "2026-04-01", 40);
    b.uses_for(Some("ana"), "feature_1", "2026-07-01", 10);
    b.rows.first_usage_days.push(day("2024-12-01"));
    b.rows.year_ago_usage = year_ago;
    b
}

#[test]
fn a_fall_against_the_window_before_is_one_unless_it_is_as_a_year_ago() {
    let found = |b: &Book| {
        Case::default()
            .hold(b)
            .into_iter()
            .find(|c| c.key.rule == AlertRule::EngagementFell)
    };
    let b = seasonal(None);
    let change = b.evaluate().change.unwrap();
    assert!(change <= -10, "{change}");
    let message = found(&b).unwrap().message;
    assert!(
        message.starts_with("The score fell from") && message.contains("the window that ended on 2026-06-30"),
        "{message}"
    );
    assert!(found(&seasonal(Some([10, 40]))).is_none(), "it was so a year ago");
    assert!(
        found(&seasonal(Some([40, 40]))).is_some(),
        "a year ago they used it on"
    );
    // Read later, for accounts whose stored scores fell, it says the same.
    let later = Case {
        year_ago_usage: Some([10, 40]),
        ..Case::default()
    };
    assert!(
        later
            .hold(&b)
            .iter()
            .all(|c| c.key.rule != AlertRule::EngagementFell)
    );
}

// One person.

#[test]
fn an_account_that_several_are_in_touch_with_hangs_on_one_person() {
    use AccountTier::{Enterprise, MidMarket, Smb};
    let severity = |tier, others: i32, renewal: Case| {
        let mut b = calm();
        b.rows.account.tier = tier;
        b.rows.interactions.clear();
        for day in 1..=9 {
            b.meeting(&format!("2026-09-{day:02}"), &["ana"]);
        }
        for day in 0..others {
            b.meeting(&format!("2026-09-{:02}", 20 + day), &["ben"]);
        }
        severity_of(&renewal.hold(&b), AlertRule::SinglePoint)
    };
    // (9 + 2)² / (81 + 4) = 1.42; (9 + 3)² / (81 + 9) = 1.6.
    assert_eq!(severity(Enterprise, 2, Case::default()), Some(Medium));
    assert_eq!(severity(Enterprise, 3, Case::default()), None);
    assert_eq!(severity(MidMarket, 2, Case::default()), Some(Medium));
    assert_eq!(
        severity(Smb, 2, Case::default()),
        None,
        "one person is a small customer"
    );
    assert_eq!(
        severity(Enterprise, 0, Case::default()),
        None,
        "single-threaded has a rule of its own"
    );
    assert_eq!(
        [0, 180, 181, -1].map(|days| severity(Enterprise, 2, Case::renewal(days))),
        [Some(High), Some(High), Some(Medium), Some(Medium)]
    );
}

// Single-threaded.

#[test]
fn an_enterprise_relationship_does_not_hang_on_one_person_before_the_renewal() {
    let severity = |tier, people: &[&str], renewal: Case| {
        let mut b = calm();
        b.rows.account.tier = tier;
        b.rows.interactions.clear();
        b.meeting("2026-09-20", people);
        severity_of(&renewal.hold(&b), AlertRule::SingleThreaded)
    };
    let enterprise = |people: &[&str], days| severity(AccountTier::Enterprise, people, Case::renewal(days));
    assert_eq!(enterprise(&["ana"], 180), Some(Medium));
    assert_eq!(enterprise(&["ana"], 181), None);
    assert_eq!(enterprise(&["ana"], 0), Some(Medium));
    assert_eq!(enterprise(&["ana"], -1), None, "past");
    assert_eq!(enterprise(&["ana", "ben"], 30), None);
    assert_eq!(enterprise(&[], 30), None, "nobody is no thread");
    assert_eq!(
        severity(AccountTier::MidMarket, &["ana"], Case::renewal(30)),
        None
    );
    assert_eq!(
        severity(AccountTier::Enterprise, &["ana"], Case::default()),
        None,
        "no renewal is known"
    );
}
