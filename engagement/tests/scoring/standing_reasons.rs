//! The reasons of the standing, each at both sides of its thresholds.

use chrono::TimeDelta;
use rapport_engagement::row::Departure;
use rapport_engagement::vocabulary::*;

use crate::account::{Book, at, day};
use crate::standing::{ago, forget, has, well};

use EngagementLevel::{Engaged, Passive};
use InteractionKind::{Call, Email, Meeting, Qbr};
use InteractionStatus::{Canceled, Completed, Declined, NoShow};
use OrgChangeKind::{Layoff, MergerAcquisition, RoleChange};
use Severity::{Critical, High};
use StandingReason::{
    Fell, HangsOnOne, Organisation, Signals, SponsorChanged, SponsorCold, SponsorDeclines, Support, UsageFell,
};
use StandingState::{AtRisk, NotKnown, OnTrack, Watch};

#[test]
fn organisation() {
    let with = |kind, days| {
        let mut b = well();
        b.change(kind, &ago(days), None);
        (has(&b, Organisation), b.state())
    };
    for kind in [MergerAcquisition, Layoff] {
        assert_eq!([with(kind, 0), with(kind, 180)], [(true, Watch); 2]);
        assert_eq!([with(kind, -1), with(kind, 181)], [(false, OnTrack); 2]);
    }
    for kind in OrgChangeKind::ALL
        .iter()
        .filter(|kind| ![MergerAcquisition, Layoff].contains(kind))
    {
        assert_eq!(with(*kind, 10), (false, OnTrack), "{kind}");
    }
}

#[test]
fn a_merger_does_not_count_at_the_renewal_while_the_sponsor_is_with_us_and_was_so_since() {
    let state = |observed: i64, change: fn(&mut Book)| {
        let mut b = well();
        b.renews(&ago(-60))
            .change(MergerAcquisition, &ago(observed), None);
        change(&mut b);
        assert!(has(&b, Organisation));
        b.state()
    };
    // Ana was last met two days ago: after what was observed three days ago, not after what was observed on that day.
    assert_eq!([state(3, |_| {}), state(2, |_| {})], [Watch, AtRisk]);
    // The latest of several counts.
    let later = |b: &mut Book| {
        b.change(Layoff, &ago(1), None);
    };
    assert_eq!(state(100, later), AtRisk);
    // Not of a score that is not known, nor of a low one, nor of a sponsor who is not with us.
    assert_eq!(state(100, |b| b.rows.contact_feed_silent = true), AtRisk);
    assert_eq!(
        state(100, |b| (
            b.policy.pattern.highly_engaged,
            b.policy.pattern.moderately_engaged
        ) = (100, 99)),
        AtRisk
    );
    assert_eq!(
        state(100, |b| b.policy.pattern.highly_engaged = 99),
        Watch,
        "moderately is well enough"
    );
    assert_eq!(state(100, |b| forget(b, "ana", 137)), AtRisk);
    // Support is no executive contact.
    let support = |b: &mut Book| {
        let ana = b.place("ana");
        let of_ana = b
            .rows
            .interactions
            .iter_mut()
            .filter(|i| i.participants.iter().any(|p| p.contact == ana));
        of_ana
            .filter(|i| i.occurred_at > at(&ago(20)))
            .for_each(|i| i.purpose = Some(Purpose::Operational));
    };
    assert_eq!(state(10, support), AtRisk);
    // It is a reason all the same: with another one it does not stay alone.
    let declines = |b: &mut Book| {
        for days in [0, 1] {
            b.interaction(Meeting, Direction::Outbound, Declined, &ago(days))
                .with("ana");
        }
    };
    assert_eq!(
        state(100, declines),
        AtRisk,
        "the decliner is passive, and declining is a reason of its own"
    );
}

/// Dev, whom nobody has met for a year, holds or held a backup sponsorship; and something changes.
fn dev_changes(kind: OrgChangeKind, observed: i64, since: i64, until: Option<i64>) -> bool {
    let mut b = well();
    forget(&mut b, "dev", 400);
    b.sponsor("dev", SponsorRank::Backup, &ago(since), until.map(ago).as_deref());
    b.change(kind, &ago(observed), Some("dev"));
    has(&b, SponsorChanged)
}

