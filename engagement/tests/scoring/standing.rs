//! The standing: every rule of the conclusion, and which reasons explain without deciding.

use chrono::TimeDelta;
use chrono_tz::Tz;
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;

use crate::account::{Book, ENDING_ON, at, day};
use crate::standing_reasons::{silent, thinned};

use InteractionKind::Meeting;
use InteractionStatus::Declined;
use OrgChangeKind::{Layoff, MergerAcquisition, RoleChange};
use StandingReason::{Organisation, Score, Signals, SponsorChanged, SponsorDeclines};
use StandingState::{AtRisk, NotKnown, OnTrack, Watch};

/// A day, so many days before the last one.
pub fn ago(days: i64) -> String {
    (day(ENDING_ON) - TimeDelta::days(days)).to_string()
}

/// A mid-market account that is going well: four people met in turn once a week for 400 days, the product used every day,
/// and the sponsor, Ana, last met two days ago. There is no renewal date.
pub fn well() -> Book {
    let mut b = Book::mid_market();
    b.contact("ana", "Operations", Some(Seniority::Vp))
        .contact("ben", "IT", None);
    b.contact("cho", "Finance", None).contact("dev", "Sales", None);
    b.sponsor("ana", SponsorRank::Primary, "2024-01-15", None);
    b.rows.initiatives = vec![Alignment::High];
    for week in 0..57 {
        let purpose = if week % 2 == 0 {
            Purpose::Strategic
        } else {
            Purpose::Tactical
        };
        b.meeting(
            &ago(2 + 7 * week),
            &[["ana", "ben", "cho", "dev"][week as usize % 4]],
        )
        .purpose(purpose);
    }
    for n in 1..=7 {
        b.uses_for(Some("cho"), &format!("feature_{n}"), "2026-04-01", 183);
    }
    b.usage_feed(ENDING_ON);
    b
}

pub fn has(b: &Book, reason: StandingReason) -> bool {
    b.reasons().contains(&reason)
}

/// What is held with somebody, after so many days ago.
pub fn forget(b: &mut Book, name: &str, since_days_ago: i64) {
    let (place, from) = (b.place(name), at(&format!("{}T00:00", ago(since_days_ago))));
    b.rows
        .interactions
        .retain(|i| i.occurred_at < from || i.participants.iter().all(|p| p.contact != place));
}

#[test]
fn an_account_that_is_going_well_is_on_track() {
    let b = well();
    let e = b.evaluate();
    assert_eq!(
        (e.assessment.pattern, e.signals.len(), e.change),
        (Some(Pattern::HighlyEngaged), 0, Some(0))
    );
    assert_eq!(b.sponsors().level, EngagementLevel::Engaged);
    assert_eq!((b.state(), b.reasons()), (OnTrack, vec![]));
}

#[test]
fn customers_only() {
    let standing = |change: fn(&mut Book)| {
        let mut b = well();
        change(&mut b);
        b.evaluate().standing.map(|standing| standing.state)
    };
    assert_eq!(
        standing(|b| b.rows.account.churned_on = Some(day("2026-09-30"))),
        None
    );
    assert_eq!(
        standing(|b| b.rows.account.churned_on = Some(day("2026-10-01"))),
        Some(OnTrack)
    );
    assert_eq!(standing(|b| b.rows.account.status = AccountStatus::Churned), None);
}

