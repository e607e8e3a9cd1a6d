//! The six signals, at both sides of each threshold.

use rapport_engagement::vocabulary::*;

use crate::account::Book;

use InteractionKind::{Email, Meeting, Qbr};
use InteractionStatus::{Completed, Declined, NoShow};

/// An account whose sponsor is in touch, so that nothing else is raised.
fn quiet() -> Book {
    let mut b = Book::mid_market();
    b.contact("ana", "IT", Some(Seniority::Vp));
    b.sponsor("ana", SponsorRank::Primary, "2026-01-01", None);
    b.meeting("2026-07-02", &["ana"]);
    b
}

#[test]
fn unanswered_outreach() {
    let raised = |count: i32| {
        let mut b = quiet();
        for n in 0..count {
            b.mail(&format!("2026-08-{:02}", n + 1));
        }
        b.signals()
    };
    assert_eq!(raised(2), []);
    assert_eq!(raised(3), [(Signal::UnansweredOutreach, Severity::High)]);
    assert_eq!(raised(5), [(Signal::UnansweredOutreach, Severity::High)]);
    assert_eq!(raised(6), [(Signal::UnansweredOutreach, Severity::Critical)]);
}

#[test]
fn taking_part_in_anything_ends_the_silence() {
    let mut b = quiet();
    for day in 1..=4 {
        b.mail(&format!("2026-08-0{day}"));
    }
    b.interaction(Email, Direction::Inbound, Completed, "2026-08-03");
    assert_eq!(b.signals(), []);
}

#[test]
fn the_evidence_of_silence_is_the_mails_newest_first() {
    let mut b = quiet();
    for day in 1..=25 {
        b.mail(&format!("2026-08-{day:02}"));
    }
    let e = b.evaluate();
    let evidence = e.current.evidence.of_signal(Signal::UnansweredOutreach);
    assert_eq!((evidence.count, evidence.interactions.len()), (25, 20));
    assert_eq!(evidence.interactions[0], b.rows.interactions.last().unwrap().id);
    assert!(e.signals[0].message.contains("25 outreaches"));
}

#[test]
fn canceled_meetings() {
    let raised = |count: i32| {
        let mut b = quiet();
        for n in 0..count {
            b.canceled(&format!("2026-08-{:02}", n + 1));
        }
        b.signals()
    };
    assert_eq!(raised(1), []);
    assert_eq!(raised(2), [(Signal::CanceledMeetings, Severity::Medium)]);
    assert_eq!(raised(4), [(Signal::CanceledMeetings, Severity::High)]);
}

#[test]
fn a_meeting_held_since_forgives_what_was_canceled() {
    let mut b = quiet();
    b.canceled("2026-08-01");
    b.canceled("2026-08-02");
    b.canceled("2026-08-03").rescheduled();
    b.canceled("2026-08-04").canceled_by(Party::Vendor);
    assert_eq!(b.signals().len(), 1);
    b.meeting("2026-08-05", &["ana"]);
    assert_eq!(b.signals(), []);
}

#[test]
fn response_time_degrading() {
    let raised = |before: i64, now: i64| {
        let mut b = quiet();
        for day in 1..=3 {
            b.mail(&format!("2026-04-{day:02}")).answered(before);
            b.mail(&format!("2026-08-{day:02}")).answered(now);
        }
        b.signals()
    };
    assert_eq!(raised(24, 71), []);
    assert_eq!(raised(24, 72), [(Signal::ResponseTimeDegrading, Severity::High)]);
    assert_eq!(raised(25, 72), [(Signal::ResponseTimeDegrading, Severity::Medium)]);
    assert_eq!(raised(40, 79), []);
    assert_eq!(raised(40, 80), [(Signal::ResponseTimeDegrading, Severity::Medium)]);
}

#[test]
fn two_answers_are_too_few_for_a_slowing() {
    let mut b = quiet();
    for day in 1..=3 {
        b.mail(&format!("2026-04-0{day}")).answered(10);
    }
    for day in 1..=2 {
        b.mail(&format!("2026-08-0{day}")).answered(100);
    }
    assert_eq!(b.signals(), []);
}

