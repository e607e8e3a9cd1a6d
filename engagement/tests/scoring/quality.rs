//! Frequency and quality, and every rule about a single interaction.

use chrono_tz::Tz;
use rapport_engagement::policy::ResponseClock;
use rapport_engagement::vocabulary::*;

use crate::account::{Book, close};

use AccountTier::{Enterprise, MidMarket, Smb};
use Dimension::{Breadth, Frequency, Quality};
use InteractionKind::{Call, Email, ForumPost, Meeting, Qbr, Training};
use InteractionStatus::{Completed, Declined, NoShow, Scheduled};
use Period::{Monthly, Quarterly};
use ResponseClock::{Calendar, Weekdays};

fn value(book: &Book, component: Component) -> Option<f64> {
    book.component(component).value
}

/// A mid-market account with Ana and Ben, known since a meeting before the window.
fn known() -> Book {
    let mut b = Book::mid_market();
    b.contact("ana", "IT", None).contact("ben", "IT", None);
    b.meeting("2026-06-01", &["ana"]);
    b
}

/// Points of the activity span, not per 30 days: it is the window of 92 days.
fn points(book: &Book) -> f64 {
    value(book, Component::Activity).unwrap() * 92.0 / 30.0
}

#[track_caller]
fn earns(book: &Book, expected: f64) {
    close(Some(points(book)), expected);
}

#[test]
fn our_own_unanswered_mail_earns_nothing() {
    let mut b = known();
    b.mail("2026-08-03").with("ana");
    earns(&b, 0.0);
    b.mail("2026-08-04").with("ana").answered(5);
    earns(&b, 1.0);
}

#[test]
fn an_answer_is_placed_by_its_own_time() {
    let mut b = known();
    // Sent in the window before, answered in this one: two-way now, though no outreach of this window.
    b.mail("2026-06-29").with("ana").answered(72);
    earns(&b, 1.0);
    assert_eq!(b.evaluate().current.measures.outreaches, 0.0);
    // Sent in this one, answered after it: not yet.
    b.mail("2026-09-30").with("ana").answered(72);
    earns(&b, 1.0);
}

#[test]
fn mails_and_posts_count_for_a_third_of_the_benchmark() {
    let mut b = known();
    for hour in 0..100 {
        b.interaction(
            Email,
            Direction::Inbound,
            Completed,
            &format!("2026-08-{:02}T{:02}:00", 1 + hour / 24, hour % 24),
        )
        .from("ana");
    }
    close(value(&b, Component::Activity), 10.0);
    close(b.component(Component::Activity).score, 100.0 / 3.0);
}

#[test]
fn a_post_of_ours_is_no_engagement_and_one_of_theirs_is() {
    let mut b = known();
    b.interaction(ForumPost, Direction::Outbound, Completed, "2026-08-03")
        .with("ana");
    earns(&b, 0.0);
    b.interaction(ForumPost, Direction::Inbound, Completed, "2026-08-03")
        .from("ana");
    earns(&b, 1.0);
}

#[test]
fn a_meeting_where_everybody_was_absent_was_not_held() {
    let mut b = known();
    b.interaction(Meeting, Direction::Outbound, Completed, "2026-08-01")
        .without("ana")
        .without("ben");
    b.interaction(Meeting, Direction::Outbound, Completed, "2026-08-02")
        .without("ana")
        .with("ben");
    // Nobody on the list, but it came from somebody.
    b.interaction(Meeting, Direction::Inbound, Completed, "2026-08-03")
        .from("ana");
    close(value(&b, Component::MeetingParticipation), 2.0 / 3.0);
}

#[test]
fn what_is_due_and_what_is_not() {
    let mut b = known();
    b.meeting("2026-08-01", &["ana"]);
    b.interaction(Meeting, Direction::Outbound, NoShow, "2026-08-02")
        .with("ana");
    b.interaction(Qbr, Direction::Outbound, Declined, "2026-08-03")
        .with("ana");
    b.canceled("2026-08-04").with("ana");
    // Not due: canceled by us, moved to a new date, planned, no meeting kind, naming nobody.
    b.canceled("2026-08-05").with("ana").canceled_by(Party::Vendor);
    b.canceled("2026-08-06").with("ana").rescheduled();
    b.interaction(Meeting, Direction::Outbound, Scheduled, "2026-08-07")
        .with("ana");
    b.interaction(Call, Direction::Outbound, NoShow, "2026-08-08")
        .with("ana");
    b.meeting("2026-08-09", &[]);
    b.interaction(Meeting, Direction::Outbound, NoShow, "2026-08-10");
    close(value(&b, Component::MeetingParticipation), 0.25);
}

