//! Executive sponsors: seats, factors, levels, succession, and what the portfolio counts of an account.

use rapport_engagement::row::Departure;
use rapport_engagement::sponsor::{SuccessionReason, Tally};
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;

use crate::account::{Book, at, close, day};

use EngagementLevel::{Champion, Disengaged, Passive, Unknown};
use InteractionKind::{Call, Email, ExecutiveDinner, Qbr, Reference, Training};
use InteractionStatus::Canceled;
use InteractionStatus::{Completed, Declined, NoShow};

/// A mid-market account whose primary sponsor is Ana, of the Operations department, since 2024.
fn sponsored() -> Book {
    let mut b = Book::mid_market();
    b.contact("ana", "Operations", Some(Seniority::CLevel));
    b.contact("ben", "operations ", Some(Seniority::Manager));
    b.contact("cho", "IT", None);
    b.sponsor("ana", SponsorRank::Primary, "2024-01-15", None);
    b
}

fn factor(b: &Book, name: &str, factor: SponsorFactor) -> Option<f64> {
    b.executive(name).factors[factor as usize].score
}

#[test]
fn executives_stand_in_order() {
    let mut b = Book::mid_market();
    for (name, seniority) in [
        ("z", Some(Seniority::Vp)),
        ("y", Some(Seniority::CLevel)),
        ("x", None),
        ("w", None),
        ("v", None),
        ("u", None),
        ("gone", Some(Seniority::CLevel)),
        ("t", Some(Seniority::Director)),
    ] {
        b.contact(name, "", seniority);
    }
    b.departed("gone", Departure::Undated);
    b.sponsor("gone", SponsorRank::Primary, "2026-09-01", None);
    b.sponsor("x", SponsorRank::Primary, "2026-01-01", None);
    b.sponsor("w", SponsorRank::Primary, "2026-02-01", None);
    b.sponsor("v", SponsorRank::Backup, "2026-01-01", None);
    b.sponsor("u", SponsorRank::Backup, "2026-01-01", None);
    b.sponsor("t", SponsorRank::Primary, "2025-01-01", Some("2026-09-30"));
    let s = b.sponsors();
    let names: Vec<&str> = s
        .executives
        .iter()
        .map(|e| b.rows.contacts[e.contact as usize].external_id.as_str())
        .collect();
    assert_eq!(names, ["w", "x", "u", "v", "y", "z"]);
    assert_eq!(s.primary, Some(0));
    assert_eq!(s.succession.backups, [2, 3]);
}

#[test]
fn who_is_first_and_second_sponsor_is_no_backup_of_their_own() {
    let mut b = sponsored();
    b.sponsor("ana", SponsorRank::Backup, "2026-05-01", None);
    let s = b.sponsors();
    assert_eq!(
        (s.executives[0].rank, s.executives[0].since),
        (Some(SponsorRank::Primary), Some(day("2024-01-15")))
    );
    assert_eq!(s.succession.reason, SuccessionReason::NoBackup);
}

#[test]
fn without_a_primary_sponsor_the_account_is_unknown() {
    let mut b = sponsored();
    b.departed("ana", Departure::On(day("2026-09-30")));
    b.sponsor("cho", SponsorRank::Backup, "2026-01-01", None);
    b.meeting("2026-09-01", &["cho"]);
    let s = b.sponsors();
    assert_eq!(
        (s.level, s.rule, s.risk, s.score),
        (
            EngagementLevel::Unknown,
            LevelRule::NoSponsor,
            RiskLevel::Critical,
            0
        )
    );
    assert_eq!(
        (s.primary, s.succession.reason, s.succession.risk),
        (None, SuccessionReason::NoPrimary, RiskLevel::High)
    );
    assert_eq!(s.last_executive_contact_on, Some(day("2026-09-01")));
    // On the day before she was still there.
    assert!(b.sponsors_on("2026-09-29").primary.is_some());
}