#[test]
fn qbr_missed() {
    for status in [Declined, NoShow] {
        let mut b = quiet();
        b.interaction(Qbr, Direction::Outbound, status, "2026-08-10");
        assert_eq!(b.signals(), [(Signal::QbrMissed, Severity::High)]);
        b.interaction(Qbr, Direction::Outbound, Completed, "2026-08-09");
        assert_eq!(b.signals(), [(Signal::QbrMissed, Severity::High)]);
        b.interaction(Qbr, Direction::Outbound, Completed, "2026-08-11");
        assert_eq!(b.signals(), []);
    }
}

#[test]
fn a_declined_meeting_is_no_missed_business_review() {
    let mut b = quiet();
    b.interaction(Meeting, Direction::Outbound, Declined, "2026-08-10");
    assert_eq!(b.signals(), []);
}

#[test]
fn sponsor_missing() {
    let mut b = Book::mid_market();
    b.contact("ana", "IT", Some(Seniority::Vp));
    assert_eq!(b.signals(), [(Signal::SponsorMissing, Severity::Critical)]);
    b.sponsor("ana", SponsorRank::Backup, "2026-01-01", None);
    assert_eq!(b.signals(), [(Signal::SponsorMissing, Severity::High)]);
    // 182.5 days: twice the quarterly interval. 2026-04-01 is 182 days before the end.
    b.sponsor("ana", SponsorRank::Primary, "2026-04-01", None);
    assert_eq!(b.signals(), []);
    b.rows.sponsorships[1].since = crate::account::day("2026-03-31");
    assert_eq!(b.signals(), [(Signal::SponsorMissing, Severity::High)]);
    b.meeting("2026-05-01", &["ana"]);
    assert_eq!(b.signals(), []);
}

#[test]
fn a_webinar_is_no_contact_with_a_sponsor() {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact("ana", "IT", Some(Seniority::Vp));
    b.sponsor("ana", SponsorRank::Primary, "2026-01-01", None);
    b.interaction(InteractionKind::Training, Direction::Outbound, Completed, "2026-09-20").with("ana");
    assert_eq!(b.signals(), [(Signal::SponsorMissing, Severity::High)]);
    b.mail("2026-09-20").answered(1).by("ana");
    assert_eq!(b.signals(), []);
}

#[test]
fn an_account_known_by_usage_alone_misses_no_sponsor() {
    let mut b = Book::mid_market();
    b.uses(None, "feature_1", "2026-08-01");
    assert_eq!(b.signals(), []);
}

#[test]
fn the_latest_primary_sponsor_counts_then_the_smallest_key() {
    let mut b = Book::mid_market();
    b.contact("zoe", "", None).contact("ana", "", None).contact("old", "", None);
    b.sponsor("old", SponsorRank::Primary, "2025-01-01", None);
    b.sponsor("zoe", SponsorRank::Primary, "2026-01-01", None);
    b.sponsor("ana", SponsorRank::Primary, "2026-01-01", None);
    assert_eq!(b.evaluate().current.measures.sponsorship.primary, Some(1));
}

#[test]
fn usage_and_engagement_decline() {
    let raised = |usage: i64, meetings: i32| {
        let mut b = quiet();
        b.uses_for(Some("ana"), "feature_1", "2026-04-01", 91);
        b.uses_for(Some("ana"), "feature_1", "2026-07-01", usage);
        for n in 0..10 {
            b.meeting(&format!("2026-05-{:02}", n + 1), &["ana"]);
        }
        // One is in `quiet` already.
        for n in 1..meetings {
            b.meeting(&format!("2026-08-{:02}", n + 1), &["ana"]);
        }
        b.signals()
    };
    assert_eq!(raised(70, 9), []);
    assert_eq!(raised(80, 8), []);
    assert_eq!(raised(73, 8), [(Signal::UsageAndEngagementDecline, Severity::High)]);
    assert_eq!(raised(46, 5), [(Signal::UsageAndEngagementDecline, Severity::Critical)]);
    assert_eq!(raised(47, 5), [(Signal::UsageAndEngagementDecline, Severity::High)]);
}

#[test]
fn without_usage_before_there_is_no_decline() {
    let mut b = quiet();
    b.meeting("2026-05-01", &["ana"]);
    b.meeting("2026-05-02", &["ana"]);
    assert_eq!(b.signals(), []);
}