#[test]
fn a_sponsor_who_left_or_changed_their_role() {
    for kind in [OrgChangeKind::Departure, RoleChange] {
        let changed = |days| dev_changes(kind, days, 500, None);
        assert_eq!(
            [changed(0), changed(90), changed(91), changed(-1)],
            [true, true, false, false],
            "{kind}"
        );
        // The sponsorship began on that very day, or a day later; it ended 90 days before it, or 91.
        let around = |since, until| dev_changes(kind, 10, since, until);
        assert_eq!([around(10, None), around(9, None)], [true, false]);
        assert_eq!(
            [
                around(500, Some(100)),
                around(500, Some(101)),
                around(500, Some(5))
            ],
            [true, false, true]
        );
    }
    // Other changes, and those about nobody or about no sponsor of ours.
    assert!(!dev_changes(Layoff, 10, 500, None));
    for who in [None, Some("cho")] {
        let mut b = well();
        b.change(RoleChange, &ago(10), who);
        assert!(!has(&b, SponsorChanged));
    }
}

#[test]
fn who_changed_their_role_and_stayed_with_us_is_no_reason() {
    // Ana was met 2, 30, 58, … days ago.
    let changed = |days: i64, change: fn(&mut Book)| {
        let mut b = well();
        b.change(RoleChange, &ago(days), Some("ana"));
        change(&mut b);
        has(&b, SponsorChanged)
    };
    assert_eq!(
        [changed(29, |_| {}), changed(30, |_| {}), changed(31, |_| {})],
        [true, true, false],
        "on two days after it"
    );
    let once_more = |b: &mut Book| {
        b.interaction(Email, Direction::Inbound, Completed, &ago(1))
            .from("ana");
    };
    assert!(!changed(29, once_more));
    let support = |b: &mut Book| {
        b.interaction(Email, Direction::Inbound, Completed, &ago(1))
            .from("ana")
            .purpose(Purpose::Operational);
    };
    assert!(changed(29, support));
    let twice_a_day = |b: &mut Book| {
        b.interaction(Email, Direction::Inbound, Completed, &format!("{}T20:00", ago(2)))
            .from("ana");
    };
    assert!(changed(29, twice_a_day));
    // No active sponsor any more, or one who is not engaged.
    assert!(changed(60, |b| b.rows.sponsorships[0].until = Some(day("2026-09-20"))));
    assert!(changed(60, |b| b.rows.initiatives.clear()), "one factor: passive");
    // Whoever left and came back with a sponsorship has stayed, too.
    let mut b = well();
    b.change(OrgChangeKind::Departure, &ago(80), Some("ana"));
    b.sponsor("ana", SponsorRank::Primary, &ago(79), None);
    assert_eq!(
        (b.sponsors().level, has(&b, SponsorChanged)),
        (EngagementLevel::Engaged, false)
    );
}

#[test]
fn a_dated_departure_of_a_sponsor() {
    let left = |departure: Departure, rank: Option<SponsorRank>| {
        let mut b = well();
        if let Some(rank) = rank {
            b.sponsor("dev", rank, "2025-01-01", None);
        }
        b.departed("dev", departure);
        has(&b, SponsorChanged)
    };
    let on = |days: i64| Departure::On(day(&ago(days)));
    let backup = Some(SponsorRank::Backup);
    assert_eq!(
        [
            left(on(0), backup),
            left(on(90), backup),
            left(on(91), backup),
            left(on(-1), backup)
        ],
        [true, true, false, false]
    );
    assert_eq!(
        [left(Departure::Undated, backup), left(on(10), None)],
        [false, false]
    );
}

#[test]
fn a_new_primary_sponsor() {
    let took_over = |since: i64, change: fn(&mut Book)| {
        let mut b = well();
        b.sponsor("ben", SponsorRank::Primary, &ago(since), None);
        change(&mut b);
        has(&b, SponsorChanged)
    };
    assert_eq!(
        [took_over(0, |_| {}), took_over(90, |_| {}), took_over(91, |_| {})],
        [true, true, false]
    );
    // Nobody's place was taken: theirs began on the same day or was a backup's; or it was Ben himself.
    assert!(
        took_over(50, |b| b.rows.sponsorships[0].until = Some(day("2025-01-01"))),
        "however long ago the other ended"
    );
    assert!(!took_over(50, |b| b.rows.sponsorships[0].since = day(&ago(50))));
    assert!(!took_over(50, |b| b.rows.sponsorships[0].rank = SponsorRank::Backup));
    assert!(!took_over(50, |b| b.rows.sponsorships[0].contact = 1));
}