#[test]
fn meetings_are_held_and_attended_within_the_trailing_year() {
    let mut b = sponsored();
    b.meeting("2025-09-30T23:59", &["ana"]);
    b.meeting("2025-10-01T00:00", &["ana"]);
    b.interaction(ExecutiveDinner, Direction::Outbound, Completed, "2026-03-01")
        .with("ana")
        .without("ben");
    b.interaction(Qbr, Direction::Outbound, Completed, "2026-04-01")
        .without("ana")
        .with("ben");
    b.interaction(Qbr, Direction::Outbound, NoShow, "2026-05-01")
        .with("ana");
    b.interaction(Call, Direction::Outbound, Completed, "2026-06-01")
        .with("ana");
    b.interaction(Training, Direction::Outbound, Completed, "2026-06-02")
        .with("ana");
    b.meeting("2026-07-01", &["cho"]);
    // Two of the four that the cadence asks for.
    close(factor(&b, "ana", SponsorFactor::MeetingFrequency), 12.5);
    assert_eq!(
        b.executive("ana").factors[0].tally,
        Tally::Meetings {
            attended: 2,
            required: 4.0
        }
    );
    for month in 1..=4 {
        b.meeting(&format!("2026-0{month}-20"), &["ana"]);
    }
    close(factor(&b, "ana", SponsorFactor::MeetingFrequency), 25.0);
}

#[test]
fn a_new_sponsor_is_asked_for_a_share_of_the_year_and_at_least_for_one() {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact("ana", "", None);
    b.contact("ben", "", Some(Seniority::Vp));
    b.sponsor("ana", SponsorRank::Primary, "2026-06-10", None);
    b.meeting("2026-06-09T23:59", &["ana", "ben"]);
    b.meeting("2026-06-10T00:00", &["ana", "ben"]);
    // 112 days of 365: 3.68 meetings.
    close(
        factor(&b, "ana", SponsorFactor::MeetingFrequency),
        25.0 / (12.0 * 112.0 / 365.0),
    );
    // Without a sponsorship the whole cadence and the whole year.
    close(
        factor(&b, "ben", SponsorFactor::MeetingFrequency),
        25.0 * 2.0 / 12.0,
    );
    let mut b = Book::new(AccountTier::Smb);
    b.contact("ana", "", None);
    b.sponsor("ana", SponsorRank::Primary, "2026-09-30", None);
    assert_eq!(
        b.executive("ana").factors[0].tally,
        Tally::Meetings {
            attended: 0,
            required: 1.0
        }
    );
}

#[test]
fn an_answer_is_theirs_or_it_is_none() {
    let mut b = sponsored();
    assert_eq!(factor(&b, "ana", SponsorFactor::Responsiveness), None);
    let credit = |b: &Book| {
        let Tally::Answers {
            outreaches, answered, ..
        } = b.executive("ana").factors[1].tally
        else {
            panic!("answers")
        };
        (outreaches, answered)
    };
    // What somebody else answered says nothing about her.
    b.mail("2026-08-03")
        .with("ana")
        .with("ben")
        .answered(24)
        .by("ben");
    b.mail("2026-08-03").with("ana").with("ben").answered(24);
    b.mail("2026-08-03").with("ana").answered(24).by("ben");
    assert_eq!(credit(&b), (0, 0));
    b.mail("2026-08-04").with("ana").answered(24);
    b.mail("2026-08-05")
        .with("ana")
        .with("ben")
        .answered(24)
        .by("ana");
    assert_eq!(credit(&b), (2, 2));
    assert_eq!(
        factor(&b, "ana", SponsorFactor::Responsiveness),
        None,
        "two are too few"
    );
    // Not hers: she is no participant.
    b.mail("2026-08-05").answered(24).by("ana");
    assert_eq!(credit(&b), (2, 2));
    // A held call reaches all who were not absent; one that was missed reaches nobody.
    b.interaction(Call, Direction::Outbound, Completed, "2026-08-06")
        .with("ana")
        .with("ben");
    assert_eq!(
        (credit(&b), factor(&b, "ana", SponsorFactor::Responsiveness)),
        ((3, 3), Some(25.0))
    );
    b.interaction(Call, Direction::Outbound, Completed, "2026-08-07")
        .without("ana")
        .with("ben");
    assert_eq!(credit(&b), (3, 3));
    b.interaction(Call, Direction::Outbound, NoShow, "2026-08-10")
        .with("ana");
    assert_eq!(credit(&b), (4, 3));
    // She called back: theirs alone, whatever the attendance.
    b.interaction(Call, Direction::Outbound, NoShow, "2026-08-11")
        .without("ana")
        .answered(24);
    assert_eq!(credit(&b), (5, 4));
    // Too young to judge, and answered after the end. Sunday does not make it older.
    b.mail("2026-09-28T00:01").with("ana").answered(1);
    assert_eq!(credit(&b), (5, 4));
    b.mail("2026-09-27T00:00").with("ana").answered(96).by("ana");
    assert_eq!(credit(&b), (6, 4));
    // No outreach: theirs, a newsletter, support.
    b.interaction(Email, Direction::Inbound, Completed, "2026-08-09")
        .from("ana")
        .with("ana");
    b.mail("2026-08-12").with("ana").bulk();
    b.mail("2026-08-12").with("ana").purpose(Purpose::Operational);
    assert_eq!(credit(&b), (6, 4));
    close(factor(&b, "ana", SponsorFactor::Responsiveness), 25.0 * 4.0 / 6.0);
}