#[test]
fn a_score_explains_and_never_decides() {
    let with = |highly: i32, moderately: i32, low: i32| {
        let mut b = well();
        let pattern = &mut b.policy.pattern;
        (
            pattern.highly_engaged,
            pattern.moderately_engaged,
            pattern.low_engaged,
        ) = (highly, moderately, low);
        b
    };
    let overall = well().evaluate().assessment.rounded().unwrap();
    let moderate = with(100, overall, 10);
    assert_eq!((moderate.reasons(), moderate.state()), (vec![], OnTrack));
    let mut low = with(100, overall + 1, overall);
    assert_eq!((low.reasons(), low.state()), (vec![Score], Watch));
    assert_eq!(low.renews(&ago(-30)).state(), Watch, "though the renewal is near");
    // With a signal beside it: two that explain, none that decides.
    let mut both = silent(3, 0);
    let overall = both.evaluate().assessment.rounded().unwrap();
    (
        both.policy.pattern.highly_engaged,
        both.policy.pattern.moderately_engaged,
    ) = (100, overall + 1);
    assert_eq!(
        (both.reasons(), both.state()),
        (vec![Score, StandingReason::Signal], Watch)
    );
    assert_eq!(both.renews(&ago(-30)).state(), Watch);
    // Nor is it one of two beside a reason that decides.
    let mut one = with(100, 99, 10);
    one.change(MergerAcquisition, &ago(100), None);
    assert_eq!((one.reasons(), one.state()), (vec![Organisation, Score], Watch));
    let disengaged = with(100, 99, 98);
    assert_eq!((disengaged.reasons(), disengaged.state()), (vec![Score], AtRisk));
    let mut unknown = with(100, 99, 98);
    unknown.rows.contact_feed_silent = true;
    assert_eq!((unknown.reasons(), unknown.state()), (vec![], NotKnown));
}

#[test]
fn reasons_and_the_renewal() {
    let state = |reasons: usize, renewal: Option<i64>| {
        let mut b = well();
        b.usage_feed(ENDING_ON);
        if reasons >= 1 {
            for days in [0, 1] {
                b.interaction(Meeting, Direction::Outbound, Declined, &ago(days))
                    .with("ana");
            }
        }
        if reasons >= 2 {
            b.change(Layoff, &ago(100), None);
        }
        if let Some(days) = renewal {
            b.renews(&ago(-days));
        }
        assert_eq!(b.reasons().len(), reasons);
        b.state()
    };
    // Near: from today to 180 days.
    assert_eq!(
        [
            state(1, Some(0)),
            state(1, Some(180)),
            state(1, Some(181)),
            state(1, Some(-1))
        ],
        [AtRisk, AtRisk, Watch, Watch]
    );
    assert_eq!([state(0, Some(0)), state(0, None)], [OnTrack, OnTrack]);
    // Without a renewal ahead two reasons are enough; with one far ahead they are not.
    assert_eq!(
        [
            state(1, None),
            state(2, None),
            state(2, Some(-1)),
            state(2, Some(-20_000))
        ],
        [Watch, AtRisk, AtRisk, AtRisk]
    );
    assert_eq!([state(2, Some(181)), state(2, Some(180))], [Watch, AtRisk]);
}

#[test]
fn reasons_hold_of_a_score_that_is_not_known() {
    let mut b = well();
    b.rows.contact_feed_silent = true;
    b.change(MergerAcquisition, &ago(100), None);
    assert_eq!((b.reasons(), b.state()), (vec![Organisation], Watch));
    assert_eq!(b.renews(&ago(-100)).state(), AtRisk);
}

#[test]
fn what_is_not_known() {
    let state = |change: fn(&mut Book)| {
        let mut b = well();
        change(&mut b);
        b.state()
    };
    assert_eq!(state(|b| b.rows.contact_feed_silent = true), NotKnown);
    // New: the first fact is 29 days since, and 30.
    let since = |days: i64| {
        let mut b = well();
        b.rows.usage.clear();
        b.rows.interactions.retain(|i| i.occurred_at >= at(&ago(25)));
        b.meeting(&ago(days), &["ana"]);
        b.state()
    };
    assert_eq!([since(29), since(30)], [NotKnown, OnTrack]);
    // Half of the weight: frequency and breadth are enough, usage alone is not.
    assert_eq!(state(|b| b.rows.interactions.clear()), NotKnown);
    assert_eq!(Book::mid_market().state(), NotKnown);
}