#[test]
fn sponsor_declines() {
    // Ana came two days ago.
    let declined = |rows: &[(i64, InteractionStatus)], who: &str| {
        let mut b = well();
        for (hours, status) in rows {
            b.interaction(Meeting, Direction::Outbound, *status, &ago(0))
                .with(who);
            b.rows.interactions.last_mut().unwrap().occurred_at -= TimeDelta::hours(*hours);
        }
        (has(&b, SponsorDeclines), b.sponsors().level)
    };
    assert_eq!(declined(&[(1, Declined)], "ana"), (false, Engaged));
    assert_eq!(declined(&[(1, Declined), (2, NoShow)], "ana"), (true, Passive));
    assert_eq!(declined(&[(1, Canceled), (47, NoShow)], "ana"), (true, Passive));
    assert_eq!(
        declined(&[(1, Canceled), (48, NoShow)], "ana"),
        (false, Engaged),
        "at the very time at which she came"
    );
    assert_eq!(declined(&[(1, Declined), (2, NoShow)], "ben"), (false, Engaged));
    // Within the trailing year, which begins on 1 October 2025, and of a score that is not known just as well.
    let long_ago = |first: &str| {
        let mut b = well();
        forget(&mut b, "ana", 800);
        b.rows.contact_feed_silent = true;
        for when in [first, "2025-10-02T00:00"] {
            b.interaction(Qbr, Direction::Outbound, Declined, when)
                .with("ana");
        }
        has(&b, SponsorDeclines)
    };
    assert_eq!(
        [long_ago("2025-09-30T23:59"), long_ago("2025-10-01T00:00")],
        [false, true]
    );
}

#[test]
fn sponsor_cold() {
    let cold = |change: fn(&mut Book)| {
        let mut b = well();
        change(&mut b);
        has(&b, SponsorCold)
    };
    // Three intervals are 273.75 days: Ana was met 247 and 275 days ago, and 303.
    assert!(!cold(|b| forget(b, "ana", 246)));
    assert!(cold(|b| forget(b, "ana", 274)), "275 days");
    assert!(
        cold(|b| b.rows.sponsorships[0].until = Some(day("2026-05-01"))),
        "there is none any more"
    );
    assert!(!cold(|b| b.rows.sponsorships.clear()), "nor was there ever one");
    assert!(
        !cold(|b| b.rows.sponsorships[0].since = day("2026-10-01")),
        "nor is there one yet"
    );
    // Never in executive contact, and a sponsor for 91 or 92 days: the interval is 91.25.
    let new = |days: i64, kind: InteractionKind| {
        let mut b = well();
        forget(&mut b, "ana", 800);
        b.rows.sponsorships[0].since = day(&ago(days));
        b.interaction(kind, Direction::Inbound, Completed, &ago(5))
            .from("ana");
        has(&b, SponsorCold)
    };
    assert_eq!(
        [
            new(91, InteractionKind::Training),
            new(92, InteractionKind::Training)
        ],
        [false, true]
    );
    assert!(!new(92, Call));
    // Served by others, of a score that is not known, or while the sponsors change.
    let silent = |change: fn(&mut Book)| {
        let mut b = well();
        forget(&mut b, "ana", 274);
        change(&mut b);
        has(&b, SponsorCold)
    };
    assert!(silent(|_| {}));
    assert!(!silent(|b| b.rows.account.served_by = ServedBy::Partner));
    assert!(!silent(|b| b.rows.contact_feed_silent = true));
    let changed = |b: &mut Book| {
        b.change(RoleChange, &ago(20), Some("ana"));
        assert!(has(b, SponsorChanged));
    };
    assert!(!silent(changed));
}