#[test]
fn answers_lose_credit_from_one_calendar_day_to_seven() {
    for (hours, credit) in [
        (0, 1.0),
        (24, 1.0),
        (96, 0.5),
        (25, 143.0 / 144.0),
        (168, 0.0),
        (200, 0.0),
    ] {
        let mut b = sponsored();
        // Fridays: the weekend counts, unlike for the account.
        for day in ["2026-08-07", "2026-08-14", "2026-08-21"] {
            b.mail(day).with("ana").answered(hours);
        }
        close(factor(&b, "ana", SponsorFactor::Responsiveness), 25.0 * credit);
    }
}

#[test]
fn business_reviews_are_those_of_the_account() {
    let mut b = sponsored();
    assert_eq!(factor(&b, "ana", SponsorFactor::QbrAttendance), None);
    b.interaction(Qbr, Direction::Outbound, Completed, "2026-01-10")
        .with("ana")
        .purpose(Purpose::Strategic);
    b.interaction(Qbr, Direction::Outbound, Completed, "2026-04-10")
        .with("cho");
    b.interaction(Qbr, Direction::Outbound, Declined, "2026-05-10")
        .with("ana");
    b.interaction(Qbr, Direction::Outbound, NoShow, "2026-06-10")
        .with("cho");
    // Nobody can tell whose it was.
    b.interaction(Qbr, Direction::Outbound, Completed, "2026-06-11");
    b.interaction(
        Qbr,
        Direction::Outbound,
        InteractionStatus::Canceled,
        "2026-07-10",
    )
    .with("ana");
    b.interaction(
        Qbr,
        Direction::Outbound,
        InteractionStatus::Scheduled,
        "2026-08-10",
    )
    .with("ana");
    close(factor(&b, "ana", SponsorFactor::QbrAttendance), 6.25);
}

#[test]
fn alignment_is_the_mean_of_the_initiatives() {
    let mut b = sponsored();
    assert_eq!(factor(&b, "ana", SponsorFactor::StrategicAlignment), None);
    b.rows.initiatives = vec![Alignment::High, Alignment::Medium, Alignment::Low, Alignment::Low];
    // It is theirs only while they talk to us, in the span that counts for them.
    b.meeting("2025-09-30", &["ana"]);
    b.meeting("2026-08-01", &["ana"]).purpose(Purpose::Operational);
    b.interaction(Training, Direction::Outbound, Completed, "2026-08-01")
        .with("ana");
    assert_eq!(factor(&b, "ana", SponsorFactor::StrategicAlignment), None);
    b.meeting("2025-10-01", &["ana"]);
    close(factor(&b, "ana", SponsorFactor::StrategicAlignment), 9.375);
}

#[test]
fn the_score_is_of_what_was_measured() {
    let mut b = sponsored();
    b.rows.initiatives = vec![Alignment::High];
    b.meeting("2026-08-01", &["ana"]);
    // 6.25 and 25 of 50.
    let ana = b.executive("ana");
    assert_eq!((ana.factor_score, ana.measured), (63, 2));
}