#[test]
fn who_is_served_by_the_product_is_judged_by_it() {
    let state = |features: usize, days: i64, days_before: i64, change: fn(&mut Book)| {
        let mut b = Book::mid_market();
        b.contact("ana", "", None)
            .contact("ben", "", None)
            .served_by(ServedBy::Pooled);
        for name in ["ana", "ben"] {
            for n in 1..=features {
                let feature = format!("feature_{n}");
                b.uses_for(Some(name), &feature, "2026-07-01", days).uses_for(
                    Some(name),
                    &feature,
                    "2026-04-01",
                    days_before,
                );
            }
        }
        change(&mut b);
        b.state()
    };
    let keep = |_: &mut Book| {};
    // Two power users of three and 3 of 6 features: 0.6 · 50 + 0.4 · 0 = 30; 5 of 6: 50 + 26.7.
    assert_eq!(
        [
            state(6, 80, 80, keep),
            state(5, 80, 80, keep),
            state(4, 80, 80, keep)
        ],
        [OnTrack, OnTrack, NotKnown]
    );
    // All six features and nobody often: 60, which is reached.
    assert_eq!(
        [state(6, 30, 30, keep), state(5, 30, 30, keep)],
        [OnTrack, NotKnown]
    );
    // Use: 0.8 · 50/91 are 40.4 of 92.
    assert_eq!(
        [state(6, 41, 50, keep), state(6, 40, 50, keep)],
        [OnTrack, NotKnown]
    );
    assert_eq!(state(6, 80, 0, keep), NotKnown, "there was none before");
    assert_eq!(
        state(6, 80, 80, |b| b.rows.account.served_by = ServedBy::Partner),
        NotKnown
    );
    assert_eq!(
        state(6, 80, 80, |b| b.rows.account.served_by = ServedBy::Direct),
        NotKnown
    );
    // Once somebody is met, frequency and breadth are measured; and a reason is one.
    assert_eq!(
        state(6, 80, 80, |b| {
            b.meeting("2026-09-01", &["ana"]);
            b.rows.contact_feed_silent = true;
        }),
        NotKnown
    );
    assert_eq!(
        state(6, 80, 80, |b| {
            b.change(Layoff, "2026-09-01", None);
        }),
        Watch
    );
}

#[test]
fn a_report_of_a_month_has_the_standing_of_the_quarter() {
    // Quiet for the last month only: the month alone is disengaged.
    let mut b = thinned(3);
    let month = Windows::new(day(ENDING_ON), at("2030-01-01"), Tz::UTC, Period::Monthly);
    b.rows.usage.retain(|u| u.day < day("2026-09-01"));
    let (monthly, quarterly) = (b.evaluate_in(&month), b.evaluate());
    assert_ne!(monthly.assessment.pattern, quarterly.assessment.pattern);
    assert_eq!(monthly.standing, quarterly.standing);
    // And the other way round where the policy says so.
    b.policy.standard_period = Period::Monthly;
    let (monthly, quarterly) = (b.evaluate_in(&month), b.evaluate());
    assert_eq!(monthly.standing, quarterly.standing);
    assert_ne!(monthly.standing.unwrap().reasons, vec![]);
}

#[test]
fn reasons_stand_in_order_and_say_who_and_when() {
    let mut b = silent(3, 1);
    b.change(MergerAcquisition, &ago(100), None);
    b.change(RoleChange, &ago(10), Some("ana"));
    for days in [0, 1] {
        b.interaction(Meeting, Direction::Outbound, Declined, &ago(days))
            .with("ana");
    }
    let standing = b.standing();
    assert_eq!(
        b.reasons(),
        [Organisation, SponsorChanged, SponsorDeclines, Signals]
    );
    let text: Vec<String> = standing
        .reasons
        .iter()
        .map(|reason| reason.message(Some("Ana")))
        .collect();
    assert_eq!(
        text,
        [
            "A merger or an acquisition at the customer, known since 2026-06-22, 100 days ago.",
            "Ana, a sponsor of ours, changed their role on 2026-09-20, 10 days ago.",
            "Ana, the primary sponsor, declined or missed the last 2 meetings, the latest on 2026-09-30.",
            "2 grave warning signs at once: unanswered outreach, a missed business review."
        ]
    );
}