#[test]
fn a_cold_account_says_since_when_nobody_sponsors_us() {
    let message = |change: fn(&mut Book)| {
        let mut b = well();
        change(&mut b);
        let reason = b
            .standing()
            .reasons
            .into_iter()
            .find(|r| r.reason == SponsorCold)
            .unwrap();
        let name = reason.contact.is_some().then_some("Ana");
        reason.message(name)
    };
    let ended = |b: &mut Book| {
        b.rows.sponsorships[0].until = Some(day("2026-05-01"));
        // A backup whose time ended later was not the primary sponsor.
        b.sponsor("ben", SponsorRank::Backup, "2025-01-01", Some("2026-06-01"));
    };
    assert_eq!(
        message(ended),
        "There has been no primary sponsor since 2026-05-01."
    );
    let left = |b: &mut Book| {
        b.departed("ana", Departure::On(day("2026-04-10")));
    };
    assert_eq!(
        message(left),
        "There has been no primary sponsor since 2026-04-10."
    );
    let observed = |b: &mut Book| {
        b.change(OrgChangeKind::Departure, "2026-04-11", Some("ana"));
    };
    assert_eq!(
        message(observed),
        "There has been no primary sponsor since 2026-04-11."
    );
    let never = |b: &mut Book| b.rows.sponsorships[0].rank = SponsorRank::Backup;
    assert_eq!(message(never), "There is no primary sponsor.");
    let silent = |b: &mut Book| forget(b, "ana", 274);
    assert_eq!(
        message(silent),
        "Ana, the primary sponsor, has been silent for 282 days, since 2025-12-22."
    );
    let new = |b: &mut Book| {
        forget(b, "ana", 800);
        b.rows.sponsorships[0].since = day(&ago(92));
    };
    assert_eq!(
        message(new),
        "Ana, the primary sponsor, has never been in contact in the 92 days since 2026-06-30."
    );
}

/// The same account with so many of the last meetings of the window gone.
pub fn thinned(meetings: usize) -> Book {
    let mut b = well();
    b.rows
        .interactions
        .sort_by_key(|i| std::cmp::Reverse(i.occurred_at));
    b.rows.interactions.drain(1..=meetings);
    b
}

#[test]
fn fell() {
    let fell: Vec<(bool, bool, bool)> = (0..=10)
        .map(|meetings| {
            let b = thinned(meetings);
            let e = b.evaluate();
            let scores = e
                .assessment
                .dimensions
                .iter()
                .zip(&e.previous_assessment.dimensions);
            let lower = scores
                .filter(|(now, before)| now.score.unwrap() < before.score.unwrap() - 1.0)
                .count();
            (e.change.unwrap() <= -10, lower >= 2, has(&b, Fell))
        })
        .collect();
    for (points, dimensions, fell) in &fell {
        assert_eq!(*points && *dimensions, *fell);
    }
    assert!(fell.iter().any(|(.., fell)| *fell), "{fell:?}");
    assert!(
        fell.contains(&(true, false, false)),
        "ten points of frequency alone: {fell:?}"
    );
    // The threshold itself: as many points as were lost are a fall, one more would not be.
    let mut b = thinned(10);
    b.policy.standing.fall_points = -b.evaluate().change.unwrap();
    assert!(has(&b, Fell));
    b.policy.standing.fall_points += 1;
    assert!(!has(&b, Fell));
}

#[test]
fn a_fall_is_of_two_dimensions_and_of_the_same_ones() {
    // Use of the product alone: lower by all it had.
    let mut b = well();
    b.rows.usage.retain(|u| u.day < day("2026-07-01"));
    let e = b.evaluate();
    assert!(e.change.unwrap() <= -10 && !e.coverage_changed, "{:?}", e.change);
    assert!(!has(&b, Fell));
    // Two, but not of the same dimensions: the product was not measured before.
    let mut b = thinned(10);
    b.rows.usage.retain(|u| u.day >= day("2026-07-01"));
    assert!(b.evaluate().change.unwrap() <= -10);
    assert!(!has(&b, Fell));
    // Not of a score that is not known.
    let mut b = thinned(10);
    b.rows.contact_feed_silent = true;
    assert!(!has(&b, Fell));
}