#[test]
fn a_new_sponsor_who_was_never_in_contact_is_unknown_for_thirty_days() {
    let rule = |since: &str, contact: Option<&str>| {
        let mut b = Book::mid_market();
        b.contact("ana", "", None);
        b.sponsor("ana", SponsorRank::Primary, since, None);
        if let Some(when) = contact {
            b.meeting(when, &["ana"]);
        }
        b.executive("ana").rule
    };
    assert_eq!(rule("2026-09-01", None), LevelRule::NewSponsor);
    assert_eq!(rule("2026-08-31", None), LevelRule::Occasional);
    // Contact from before the sponsorship is contact.
    assert_eq!(rule("2026-09-20", Some("2025-12-01")), LevelRule::Occasional);
}

#[test]
fn an_executive_without_a_sponsorship_is_unknown_until_the_first_contact() {
    let mut b = sponsored();
    b.contact("vp", "Sales", Some(Seniority::Vp));
    assert_eq!(b.executive("vp").rule, LevelRule::NeverInContact);
    // A webinar is no executive contact.
    b.interaction(Training, Direction::Outbound, Completed, "2026-09-01")
        .with("vp");
    let vp = b.executive("vp");
    assert_eq!(
        (vp.rule, vp.last_contact_on, vp.last_touch_on),
        (LevelRule::NeverInContact, None, Some(day("2026-09-01")))
    );
    b.meeting("2026-09-02", &["vp"]);
    assert_eq!(b.executive("vp").rule, LevelRule::Occasional);
}

#[test]
fn engaged_takes_sixty_points_and_contact_within_one_and_a_half_intervals() {
    // Mid-market: the interval is 91.25 days; 1.5 of them are 136.875.
    let level = |when: &str, alignment: &[Alignment]| {
        let mut b = sponsored();
        b.rows.initiatives = alignment.to_vec();
        b.meeting(when, &["ana"]);
        b.meeting("2025-12-01", &["ana"]);
        b.executive("ana").level
    };
    let medium = Alignment::Medium;
    assert_eq!(level("2026-05-17", &[Alignment::High]), EngagementLevel::Engaged);
    assert_eq!(level("2026-05-16", &[Alignment::High]), EngagementLevel::Passive);
    // 12.5 and 12.5 of 50 are 50 points; one factor alone is not enough.
    assert_eq!(level("2026-09-01", &[medium]), EngagementLevel::Passive);
    assert_eq!(level("2026-09-01", &[]), EngagementLevel::Passive);
}

#[test]
fn one_factor_alone_makes_nobody_engaged() {
    let mut b = sponsored();
    for month in 5..=8 {
        b.meeting(&format!("2026-0{month}-20"), &["ana"]);
    }
    let ana = b.executive("ana");
    assert_eq!(
        (ana.factor_score, ana.measured, ana.level, ana.score),
        (100, 1, EngagementLevel::Passive, 59)
    );
    b.rows.initiatives = vec![Alignment::Low, Alignment::Low, Alignment::Low, Alignment::High];
    let ana = b.executive("ana");
    assert_eq!((ana.score, ana.level), (63, EngagementLevel::Engaged));
}

#[test]
fn a_new_sponsor_is_engaged_by_one_factor() {
    let level = |since: &str| {
        let mut b = Book::mid_market();
        b.contact("ana", "", None);
        b.sponsor("ana", SponsorRank::Primary, since, None);
        b.meeting("2026-08-20", &["ana"]);
        b.meeting("2026-09-20", &["ana"]);
        let ana = b.executive("ana");
        assert_eq!(ana.measured, 1);
        ana.level
    };
    // 89 days ago, and 90.
    assert_eq!(
        [level("2026-07-03"), level("2026-07-02")],
        [EngagementLevel::Engaged, EngagementLevel::Passive]
    );
    // An executive without a sponsorship is not new.
    let mut b = Book::new(AccountTier::Smb);
    b.contact("vp", "", Some(Seniority::Vp));
    b.meeting("2026-08-20", &["vp"]);
    b.meeting("2026-09-20", &["vp"]);
    assert_eq!(
        (b.executive("vp").factor_score, b.executive("vp").level),
        (100, EngagementLevel::Passive)
    );
}