#[test]
fn a_call_answers_itself_and_a_mailbox_does_not() {
    let mut b = known();
    // Monday to Thursday.
    b.interaction(Call, Direction::Outbound, Completed, "2026-08-03")
        .with("ana");
    b.interaction(Call, Direction::Outbound, NoShow, "2026-08-04")
        .with("ana");
    b.interaction(Call, Direction::Outbound, NoShow, "2026-08-05")
        .with("ana")
        .answered(10);
    b.interaction(Call, Direction::Inbound, Completed, "2026-08-06")
        .from("ana");
    close(value(&b, Component::ResponseRate), 2.0 / 3.0);
    // 0 hours for the call, 10 for the one who called back.
    close(value(&b, Component::ResponseTime), 5.0);
    earns(&b, 9.0);
}

#[test]
fn credits_fall_from_one_day_to_three() {
    // All on a Monday: 96 hours reach into Friday.
    for (hours, expected) in [
        (1, 100.0),
        (24, 100.0),
        (48, 50.0),
        (60, 25.0),
        (72, 0.0),
        (96, 0.0),
    ] {
        let mut b = known();
        for day in ["2026-08-03", "2026-08-10", "2026-08-17"] {
            b.mail(day).with("ana").answered(hours);
        }
        close(b.component(Component::ResponseTime).score, expected);
    }
}

#[test]
fn the_weekend_is_no_waiting_time() {
    let median = |from: &str, hours: i64, clock: ResponseClock, zone: Tz| {
        let mut b = known();
        (b.policy.response_clock, b.zone) = (clock, zone);
        for _ in 0..3 {
            b.mail(from).with("ana").answered(hours);
        }
        value(&b, Component::ResponseTime).unwrap()
    };
    let utc = |from, hours, clock| median(from, hours, clock, Tz::UTC);
    // Friday 09:00 to Monday 09:00: 15 hours of Friday and 9 of Monday.
    assert_eq!(
        [utc("2026-08-07", 72, Weekdays), utc("2026-08-07", 72, Calendar)],
        [24.0, 72.0]
    );
    // Within a weekend nothing passes; from one into Monday, the hours of Monday; over two weekends, both are left out.
    assert_eq!(
        [
            utc("2026-08-08", 30, Weekdays),
            utc("2026-08-09", 24, Weekdays),
            utc("2026-08-07", 240, Weekdays)
        ],
        [0.0, 9.0, 144.0]
    );
    // Monday to Friday has no weekend; Saturday's first instant is none of Friday.
    assert_eq!(
        [
            utc("2026-08-03", 96, Weekdays),
            utc("2026-08-07", 15, Weekdays),
            utc("2026-08-07", 16, Weekdays)
        ],
        [96.0, 15.0, 15.0]
    );
    // Friday 21:00 UTC is Saturday in Kolkata (+05:30), whose Monday begins on Sunday 18:30 UTC.
    assert_eq!(median("2026-08-07T21:00", 48, Weekdays, Tz::Asia__Kolkata), 2.5);
    assert_eq!(utc("2026-08-07T21:00", 48, Weekdays), 3.0);
}

#[test]
fn a_weekend_in_which_the_clocks_change_is_left_out_whole() {
    let median = |from: &str, hours: i64, ending_on: &str| {
        let mut b = known();
        b.zone = Tz::Europe__Berlin;
        for _ in 0..3 {
            b.mail(from).with("ana").answered(hours);
        }
        crate::account::component_of(&b.evaluate_on(ending_on), Component::ResponseTime)
            .value
            .unwrap()
    };
    // Summer time ends on Sunday 25 October 2026: the weekend has 49 hours. Friday 12:00 to Monday 12:00, Berlin.
    assert_eq!(median("2026-10-23T10:00", 73, "2026-12-31"), 24.0);
    // It began on Sunday 29 March: 47 hours.
    assert_eq!(median("2026-03-27T11:00", 71, "2026-05-31"), 24.0);
}