#[test]
fn a_fall_that_comes_every_year_is_none() {
    let season = |usage_year_ago: Option<[u32; 2]>, meetings_then: bool| {
        let mut b = thinned(10);
        // Of July to September a year ago the same meetings are missing; then there were fewer before, too.
        b.rows.interactions.retain(|i| {
            meetings_then || i.occurred_at < at("2025-07-01T00:00") || i.occurred_at >= at("2025-10-01")
        });
        for day in 1..=13 {
            b.meeting(&format!("2025-05-{day:02}"), &["ben"]);
        }
        for day in 1..=3 {
            b.meeting(&format!("2025-08-{day:02}"), &["ben"]);
        }
        b.meeting("2025-02-01", &["ben"]);
        b.rows.year_ago_usage = usage_year_ago;
        has(&b, Fell)
    };
    assert!(season(None, false), "not read");
    assert!(!season(Some([92, 91]), false));
    assert!(season(Some([92, 0]), false));
    assert!(
        season(Some([92, 70]), true),
        "as many meetings as ever a year ago"
    );
}

#[test]
fn usage_fell() {
    let fell = |before: i64, now: i64, change: fn(&mut Book)| {
        let mut b = well();
        b.rows.usage.clear();
        b.uses_for(Some("cho"), "feature_1", "2026-04-01", before)
            .uses_for(Some("cho"), "feature_1", "2026-07-01", now);
        change(&mut b);
        has(&b, UsageFell)
    };
    let keep = |_: &mut Book| {};
    // 60 of 91 days: half of it are 30.3 of 92.
    assert_eq!(
        [fell(60, 30, keep), fell(60, 31, keep), fell(60, 0, keep)],
        [true, false, true]
    );
    // At least 10 per 30 days before: 30.3 of 91.
    assert_eq!([fell(31, 5, keep), fell(30, 5, keep)], [true, false]);
    // There must be usage of any account in the seven days up to the last.
    assert_eq!(
        [
            fell(60, 30, |b| {
                b.usage_feed("2026-09-23");
            }),
            fell(60, 30, |b| {
                b.usage_feed("2026-09-22");
            })
        ],
        [true, false]
    );
    assert!(!fell(60, 30, |b| b.catalogue =
        b.catalogue.clone().with_last_usage(None)));
    // A score that is not known does not matter; as a year ago by usage alone does.
    assert!(fell(60, 30, |b| b.rows.contact_feed_silent = true));
    assert!(!fell(60, 30, |b| {
        b.rows.year_ago_usage = Some([30, 60]);
        b.meeting("2025-02-01", &["ben"]);
    }));
    assert!(fell(60, 30, |b| {
        b.rows.year_ago_usage = Some([60, 60]);
        b.meeting("2025-02-01", &["ben"]);
    }));
}

#[test]
fn hangs_on_one() {
    let hangs = |days: [u32; 2], change: fn(&mut Book)| {
        let mut b = well();
        b.rows.interactions.retain(|i| i.occurred_at < at("2026-07-01"));
        for (name, days) in ["ana", "ben"].into_iter().zip(days) {
            for day in 1..=days {
                b.meeting(&format!("2026-08-{day:02}"), &[name]);
            }
        }
        change(&mut b);
        has(&b, HangsOnOne)
    };
    let keep = |_: &mut Book| {};
    // 16 / 10 = 1.6 is enough, 169 / 109 is not.
    assert_eq!(
        [hangs([3, 1], keep), hangs([10, 3], keep), hangs([12, 0], keep)],
        [false, true, true]
    );
    assert!(!hangs([12, 0], |b| b.rows.account.tier = AccountTier::Smb));
    assert!(hangs([12, 0], |b| b.rows.account.tier = AccountTier::Enterprise));
    assert!(!hangs([12, 0], |b| b.rows.contact_feed_silent = true));
    let mut b = well();
    b.rows.interactions.retain(|i| i.occurred_at < at("2026-07-01"));
    for day in 1..=12 {
        b.meeting(&format!("2026-08-{day:02}"), &["ben"]);
    }
    let reason = b
        .standing()
        .reasons
        .into_iter()
        .find(|r| r.reason == HangsOnOne)
        .unwrap();
    assert_eq!(
        (reason.contact, reason.on, reason.number),
        (Some(b.rows.contacts[1].id), Some(day("2026-08-12")), Some(1.0))
    );
}