#[test]
fn who_was_in_contact_on_one_day_only_is_not_engaged() {
    let level = |second: &str| {
        let mut b = sponsored();
        b.rows.initiatives = vec![Alignment::High];
        b.meeting("2026-08-20T09:00", &["ana"]);
        b.meeting(second, &["ana"]);
        b.executive("ana").level
    };
    assert_eq!(
        [level("2026-08-20T18:00"), level("2026-08-21")],
        [EngagementLevel::Passive, EngagementLevel::Engaged]
    );
    assert_eq!(
        [level("2025-09-30"), level("2025-10-01")],
        [EngagementLevel::Passive, EngagementLevel::Engaged],
        "within the span"
    );
    let mut b = sponsored();
    b.rows.initiatives = vec![Alignment::High];
    b.meeting("2026-08-20", &["ana"]);
    // Support counts as a meeting they came to, not as executive contact.
    b.meeting("2026-08-21", &["ana"]).purpose(Purpose::Operational);
    let ana = b.executive("ana");
    assert_eq!(
        (ana.contact_days, ana.factors[0].tally),
        (
            1,
            Tally::Meetings {
                attended: 2,
                required: 4.0
            }
        )
    );
    assert_eq!(ana.level, EngagementLevel::Passive);
}

#[test]
fn a_score_never_says_more_than_the_level() {
    let shown = |change: fn(&mut Book)| {
        let mut b = champion();
        change(&mut b);
        let ana = b.executive("ana");
        (ana.level, ana.factor_score, ana.score)
    };
    assert_eq!(shown(|_| {}), (Champion, 100, 100));
    // Silent for more than one and a half intervals, and for three.
    let until = |b: &mut Book, last: &str| {
        b.rows.interactions.retain(|i| i.occurred_at < at("2026-01-01"));
        for month in [10, 11] {
            b.meeting(&format!("2025-{month}-05"), &["ana"]);
        }
        b.meeting(last, &["ana"]);
    };
    let passive = shown(|b| {
        b.rows.interactions.clear();
        for when in ["2025-11-05", "2025-12-05", "2026-01-05", "2026-05-01"] {
            b.meeting(when, &["ana"]);
        }
    });
    assert_eq!(passive, (Passive, 100, 59));
    let mut b = champion();
    until(&mut b, "2025-12-05");
    assert_eq!(
        (
            b.executive("ana").level,
            b.executive("ana").factor_score,
            b.executive("ana").score
        ),
        (Disengaged, 88, 39)
    );
    // A low score stays as low as it is.
    let low = shown(|b| {
        b.rows.interactions.clear();
        b.rows.initiatives.clear();
        b.meeting("2026-08-20", &["ana"]);
    });
    assert_eq!(low, (Passive, 25, 25));
    let new = shown(|b| {
        b.rows.interactions.clear();
        b.rows.sponsorships[0].since = day("2026-09-15");
        b.meeting("2026-09-20", &["ana"]).purpose(Purpose::Operational);
    });
    assert_eq!(new, (Unknown, 100, 0), "met, but never in executive contact");
}