#[test]
fn silence_scores_nothing_but_has_no_time() {
    let mut b = known();
    for day in 3..=5 {
        b.mail(&format!("2026-08-0{day}")).with("ana");
    }
    // Without a meeting the two would still be more than 0.30 of the dimension.
    let time = b.component(Component::ResponseTime);
    assert_eq!((time.value, time.score, time.measured), (None, Some(0.0), true));
    close(b.component(Component::ResponseRate).score, 0.0);
}

#[test]
fn an_outreach_is_judged_from_72_hours_on() {
    let mut b = known();
    b.mail("2026-08-03").with("ana");
    b.mail("2026-08-04").with("ana");
    // The window ends on Thursday, 2026-10-01T00:00: exactly 72 hours before it, and a minute less.
    b.mail("2026-09-28T00:00").with("ana");
    b.mail("2026-09-28T00:01").with("ana");
    assert_eq!(b.evaluate().current.measures.outreaches, 3.0);
    // On Monday's end the weekend has not aged what was sent on Thursday; a day later it is old enough.
    let outreaches = |ending_on: &str, clock| {
        let mut b = known();
        b.policy.response_clock = clock;
        b.mail("2026-09-24T00:00").with("ana");
        b.evaluate_on(ending_on).current.measures.outreaches
    };
    // Thursday and Friday are 48 hours, Saturday and Sunday none, Monday 24.
    assert_eq!(
        [
            outreaches("2026-09-27", Weekdays),
            outreaches("2026-09-28", Weekdays)
        ],
        [0.0, 1.0]
    );
    assert_eq!(
        [
            outreaches("2026-09-25", Calendar),
            outreaches("2026-09-26", Calendar)
        ],
        [0.0, 1.0]
    );
}

#[test]
fn too_few_is_not_measured_and_says_so() {
    let mut b = known();
    b.mail("2026-08-03").with("ana").answered(1);
    b.meeting("2026-08-04", &["ana"]);
    let notes: Vec<Option<String>> = [
        Component::ResponseRate,
        Component::MeetingParticipation,
        Component::StrategicShare,
    ]
    .map(|c| b.component(c).note)
    .into();
    let expected = [
        "too few outreaches: 1 of 3",
        "too few meetings due: 1 of 2",
        "too few classified conversations: 0 of 3",
    ];
    assert_eq!(notes, expected.map(|n| Some(n.to_owned())));
    assert!(
        !b.evaluate()
            .assessment
            .dimension(Dimension::Quality)
            .unwrap()
            .measured
    );
}

#[test]
fn half_of_the_conversations_have_to_be_classified() {
    let mut b = known();
    for day in 1..=3 {
        b.meeting(&format!("2026-08-0{day}"), &["ana"])
            .purpose(Purpose::Strategic);
    }
    for day in 4..=6 {
        b.meeting(&format!("2026-08-0{day}"), &["ana"]);
    }
    close(value(&b, Component::StrategicShare), 1.0);
    b.meeting("2026-08-07", &["ana"]);
    assert_eq!(
        b.component(Component::StrategicShare).note.as_deref(),
        Some("too few classified: 3 of 7 conversations")
    );
}

#[test]
fn weights_of_what_is_missing_go_to_the_rest() {
    let mut b = Book::mid_market();
    b.contact("ana", "IT", None);
    b.meeting("2026-06-01", &["ana"]);
    b.meeting("2026-08-01", &["ana"]);
    b.meeting("2026-08-02", &["ana"]);
    let e = b.evaluate();
    // Of quality only participation is measured; product is not.
    close(e.assessment.dimension(Dimension::Quality).unwrap().score, 100.0);
    close(Some(e.assessment.coverage), 100.0 * (0.30 + 0.35 * 0.30 + 0.20));
    let frequency = 100.0 * (10.0 * 30.0 / 92.0) / 30.0;
    let breadth = 0.4 * 20.0 + 0.3 * 100.0 / 3.0;
    close(
        e.assessment.overall,
        (0.30 * frequency + 0.35 * 100.0 + 0.20 * breadth) / 0.85,
    );
}

