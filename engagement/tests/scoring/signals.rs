//! The seven signals, at both sides of each threshold.

use rapport_engagement::vocabulary::*;

use crate::account::Book;

use InteractionKind::{Call, Email, Meeting, Qbr};
use InteractionStatus::{Canceled, Completed, Declined, NoShow};

/// An account whose sponsor is in touch, so that nothing else is raised.
pub fn quiet() -> Book {
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
            b.mail(&format!("2026-08-{:02}", n + 3)).with("ana");
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
        b.mail(&format!("2026-08-0{day}")).with("ana");
    }
    assert_eq!(b.signals().len(), 1);
    b.interaction(Email, Direction::Inbound, Completed, "2026-08-03")
        .from("ana");
    assert_eq!(b.signals(), []);
}

#[test]
fn the_evidence_of_silence_is_the_mails_newest_first() {
    let mut b = quiet();
    for day in 1..=25 {
        b.mail(&format!("2026-08-{day:02}")).with("ana");
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
            b.canceled(&format!("2026-08-{:02}", n + 1)).with("ana");
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
    b.canceled("2026-08-01").with("ana");
    b.canceled("2026-08-02").with("ana");
    b.canceled("2026-08-03").with("ana").rescheduled();
    b.canceled("2026-08-04").with("ana").canceled_by(Party::Vendor);
    assert_eq!(b.signals().len(), 1);
    b.meeting("2026-08-05", &["ana"]);
    assert_eq!(b.signals(), []);
}

/// Three e-mails on Mondays of each window, answered after so many weekday hours.
fn answered_in(before: [i64; 3], now: [i64; 3]) -> Book {
    let mut b = quiet();
    // 96 hours reach from Monday to Friday; more than that goes on after the weekend.
    let hours = |weekday: i64| weekday + if weekday > 111 { 48 } else { 0 };
    for ((monday, before), (then, now)) in ["04-06", "04-13", "04-20"]
        .iter()
        .zip(before)
        .zip(["08-03", "08-10", "08-17"].iter().zip(now))
    {
        b.mail(&format!("2026-{monday}"))
            .with("ana")
            .answered(hours(before));
        b.mail(&format!("2026-{then}")).with("ana").answered(hours(now));
    }
    b
}

#[test]
fn meetings_declined_or_missed_count_like_those_called_off() {
    let raised = |rows: &[(InteractionKind, InteractionStatus)]| {
        let mut b = quiet();
        for (day, (kind, status)) in rows.iter().enumerate() {
            b.interaction(
                *kind,
                Direction::Outbound,
                *status,
                &format!("2026-08-{:02}", day + 1),
            )
            .with("ana");
        }
        b.signals()
            .into_iter()
            .find(|(signal, _)| *signal == Signal::CanceledMeetings)
            .map(|(_, severity)| severity)
    };
    assert_eq!(
        raised(&[(Meeting, Declined), (InteractionKind::ExecutiveDinner, NoShow)]),
        Some(Severity::Medium)
    );
    assert_eq!(
        raised(&[
            (Meeting, Declined),
            (Meeting, NoShow),
            (Meeting, Canceled),
            (Meeting, Declined)
        ]),
        Some(Severity::High)
    );
    // A review that was declined or missed is QBR_MISSED's business; one that was called off is not.
    assert_eq!(raised(&[(Meeting, Declined), (Qbr, NoShow)]), None);
    assert_eq!(raised(&[(Meeting, Declined), (Qbr, Declined)]), None);
    assert_eq!(
        raised(&[(Meeting, Declined), (Qbr, Canceled)]),
        Some(Severity::Medium)
    );
    // No meeting kind.
    assert_eq!(raised(&[(Meeting, Declined), (Call, NoShow)]), None);
    // In the window only, and naming somebody.
    let mut b = quiet();
    b.rows.interactions.clear();
    b.meeting("2026-06-01", &["ana"]);
    b.interaction(Meeting, Direction::Outbound, Declined, "2026-06-30T23:59")
        .with("ana");
    b.interaction(Meeting, Direction::Outbound, Declined, "2026-07-01T00:00")
        .with("ana");
    b.interaction(Meeting, Direction::Outbound, Declined, "2026-07-02");
    assert_eq!(b.signals(), []);
    b.interaction(Meeting, Direction::Outbound, NoShow, "2026-07-02")
        .with("ana");
    assert_eq!(b.signals(), [(Signal::CanceledMeetings, Severity::Medium)]);
}

#[test]
fn who_has_never_answered_is_no_friend_lost() {
    let raised = |count: i32| {
        let mut b = quiet();
        b.rows.interactions.clear();
        for n in 0..count {
            b.mail(&format!("2026-08-{:02}", n + 3)).with("ana");
        }
        b.signals()
            .into_iter()
            .find(|(signal, _)| *signal == Signal::UnansweredOutreach)
            .map(|(_, severity)| severity)
    };
    assert_eq!(
        [raised(2), raised(3), raised(12)],
        [None, Some(Severity::Medium), Some(Severity::Medium)]
    );
    // Support, too, is taking part: then the silence since is one of somebody known.
    let mut b = quiet();
    b.rows.interactions.clear();
    b.interaction(Email, Direction::Inbound, Completed, "2026-08-01")
        .from("ana")
        .purpose(Purpose::Operational);
    for day in 3..=8 {
        b.mail(&format!("2026-08-{day:02}")).with("ana");
    }
    assert_eq!(
        b.signals(),
        [
            (Signal::UnansweredOutreach, Severity::Critical),
            (Signal::SponsorMissing, Severity::High)
        ]
    );
}

#[test]
fn newsletters_and_support_expect_no_answer() {
    let mut b = quiet();
    for day in 3..=8 {
        b.mail(&format!("2026-08-{day:02}")).with("ana").bulk();
        b.mail(&format!("2026-08-{day:02}"))
            .with("ana")
            .purpose(Purpose::Operational);
        b.mail(&format!("2026-08-{day:02}"));
    }
    assert_eq!(b.signals(), []);
    // A message about operations that was answered ends the silence of others.
    for day in 10..=12 {
        b.mail(&format!("2026-08-{day:02}")).with("ana");
    }
    assert_eq!(b.signals(), [(Signal::UnansweredOutreach, Severity::High)]);
    b.mail("2026-08-13")
        .with("ana")
        .purpose(Purpose::Operational)
        .answered(1);
    assert_eq!(b.signals(), []);
}

#[test]
fn response_time_degrading() {
    let raised = |before: i64, now: i64| answered_in([before; 3], [now; 3]).signals();
    assert_eq!(raised(24, 71), []);
    assert_eq!(raised(24, 72), [(Signal::ResponseTimeDegrading, Severity::High)]);
    assert_eq!(
        raised(25, 72),
        [(Signal::ResponseTimeDegrading, Severity::Medium)]
    );
    assert_eq!(raised(40, 79), []);
    assert_eq!(
        raised(40, 80),
        [(Signal::ResponseTimeDegrading, Severity::Medium)]
    );
    assert_eq!(
        raised(60, 120),
        [(Signal::ResponseTimeDegrading, Severity::Medium)]
    );
}

#[test]
fn a_slowing_is_measured_in_weekday_hours() {
    // From Friday 09:00 to Tuesday 09:00: 48 of 96 hours.
    let raised = |clock| {
        let mut b = quiet();
        b.policy.response_clock = clock;
        for (before, now) in [("04-06", "08-07"), ("04-13", "08-14"), ("04-20", "08-21")] {
            b.mail(&format!("2026-{before}")).with("ana").answered(10);
            b.mail(&format!("2026-{now}")).with("ana").answered(96);
        }
        b.signals()
    };
    assert_eq!(raised(rapport_engagement::policy::ResponseClock::Weekdays), []);
    assert_eq!(
        raised(rapport_engagement::policy::ResponseClock::Calendar),
        [(Signal::ResponseTimeDegrading, Severity::High)]
    );
}

#[test]
fn two_answers_are_too_few_for_a_slowing() {
    let mut b = answered_in([10; 3], [100; 3]);
    assert_eq!(b.signals(), [(Signal::ResponseTimeDegrading, Severity::High)]);
    let last = b
        .rows
        .interactions
        .iter_mut()
        .filter(|i| i.responded_at.is_some())
        .max_by_key(|i| i.occurred_at)
        .unwrap();
    last.bulk = true;
    assert_eq!(b.signals(), [], "the answer to a newsletter is no third");
}

#[test]
fn qbr_missed() {
    for status in [Declined, NoShow] {
        let mut b = quiet();
        b.interaction(Qbr, Direction::Outbound, status, "2026-08-09");
        assert_eq!(b.signals(), [], "it names nobody");
        b.interaction(Qbr, Direction::Outbound, status, "2026-08-10")
            .with("ana");
        assert_eq!(b.signals(), [(Signal::QbrMissed, Severity::High)]);
        b.interaction(Qbr, Direction::Outbound, Completed, "2026-08-09")
            .with("ana");
        assert_eq!(b.signals(), [(Signal::QbrMissed, Severity::High)]);
        b.interaction(Qbr, Direction::Outbound, Completed, "2026-08-11")
            .with("ana");
        assert_eq!(b.signals(), []);
    }
}

#[test]
fn a_declined_meeting_is_no_missed_business_review() {
    let mut b = quiet();
    b.interaction(Meeting, Direction::Outbound, Declined, "2026-08-10")
        .with("ana");
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
fn whom_others_serve_misses_a_sponsor_by_half() {
    for served_by in [ServedBy::Partner, ServedBy::Pooled] {
        let mut b = Book::mid_market();
        b.contact("ana", "IT", Some(Seniority::Vp)).served_by(served_by);
        assert_eq!(
            b.signals(),
            [(Signal::SponsorMissing, Severity::Medium)],
            "CRITICAL otherwise"
        );
        b.sponsor("ana", SponsorRank::Primary, "2026-01-01", None);
        assert_eq!(
            b.signals(),
            [(Signal::SponsorMissing, Severity::Medium)],
            "HIGH otherwise"
        );
    }
}

#[test]
fn a_missing_sponsor_says_when_a_touch_with_them_is_booked() {
    let message = |on: Option<&str>, who: &str| {
        let mut b = Book::mid_market();
        b.contact("ana", "IT", Some(Seniority::Vp))
            .contact("ben", "IT", None);
        b.sponsor("ana", SponsorRank::Primary, "2026-01-01", None);
        if let Some(on) = on {
            b.booked(on, who);
            b.booked("2026-10-14", who);
        }
        b.evaluate().signals[0].message.clone()
    };
    let silent =
        "The primary sponsor has not been in contact for 272 days; the limit for the tier is 183 days.";
    assert_eq!(message(None, "ana"), silent);
    assert_eq!(
        message(Some("2026-10-05"), "ana"),
        format!("{silent} A touch with them is booked for 2026-10-05.")
    );
    assert_eq!(
        message(Some("2026-10-15"), "ana"),
        format!("{silent} A touch with them is booked for 2026-10-14.")
    );
    assert_eq!(
        message(Some("2026-09-29"), "ana"),
        format!("{silent} A touch with them is booked for 2026-10-14."),
        "past"
    );
    assert_eq!(message(Some("2026-10-05"), "ben"), silent, "with somebody else");
}

#[test]
fn an_account_that_names_nobody_misses_no_sponsor() {
    let mut b = Book::mid_market();
    b.meeting("2026-08-01", &[]);
    assert_eq!(b.signals(), []);
    b.mail("2026-08-03").answered(1);
    assert_eq!(b.signals(), [(Signal::SponsorMissing, Severity::Critical)]);
}

#[test]
fn a_webinar_is_no_contact_with_a_sponsor() {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact("ana", "IT", Some(Seniority::Vp));
    b.sponsor("ana", SponsorRank::Primary, "2026-01-01", None);
    b.interaction(
        InteractionKind::Training,
        Direction::Outbound,
        Completed,
        "2026-09-20",
    )
    .with("ana");
    assert_eq!(b.signals(), [(Signal::SponsorMissing, Severity::High)]);
    b.mail("2026-09-21")
        .answered(1)
        .by("ana")
        .purpose(Purpose::Operational);
    assert_eq!(
        b.signals(),
        [(Signal::SponsorMissing, Severity::High)],
        "nor is support"
    );
    b.mail("2026-09-21").answered(1).by("ana");
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
    b.contact("zoe", "", None)
        .contact("ana", "", None)
        .contact("old", "", None);
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
    assert_eq!(
        raised(73, 8),
        [(Signal::UsageAndEngagementDecline, Severity::High)]
    );
    assert_eq!(
        raised(46, 5),
        [(Signal::UsageAndEngagementDecline, Severity::Critical)]
    );
    assert_eq!(
        raised(47, 5),
        [(Signal::UsageAndEngagementDecline, Severity::High)]
    );
}

#[test]
fn without_usage_before_there_is_no_decline() {
    let mut b = quiet();
    b.meeting("2026-05-01", &["ana"]);
    b.meeting("2026-05-02", &["ana"]);
    assert_eq!(b.signals(), []);
}

#[test]
fn support_is_no_engagement_that_could_decline() {
    let mut b = quiet();
    b.uses_for(Some("ana"), "feature_1", "2026-04-01", 91).uses_for(
        Some("ana"),
        "feature_1",
        "2026-07-01",
        30,
    );
    // Only support before, and none now: there were no points.
    for day in 1..=9 {
        b.meeting(&format!("2026-05-{day:02}"), &["ana"])
            .purpose(Purpose::Operational);
    }
    assert_eq!(b.signals(), []);
    for day in 1..=9 {
        b.meeting(&format!("2026-05-{day:02}"), &["ana"]);
    }
    assert_eq!(
        b.signals(),
        [(Signal::UsageAndEngagementDecline, Severity::Critical)]
    );
    let e = b.evaluate();
    let evidence = e.current.evidence.of_signal(Signal::UsageAndEngagementDecline);
    assert_eq!(
        (evidence.count, evidence.interactions.len()),
        (31, 1),
        "30 days of use and the meeting of `quiet`"
    );
}