#[test]
fn who_declines_is_polite_at_most() {
    let ana = |declined: &[(&str, InteractionStatus)], change: fn(&mut Book)| {
        let mut b = champion();
        for (when, status) in declined {
            b.interaction(InteractionKind::Meeting, Direction::Outbound, *status, when)
                .with("ana");
        }
        change(&mut b);
        let ana = b.executive("ana");
        (ana.rule, ana.score)
    };
    let keep = |_: &mut Book| {};
    let advocates = (LevelRule::Advocates, 100);
    let declines = (LevelRule::Declines, 59);
    // The last one she came to was on 20 August.
    assert_eq!(ana(&[("2026-09-01", Declined)], keep), advocates);
    assert_eq!(
        ana(&[("2026-09-01", Declined), ("2026-09-02", NoShow)], keep),
        declines
    );
    assert_eq!(
        ana(&[("2026-09-01", Canceled), ("2026-08-20T09:01", Declined)], keep),
        declines
    );
    assert_eq!(
        ana(&[("2026-09-01", Canceled), ("2026-08-20T09:00", Declined)], keep),
        advocates,
        "not after it"
    );
    let by_us = |b: &mut Book| b.rows.interactions.last_mut().unwrap().canceled_by = Some(Party::Vendor);
    assert_eq!(
        ana(&[("2026-09-01", Declined), ("2026-09-02", Canceled)], by_us),
        advocates
    );
    let moved = |b: &mut Book| b.rows.interactions.last_mut().unwrap().rescheduled = true;
    assert_eq!(
        ana(&[("2026-09-01", Declined), ("2026-09-02", Canceled)], moved),
        advocates
    );
    let came = |b: &mut Book| {
        b.meeting("2026-09-03", &["ana"]);
    };
    assert_eq!(
        ana(&[("2026-09-01", Declined), ("2026-09-02", NoShow)], came),
        advocates,
        "she came again"
    );
    let held_without_her = |b: &mut Book| {
        b.interaction(
            InteractionKind::Meeting,
            Direction::Outbound,
            Completed,
            "2026-09-03",
        )
        .without("ana")
        .with("ben");
    };
    assert_eq!(
        ana(
            &[("2026-09-01", Declined), ("2026-09-02", NoShow)],
            held_without_her
        ),
        declines
    );
    // Of a call nobody says that it was declined; a review counts like any meeting.
    let call = |b: &mut Book| b.rows.interactions.last_mut().unwrap().kind = Call;
    assert_eq!(
        ana(&[("2026-09-01", Declined), ("2026-09-02", NoShow)], call),
        advocates
    );
    let review = |b: &mut Book| b.rows.interactions.last_mut().unwrap().kind = Qbr;
    assert_eq!(
        ana(&[("2026-09-01", Declined), ("2026-09-02", Declined)], review).0,
        LevelRule::Declines
    );
    // Of a backup nobody asks, and of one who is no customer any more one does.
    let backup = |b: &mut Book| b.rows.sponsorships[0].rank = SponsorRank::Backup;
    assert_eq!(
        ana(&[("2026-09-01", Declined), ("2026-09-02", NoShow)], backup),
        advocates
    );
    let churned = |b: &mut Book| b.rows.account.churned_on = Some(day("2026-09-01"));
    assert_eq!(
        ana(&[("2026-09-01", Declined), ("2026-09-02", NoShow)], churned),
        declines
    );
}

#[test]
fn a_sponsor_who_came_back_sponsors_us_again() {
    let primary = |since: Option<&str>| {
        let mut b = sponsored();
        b.change(OrgChangeKind::Departure, "2026-06-15", Some("ana"));
        if let Some(since) = since {
            b.sponsor("ana", SponsorRank::Backup, since, None);
        }
        let s = b.sponsors();
        (s.primary.is_some(), s.executives.iter().any(|e| e.contact == 0))
    };
    assert_eq!(primary(None), (false, false), "C-level, but gone");
    assert_eq!(primary(Some("2026-06-15")), (false, false));
    // Back as a backup: the first sponsorship, which nobody ended, is theirs again, too.
    assert_eq!(primary(Some("2026-06-16")), (true, true));
    assert_eq!(primary(Some("2026-10-01")), (false, false));
}

/// Everything a champion needs, in a mid-market account.
fn champion() -> Book {
    let mut b = sponsored();
    for month in [2, 4, 8] {
        b.meeting(&format!("2026-0{month}-20"), &["ana"]);
    }
    b.interaction(Qbr, Direction::Outbound, Completed, "2026-06-10")
        .with("ana");
    b.interaction(Reference, Direction::Inbound, Completed, "2026-07-10")
        .with("ana");
    b.rows.initiatives = vec![Alignment::High];
    b
}

#[test]
fn a_champion_joins_reviews_and_speaks_for_us() {
    let level = |change: fn(&mut Book)| {
        let mut b = champion();
        change(&mut b);
        b.executive("ana").level
    };
    assert_eq!(level(|_| {}), EngagementLevel::Champion);
    assert_eq!(
        level(|b| b.rows.interactions.retain(|i| i.kind != Reference)),
        EngagementLevel::Engaged
    );
    // Without the review a factor is missing too: two are left.
    assert_eq!(
        level(|b| b.rows.interactions.retain(|i| i.kind != Qbr)),
        EngagementLevel::Engaged
    );
    assert_eq!(level(|b| b.rows.initiatives.clear()), EngagementLevel::Engaged);
    // 25 + 25 + 10 of 75 are 80 points; 25 + 25 + 9.9 are not.
    let aligned = |high: usize, of: usize| {
        let mut b = champion();
        b.rows.initiatives = (0..of)
            .map(|n| if n < high { Alignment::High } else { Alignment::Low })
            .collect();
        (b.executive("ana").score, b.executive("ana").level)
    };
    assert_eq!(aligned(4, 10), (80, EngagementLevel::Champion));
    assert_eq!(aligned(3, 10), (77, EngagementLevel::Engaged));
    // Advocacy from before the sponsorship is not this sponsorship's.
    let renewed = |b: &mut Book| {
        b.rows.sponsorships[0].since = day("2026-07-11");
        b.meeting("2026-09-01", &["ana"]);
    };
    assert_eq!(level(renewed), EngagementLevel::Engaged);
}