#[test]
fn a_dimension_of_which_less_than_three_tenths_could_be_measured_is_not() {
    // Three calls: of quality, strategic share alone has enough to go by, and it weighs 0.15.
    let mut b = known();
    for day in 3..=5 {
        b.interaction(Call, Direction::Inbound, Completed, &format!("2026-08-0{day}"))
            .from("ana")
            .purpose(Purpose::Strategic);
    }
    let e = b.evaluate();
    let quality = e.assessment.dimension(Dimension::Quality).unwrap();
    assert_eq!(
        (quality.measured, quality.score, quality.note.as_deref()),
        (false, None, Some("too little of it could be measured"))
    );
    for component in &quality.components {
        assert_eq!(
            (
                component.measured,
                component.score,
                component.value,
                component.contribution
            ),
            (false, None, None, None)
        );
        assert!(component.note.is_some());
    }
    // Frequency and breadth: half of the weight, and not a bit more.
    close(Some(e.assessment.coverage), 50.0);
    assert!(e.assessment.pattern.is_some(), "50 % is enough");
    // Participation alone weighs 0.30: reached.
    let mut b = known();
    b.meeting("2026-08-03", &["ana"]);
    b.meeting("2026-08-04", &["ana"]);
    assert!(b.component(Component::MeetingParticipation).measured);
}

#[test]
fn without_anybody_of_theirs_nothing_of_the_relationship_is_measured() {
    let measured = |b: &Book| {
        let e = b.evaluate();
        Dimension::ALL
            .iter()
            .filter(|d| e.assessment.dimension(**d).unwrap().measured)
            .copied()
            .collect::<Vec<_>>()
    };
    let mut b = Book::mid_market();
    b.contact("ana", "IT", None);
    for day in 3..=5 {
        b.mail(&format!("2026-08-0{day}")).with("ana");
    }
    assert_eq!(measured(&b), []);
    let notes: Vec<_> = b
        .evaluate()
        .assessment
        .dimensions
        .iter()
        .map(|d| d.note.clone().unwrap())
        .collect();
    assert_eq!(notes[..3], ["nobody of theirs has been in contact"; 3]);
    assert_eq!(b.evaluate().assessment.overall, None);
    // One answer, however long ago history reaches, is enough for whom we serve ourselves.
    b.meeting("2024-10-01", &["ana"]);
    assert_eq!(measured(&b), [Frequency, Quality, Breadth]);
    // Served by others, the activity span decides: 92 days here, so 30 June lies before it and 1 July in it.
    for served_by in [ServedBy::Partner, ServedBy::Pooled] {
        b.served_by(served_by);
        assert_eq!(measured(&b), []);
        let mut before = served(&b, "2026-06-30", None);
        assert_eq!(measured(&before), []);
        before
            .interaction(Email, Direction::Inbound, Completed, "2026-07-01")
            .from("ana");
        assert_eq!(measured(&before), [Frequency, Quality, Breadth]);
        assert_eq!(
            measured(&served(&b, "2026-07-01", Some(Purpose::Operational))),
            [],
            "support is no relationship"
        );
        assert_eq!(
            measured(&served(&b, "2026-07-01", Some(Purpose::Tactical))),
            [Frequency, Quality, Breadth]
        );
    }
}

/// The same account with one more e-mail of theirs.
fn served(b: &Book, when: &str, purpose: Option<Purpose>) -> Book {
    let mut with = Book::mid_market();
    with.contact("ana", "IT", None)
        .served_by(b.rows.account.served_by);
    with.rows.interactions.clone_from(&b.rows.interactions);
    let row = with
        .interaction(Email, Direction::Inbound, Completed, when)
        .from("ana");
    if let Some(purpose) = purpose {
        row.purpose(purpose);
    }
    with
}

