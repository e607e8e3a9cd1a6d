//! As a year ago: what is quiet every summer has not gone quiet.

use rapport_engagement::vocabulary::*;

use crate::account::{Book, at, day};
use crate::signals::quiet;

/// A customer who is quiet every summer: so many days of use and meetings in the second and the third quarter, this year and
/// the year before.
fn seasonal(year_ago: [i64; 4], this: [i64; 4]) -> Book {
    let mut b = quiet();
    b.rows.interactions.clear();
    b.meeting("2025-01-10", &["ana"]);
    for (year, [usage_before, usage, meetings_before, meetings]) in [(2025, year_ago), (2026, this)] {
        b.uses_for(Some("ana"), "feature_1", &format!("{year}-04-01"), usage_before);
        b.uses_for(Some("ana"), "feature_1", &format!("{year}-07-01"), usage);
        for n in 0..meetings_before {
            b.meeting(&format!("{year}-05-{:02}", n + 1), &["ana"]);
        }
        for n in 0..meetings {
            b.meeting(&format!("{year}-08-{:02}", n + 1), &["ana"]);
        }
    }
    b.rows.year_ago_usage = Some([year_ago[1] as u32, year_ago[0] as u32]);
    // The rows of usage reach back to the previous window only.
    b.rows.usage.retain(|usage| usage.day >= day("2026-01-01"));
    b
}

fn decline(b: &Book) -> Option<Severity> {
    b.signals()
        .into_iter()
        .find(|(signal, _)| *signal == Signal::UsageAndEngagementDecline)
        .map(|(_, severity)| severity)
}

#[test]
fn who_is_quiet_every_summer_has_not_gone_quiet() {
    let same = [80, 45, 10, 6];
    assert_eq!(decline(&seasonal(same, same)), Some(Severity::Medium));
    assert!(
        seasonal(same, same)
            .evaluate()
            .signals
            .iter()
            .any(|raised| raised.message.ends_with(" It was so a year ago, too."))
    );
    // Two years of other customs: nothing fell a year ago.
    assert_eq!(decline(&seasonal([80, 80, 10, 10], same)), Some(Severity::High));
    // "Both down by half" would be CRITICAL; the season comes before either.
    assert_eq!(
        decline(&seasonal([80, 30, 10, 4], [80, 30, 10, 4])),
        Some(Severity::Medium)
    );
    assert_eq!(
        decline(&seasonal([80, 80, 10, 10], [80, 30, 10, 4])),
        Some(Severity::Critical)
    );
}

#[test]
fn each_clause_of_as_a_year_ago() {
    let season = |b: &Book| b.evaluate().season;
    let both = |b: &Book| (season(b).usage, season(b).all);
    // Half of what was before a year ago, 0.4 of it now: at least 0.35; and 36 are 0.8 · 45.
    assert_eq!(both(&seasonal([90, 45, 10, 5], [90, 36, 10, 5])), (true, true));
    assert_eq!(
        both(&seasonal([90, 45, 10, 5], [90, 35, 10, 5])),
        (false, false),
        "35 < 0.8 · 45"
    );
    // 72/80 · 91/92 = 0.8902 a year ago; 68/90 · 91/92 = 0.7473 is at least that less 0.15, 67/90 · 91/92 = 0.7363 is not.
    assert_eq!(both(&seasonal([80, 72, 10, 5], [90, 68, 10, 5])), (true, true));
    assert_eq!(both(&seasonal([80, 72, 10, 5], [90, 67, 10, 5])), (false, false));
    // Points: usage alone may be as a year ago.
    assert_eq!(
        both(&seasonal([90, 45, 10, 5], [90, 45, 10, 4])),
        (true, true),
        "4 = 0.8 · 5"
    );
    assert_eq!(both(&seasonal([90, 45, 10, 5], [90, 45, 10, 3])), (true, false));
    // All four have to be above 0, of either number.
    assert_eq!(both(&seasonal([90, 0, 10, 5], [90, 45, 10, 5])), (false, false));
    assert_eq!(both(&seasonal([0, 45, 10, 5], [90, 45, 10, 5])), (false, false));
    assert_eq!(both(&seasonal([90, 45, 10, 5], [90, 0, 10, 5])), (false, false));
    assert_eq!(both(&seasonal([90, 45, 0, 5], [90, 45, 10, 5])), (true, false));
    assert_eq!(both(&seasonal([90, 45, 10, 0], [90, 45, 10, 5])), (true, false));
    // Support makes no points.
    let mut b = seasonal([90, 45, 10, 5], [90, 45, 10, 5]);
    for interaction in b
        .rows
        .interactions
        .iter_mut()
        .filter(|i| i.occurred_at < at("2025-10-01") && i.occurred_at > at("2025-07-01"))
    {
        interaction.purpose = Some(Purpose::Operational);
    }
    assert_eq!(both(&b), (true, false));
}

#[test]
fn a_season_needs_a_fact_from_before_eighteen_months() {
    // The end is 1 October 2026, 18 months before it 1 April 2025.
    let season = |first: &str| {
        let mut b = seasonal([80, 40, 10, 5], [80, 40, 10, 5]);
        b.rows.interactions[0].occurred_at = at(first);
        b.evaluate().season.all
    };
    assert_eq!(
        [season("2025-03-31T23:59"), season("2025-04-01T00:00")],
        [true, false]
    );
}

#[test]
fn a_year_ago_is_asked_for_only_where_it_decides() {
    let wants = |change: fn(&mut Book)| {
        let mut b = seasonal([80, 40, 10, 5], [80, 40, 10, 5]);
        b.rows.year_ago_usage = None;
        change(&mut b);
        b.evaluate().wants_year_ago
    };
    assert!(wants(|_| {}));
    assert!(
        !wants(|b| b.rows.usage.retain(|u| u.day < day("2026-07-01"))),
        "no use now: never as a year ago"
    );
    assert!(
        !wants(|b| b.rows.interactions.retain(|i| i.occurred_at > at("2025-04-02"))),
        "not known for long enough"
    );
    assert!(
        !wants(|b| {
            b.uses_for(Some("ana"), "feature_1", "2026-07-01", 90);
            b.rows
                .interactions
                .retain(|i| i.occurred_at > at("2026-07-01") || i.occurred_at < at("2026-01-01"));
        }),
        "nothing fell"
    );
}