#[test]
fn silence_of_three_intervals_is_disengaged() {
    // 3 · 91.25 = 273.75 days.
    let ana = |when: &str| {
        let mut b = sponsored();
        b.meeting(when, &["ana"]);
        b.executive("ana")
    };
    assert_eq!(
        (ana("2025-12-31").rule, ana("2025-12-31").silence.days),
        (LevelRule::Occasional, Some(273))
    );
    assert_eq!(
        (ana("2025-12-30").rule, ana("2025-12-30").silence.days),
        (LevelRule::Silent, Some(274))
    );
    // Never in contact: counted from the beginning of the sponsorship.
    assert_eq!(sponsored().executive("ana").rule, LevelRule::Silent);
}

#[test]
fn who_is_silent_but_hands_over_is_passive() {
    let rule = |meetings: &[&str], change: fn(&mut Book)| {
        let mut b = sponsored();
        b.meeting("2025-11-01", &["ana"]);
        for when in meetings {
            b.meeting(when, &["ben"]);
        }
        change(&mut b);
        b.executive("ana").rule
    };
    let keep = |_: &mut Book| {};
    assert_eq!(rule(&["2026-07-01", "2026-09-30"], keep), LevelRule::Delegates);
    // Two meetings on one day are one day; one day is too few.
    assert_eq!(rule(&["2026-07-02", "2026-07-02T15:00"], keep), LevelRule::Silent);
    // As many as in the window before is no more.
    assert_eq!(
        rule(&["2026-07-02", "2026-08-02", "2026-04-02", "2026-06-30"], keep),
        LevelRule::Silent
    );
    assert_eq!(
        rule(&["2026-07-02", "2026-08-02", "2026-04-02", "2026-03-31"], keep),
        LevelRule::Delegates
    );
    let support = |b: &mut Book| b.rows.interactions.last_mut().unwrap().purpose = Some(Purpose::Operational);
    assert_eq!(
        rule(&["2026-07-01", "2026-09-30"], support),
        LevelRule::Silent,
        "support is nothing that was handed over"
    );
    // Another department, or none.
    assert_eq!(
        rule(&["2026-07-02", "2026-08-02"], |b| b.rows.contacts[1].department =
            Some("IT".to_owned())),
        LevelRule::Silent
    );
    assert_eq!(
        rule(&["2026-07-02", "2026-08-02"], |b| b.rows.contacts[0].department =
            None),
        LevelRule::Silent
    );
    // From six intervals on (547.5 days) nobody delegates any more.
    let late = |when: &'static str| {
        let mut b = sponsored();
        for when in [when, "2026-07-02", "2026-08-02"] {
            b.meeting(when, &["ben"]);
        }
        b.meeting(when, &["ana"]);
        b.executive("ana").rule
    };
    assert_eq!(late("2025-04-01"), LevelRule::Delegates);
    assert_eq!(late("2025-03-31"), LevelRule::Silent);
}

#[test]
fn the_window_before_is_read_at_its_own_end() {
    let mut b = sponsored();
    b.meeting("2025-11-01", &["ana"]);
    b.meeting("2026-07-02", &["ben"]);
    b.meeting("2026-08-02", &["ben"]);
    b.meeting("2026-05-02", &["ben"]);
    // Answered after the end of the window before: a day of this one.
    b.mail("2026-06-30T12:00").with("ben").answered(24);
    let delegation = b.executive("ana").delegation.unwrap();
    assert_eq!((delegation.days, delegation.previous_days), (3, 1));
}