#[test]
fn the_activity_span_is_the_cadence_interval_where_that_is_longer_than_the_window() {
    // A single meeting, so many days before the end of the day after `ending_on`; the account has been known for long.
    let points = |tier, period, days_before_end: i64| {
        let mut b = Book::new(tier);
        b.contact("ana", "IT", None);
        b.meeting("2025-01-01", &[]);
        let when = (crate::account::day("2026-10-01") - chrono::TimeDelta::days(days_before_end)).to_string();
        b.meeting(&format!("{when}T00:00"), &["ana"]);
        let windows = rapport_engagement::windows::Windows::new(
            crate::account::day("2026-09-30"),
            crate::account::at("2030-01-01"),
            Tz::UTC,
            period,
        );
        crate::account::component_of(&b.evaluate_in(&windows), Component::Activity)
            .value
            .unwrap()
    };
    let per_30 = |days: f64| 5.0 * 30.0 / days;
    // The month of September has 30 days, the quarter 92.
    for (tier, period, span) in [
        (Enterprise, Monthly, 31),
        (MidMarket, Monthly, 92),
        (Smb, Monthly, 183),
        (Enterprise, Quarterly, 92),
        (MidMarket, Quarterly, 92),
        (Smb, Quarterly, 183),
    ] {
        close(Some(points(tier, period, span)), per_30(span as f64));
        close(Some(points(tier, period, span + 1)), 0.0);
    }
}

#[test]
fn who_is_met_twice_a_year_is_not_judged_by_a_quarter() {
    let mut b = Book::new(AccountTier::Smb);
    b.contact("ana", "Bakery", Some(Seniority::CLevel));
    b.sponsor("ana", SponsorRank::Primary, "2024-01-01", None);
    b.interaction(Qbr, Direction::Outbound, Completed, "2025-11-10")
        .with("ana");
    // 138 days before the end: no day of the window.
    b.interaction(Qbr, Direction::Outbound, Completed, "2026-05-15")
        .with("ana");
    b.interaction(Call, Direction::Outbound, Completed, "2026-04-20")
        .with("ana");
    let e = b.evaluate();
    close(b.component(Component::Activity).value, 13.0 * 30.0 / 183.0);
    close(
        e.assessment.dimension(Dimension::Breadth).unwrap().score,
        40.0 * 0.5 + 30.0 + 30.0,
    );
    assert_ne!(e.assessment.pattern, Some(Pattern::Disengaged));
}

#[test]
fn a_new_account_is_measured_by_the_days_it_has_lived_and_at_least_by_thirty() {
    let value_since = |first: &str| {
        let mut b = Book::mid_market();
        b.contact("ana", "IT", None);
        b.meeting(first, &[]);
        b.meeting("2026-09-29", &["ana"]);
        value(&b, Component::Activity)
    };
    let per_30 = |days: f64| 5.0 * 30.0 / days;
    close(value_since("2026-09-29"), per_30(30.0));
    // 30 days up to the end, both counted: 1 September.
    close(value_since("2026-09-01"), per_30(30.0));
    close(value_since("2026-08-31"), per_30(31.0));
    close(value_since("2026-07-01"), per_30(92.0));
    close(value_since("2026-01-01"), per_30(92.0));
}

#[test]
fn a_nameless_row_is_a_fact_and_nothing_else() {
    let mut b = Book::mid_market();
    b.contact("ana", "IT", None);
    for day in 1..=31 {
        b.interaction(Call, Direction::Outbound, Completed, &format!("2026-08-{day:02}"));
        b.meeting(&format!("2026-07-{day:02}"), &[]);
        b.interaction(
            Email,
            Direction::Inbound,
            Completed,
            &format!("2026-08-{day:02}T12:00"),
        );
    }
    let e = b.evaluate();
    assert_eq!(e.assessment.overall, None);
    let m = &e.current.measures;
    assert_eq!(
        (m.nameless, m.calls, m.meetings, m.emails_received),
        (93, 31, 31, 31)
    );
    assert_eq!(
        (
            m.has_interactions,
            m.has_two_way,
            m.outreaches,
            m.meetings_due,
            m.unanswered_in_a_row
        ),
        (true, false, 0.0, 0.0, 0)
    );
    assert_eq!(m.first_fact_on, Some(crate::account::day("2026-07-01")));
}