/// So many unanswered e-mails since everybody fell silent, and so many business reviews that were declined. That the score
/// fell with it is left to other tests.
pub fn silent(mails: i64, reviews: i64) -> Book {
    let mut b = well();
    b.policy.standing.fall_points = 100;
    b.rows.interactions.retain(|i| i.occurred_at < at("2026-09-15"));
    // From Wednesday 16 September on.
    for n in 0..mails {
        b.mail(&format!("2026-09-{:02}", 16 + n)).with("ben");
    }
    for n in 0..reviews {
        b.interaction(
            Qbr,
            Direction::Outbound,
            Declined,
            &format!("2026-09-{:02}", 16 + n),
        )
        .with("ben");
    }
    b
}

#[test]
fn signals_and_a_signal() {
    let raised = |b: &Book| {
        b.signals()
            .into_iter()
            .map(|(_, severity)| severity)
            .collect::<Vec<_>>()
    };
    let one = StandingReason::Signal;
    assert_eq!(
        (
            raised(&silent(2, 0)),
            silent(2, 0).reasons(),
            silent(2, 0).state()
        ),
        (vec![], vec![], OnTrack)
    );
    assert_eq!(
        (
            raised(&silent(3, 0)),
            silent(3, 0).reasons(),
            silent(3, 0).state()
        ),
        (vec![High], vec![one], Watch)
    );
    assert_eq!(
        (
            raised(&silent(0, 1)),
            silent(0, 1).reasons(),
            silent(0, 1).state()
        ),
        (vec![High], vec![one], Watch)
    );
    assert_eq!(
        (raised(&silent(3, 1)), silent(3, 1).reasons()),
        (vec![High, High], vec![Signals])
    );
    // CRITICAL: at risk, whatever the reasons.
    assert_eq!(
        (
            raised(&silent(6, 0)),
            silent(6, 0).reasons(),
            silent(6, 0).state()
        ),
        (vec![Critical], vec![one], AtRisk)
    );
    // Two of them decide like any reason: without a renewal date one reason is worth watching.
    assert_eq!(silent(3, 1).state(), Watch);
    let mut b = silent(3, 1);
    assert_eq!(b.renews(&ago(-180)).state(), AtRisk);
    // The one alone never decides, however near the renewal is.
    let mut b = silent(3, 0);
    assert_eq!(b.renews(&ago(-10)).state(), Watch);
    // Of a score that is not known neither holds.
    for mails in [3, 6] {
        let mut b = silent(mails, 1);
        b.rows.contact_feed_silent = true;
        assert_eq!((b.reasons(), b.state()), (vec![], NotKnown));
    }
}

#[test]
fn a_missing_sponsor_is_a_signal_only_where_there_was_one_and_never_critical_by_itself() {
    let mut b = well();
    b.rows.sponsorships.clear();
    assert_eq!(b.signals(), [(Signal::SponsorMissing, Severity::Critical)]);
    assert_eq!((b.reasons(), b.state()), (vec![], OnTrack));
    // One that ended long ago: cold, and a signal.
    b.sponsor("ana", SponsorRank::Primary, "2025-01-01", Some("2025-06-01"));
    assert_eq!(
        (b.reasons(), b.state()),
        (vec![SponsorCold, StandingReason::Signal], Watch)
    );
    // It makes no second for SIGNALS.
    b.interaction(Qbr, Direction::Outbound, Declined, &ago(1))
        .with("ben");
    assert_eq!(b.signals().len(), 2);
    assert!(!has(&b, Signals));
}

#[test]
fn support() {
    let storm = |requests: i64| {
        let mut b = well();
        for n in 0..requests {
            b.interaction(Email, Direction::Inbound, Completed, &ago(n % 30))
                .purpose(Purpose::Operational);
        }
        b
    };
    // 10 per 30 days are 30.67 of 92.
    assert_eq!((storm(30).reasons(), storm(30).state()), (vec![], OnTrack));
    assert_eq!((storm(31).reasons(), storm(31).state()), (vec![Support], Watch));
    // With the renewal near its signal is HIGH; SUPPORT says it already.
    let mut b = storm(31);
    b.renews(&ago(-100));
    assert_eq!((b.reasons(), b.state()), (vec![Support], AtRisk));
    b.rows.contact_feed_silent = true;
    assert_eq!((b.reasons(), b.state()), (vec![], NotKnown));
}