#[test]
fn succession_hangs_on_backups_and_tenure() {
    let reason = |change: fn(&mut Book)| {
        let mut b = champion();
        b.sponsor("cho", SponsorRank::Backup, "2026-01-01", None);
        for month in [1, 3, 5, 7, 9] {
            b.meeting(&format!("2026-0{month}-02"), &["cho"]);
        }
        change(&mut b);
        let succession = b.sponsors().succession;
        (succession.reason, succession.risk, succession.tenure_months)
    };
    assert_eq!(reason(|_| {}), (SuccessionReason::Covered, RiskLevel::Low, None));
    assert_eq!(
        reason(|b| b.role_since("ana", "2026-03-30")),
        (SuccessionReason::Covered, RiskLevel::Low, Some(6))
    );
    assert_eq!(
        reason(|b| b.role_since("ana", "2026-03-31")),
        (SuccessionReason::ShortTenure, RiskLevel::Medium, Some(5))
    );
    assert_eq!(
        reason(|b| b.role_since("ana", "2022-09-30")),
        (SuccessionReason::Covered, RiskLevel::Low, Some(48))
    );
    assert_eq!(
        reason(|b| b.role_since("ana", "2022-08-30")),
        (SuccessionReason::LongTenure, RiskLevel::Medium, Some(49))
    );
    let silent = |b: &mut Book| {
        b.rows
            .interactions
            .retain(|i| i.participants.iter().any(|p| p.contact == 0));
    };
    assert_eq!(reason(silent).0, SuccessionReason::BackupNotEngaged);
    assert_eq!(
        reason(|b| b.rows.sponsorships[1].until = Some(day("2026-09-30"))).0,
        SuccessionReason::NoBackup
    );
    assert_eq!(
        reason(|b| b
            .rows
            .interactions
            .retain(|i| i.participants.iter().all(|p| p.contact != 0))),
        (SuccessionReason::PrimaryDisengaged, RiskLevel::High, None)
    );
}

#[test]
fn the_portfolio_counts_days_of_contact_and_reviews_of_the_trailing_year() {
    let mut b = sponsored();
    b.contact("vp", "Sales", Some(Seniority::Vp));
    b.meeting("2025-09-30", &["ana"]);
    b.meeting("2025-10-01", &["ana"]);
    b.meeting("2025-10-01T15:00", &["vp"]);
    b.mail("2026-05-01").with("vp").answered(48);
    b.meeting("2026-06-01", &["ben"]);
    b.interaction(Qbr, Direction::Outbound, Completed, "2026-07-01")
        .with("ben")
        .without("ana");
    b.interaction(Qbr, Direction::Outbound, Completed, "2026-09-01")
        .with("vp");
    b.interaction(Qbr, Direction::Outbound, NoShow, "2026-09-02")
        .with("vp");
    let year = b.sponsors().year;
    assert_eq!(
        (year.contact_days, year.qbrs_held, year.qbrs_with_executive),
        (3, 2, 1)
    );
    assert_eq!(year.known_days, Some(365));
    assert_eq!(b.sponsors().engaged_executives, 1);
}

#[test]
fn known_days_begin_with_the_first_fact() {
    let mut b = sponsored();
    b.interaction(
        Qbr,
        Direction::Outbound,
        InteractionStatus::Scheduled,
        "2026-01-01",
    )
    .with("ana");
    assert_eq!(b.sponsors().year.known_days, None);
    b.meeting("2026-09-30", &[]);
    assert_eq!(b.sponsors().year.known_days, Some(1));
    b.uses(None, "feature_1", "2026-09-01");
    assert_eq!(b.sponsors().year.known_days, Some(30));
    b.rows.first_usage_days.push(day("2025-01-01"));
    assert_eq!(b.sponsors().year.known_days, Some(365));
}

#[test]
fn engaged_executives_are_those_of_three_months_whatever_the_period() {
    let mut b = sponsored();
    b.policy.standard_period = Period::Monthly;
    b.meeting("2026-07-01", &["ana", "ben"]);
    let windows = Windows::new(day("2026-09-30"), at("2030-01-01"), b.zone, Period::Monthly);
    assert_eq!(
        rapport_engagement::sponsor::sponsors(&b.rows, &b.policy, &windows).engaged_executives,
        1
    );
}