#[test]
fn each_name_on_a_row_makes_it_count() {
    let two_way = |edit: fn(crate::account::Row<'_>) -> crate::account::Row<'_>| {
        let mut b = known();
        edit(b.mail("2026-08-03"));
        let m = b.evaluate().current.measures;
        (m.nameless, m.outreaches, m.two_way_total())
    };
    assert_eq!(two_way(|row| row), (1, 0.0, 0), "nobody");
    assert_eq!(two_way(|row| row.with("ana")), (0, 1.0, 0), "a participant");
    assert_eq!(
        two_way(|row| row.without("ana")),
        (0, 1.0, 0),
        "an absent one, too"
    );
    assert_eq!(two_way(|row| row.by("ana")), (0, 1.0, 0), "who answered");
    assert_eq!(two_way(|row| row.from("ana")), (0, 1.0, 0), "from whom it came");
    assert_eq!(
        two_way(|row| row.answered(1)),
        (0, 1.0, 1),
        "that somebody answered"
    );
    // An answer that does not exist yet names nobody, nor does who is to give it.
    // From 3 August, 09:00, to the end are 58 days and 15 hours.
    assert_eq!(
        two_way(|row| row.answered(58 * 24 + 14).by("ana")),
        (0, 1.0, 1),
        "an hour before the end"
    );
    assert_eq!(
        two_way(|row| row.answered(58 * 24 + 15).by("ana")),
        (1, 0.0, 0),
        "at the end"
    );
    assert_eq!(
        two_way(|row| row.answered(58 * 24 + 15).with("ben")),
        (0, 1.0, 0),
        "the participant stays"
    );
    // What is planned is no fact, and so is never nameless.
    let mut b = known();
    b.interaction(Meeting, Direction::Outbound, Scheduled, "2026-08-03");
    assert_eq!(b.evaluate().current.measures.nameless, 0);
}

#[test]
fn a_newsletter_is_no_outreach_but_whoever_answers_it_took_part() {
    let mut b = known();
    for day in 3..=7 {
        b.mail(&format!("2026-08-0{day}")).with("ana").bulk();
    }
    let m = b.evaluate().current.measures;
    assert_eq!((m.outreaches, m.unanswered_in_a_row, m.nameless), (0.0, 0, 0));
    b.mail("2026-08-10").with("ana").bulk().answered(4);
    let m = b.evaluate().current.measures;
    assert_eq!(
        (m.outreaches, m.answered, m.timed_answers),
        (0.0, 0.0, 0),
        "no answer to an outreach"
    );
    earns(&b, 1.0);
    assert_eq!(b.evaluate().current.touches[0].touches, 1);
}

#[test]
fn support_is_no_engagement_and_a_meeting_about_it_is_attended_all_the_same() {
    let mut b = known();
    b.interaction(Email, Direction::Inbound, Completed, "2026-08-03")
        .from("ana")
        .purpose(Purpose::Operational);
    b.mail("2026-08-04")
        .with("ben")
        .purpose(Purpose::Operational)
        .answered(2);
    b.mail("2026-08-05").with("ben").purpose(Purpose::Operational);
    let e = b.evaluate();
    let m = &e.current.measures;
    assert_eq!((m.outreaches, m.answered, m.unanswered_in_a_row), (0.0, 0.0, 0));
    assert_eq!(
        (m.two_way_total(), m.support_requests),
        (2, 1),
        "two-way all the same"
    );
    earns(&b, 0.0);
    assert!(e.current.touches.iter().all(|touch| !touch.engaged()));
    assert_eq!(e.current.touches[1].touches, 1, "a direct contact all the same");
    assert_eq!(m.effective_people, None);
    // A message of ours about operations that was answered ends a silence.
    b.meeting("2026-08-06", &["ben"]).purpose(Purpose::Operational);
    b.meeting("2026-08-07", &["ben"]);
    close(value(&b, Component::MeetingParticipation), 1.0);
    assert_eq!(b.evaluate().current.measures.engaged_contacts, 1);
    earns(&b, 5.0);
    // It may lower what is strategic.
    b.meeting("2026-08-08", &["ben"]).purpose(Purpose::Strategic);
    b.meeting("2026-08-09", &["ben"]).purpose(Purpose::Strategic);
    close(value(&b, Component::StrategicShare), 2.0 / 3.0);
}

#[test]
fn the_window_of_a_month_is_not_that_of_the_points() {
    // Training counts like anything else for frequency: a third of the benchmark is a cap on mails and posts alone.
    let mut b = known();
    for day in 1..=20 {
        b.interaction(
            Training,
            Direction::Outbound,
            Completed,
            &format!("2026-08-{day:02}"),
        )
        .with("ana");
    }
    earns(&b, 80.0);
}
