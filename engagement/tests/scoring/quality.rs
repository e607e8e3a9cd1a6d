//! Frequency and quality, and every rule about a single interaction.

use rapport_engagement::vocabulary::*;

use crate::account::{Book, close};

use InteractionKind::{Call, Email, ForumPost, Meeting, Qbr};
use InteractionStatus::{Completed, Declined, NoShow, Scheduled};

fn value(book: &Book, component: Component) -> Option<f64> {
    book.component(component).value
}

/// Points of the window, not per 30 days.
fn points(book: &Book) -> f64 {
    value(book, Component::Activity).unwrap() * 92.0 / 30.0
}

#[test]
fn our_own_unanswered_mail_earns_nothing() {
    let mut b = Book::mid_market();
    b.mail("2026-08-01");
    assert!(points(&b).abs() < 1e-9);
    b.mail("2026-08-02").answered(5);
    assert!((points(&b) - 1.0).abs() < 1e-9);
}

#[test]
fn an_answer_is_placed_by_its_own_time() {
    let mut b = Book::mid_market();
    // Sent in the window before, answered in this one: two-way now, though no outreach of this window.
    b.mail("2026-06-29").answered(72);
    assert!((points(&b) - 1.0).abs() < 1e-9);
    assert_eq!(b.evaluate().current.measures.outreaches, 0.0);
    // Sent in this one, answered after it: not yet.
    b.mail("2026-09-30").answered(72);
    assert!((points(&b) - 1.0).abs() < 1e-9);
}

#[test]
fn mails_and_posts_count_for_a_third_of_the_benchmark() {
    let mut b = Book::mid_market();
    for hour in 0..100 {
        b.interaction(Email, Direction::Inbound, Completed, &format!("2026-08-{:02}T{:02}:00", 1 + hour / 24, hour % 24));
    }
    close(value(&b, Component::Activity), 10.0);
    close(b.component(Component::Activity).score, 100.0 / 3.0);
}

#[test]
fn a_post_of_ours_is_no_engagement_and_one_of_theirs_is() {
    let mut b = Book::mid_market();
    b.interaction(ForumPost, Direction::Outbound, Completed, "2026-08-01");
    assert!(points(&b).abs() < 1e-9);
    b.interaction(ForumPost, Direction::Inbound, Completed, "2026-08-01");
    assert!((points(&b) - 1.0).abs() < 1e-9);
}

#[test]
fn a_meeting_where_everybody_was_absent_was_not_held() {
    let mut b = Book::mid_market();
    b.contact("ana", "IT", None).contact("ben", "IT", None);
    b.interaction(Meeting, Direction::Outbound, Completed, "2026-08-01").without("ana").without("ben");
    b.interaction(Meeting, Direction::Outbound, Completed, "2026-08-02").without("ana").with("ben");
    b.interaction(Meeting, Direction::Outbound, Completed, "2026-08-03");
    close(value(&b, Component::MeetingParticipation), 2.0 / 3.0);
}

#[test]
fn what_is_due_and_what_is_not() {
    let mut b = Book::mid_market();
    b.meeting("2026-08-01", &[]);
    b.interaction(Meeting, Direction::Outbound, NoShow, "2026-08-02");
    b.interaction(Qbr, Direction::Outbound, Declined, "2026-08-03");
    b.canceled("2026-08-04");
    // Not due: canceled by us, moved to a new date, planned, no meeting kind.
    b.canceled("2026-08-05").canceled_by(Party::Vendor);
    b.canceled("2026-08-06").rescheduled();
    b.interaction(Meeting, Direction::Outbound, Scheduled, "2026-08-07");
    b.interaction(Call, Direction::Outbound, NoShow, "2026-08-08");
    close(value(&b, Component::MeetingParticipation), 0.25);
}

#[test]
fn a_call_answers_itself_and_a_mailbox_does_not() {
    let mut b = Book::mid_market();
    b.interaction(Call, Direction::Outbound, Completed, "2026-08-01");
    b.interaction(Call, Direction::Outbound, NoShow, "2026-08-02");
    b.interaction(Call, Direction::Outbound, NoShow, "2026-08-03").answered(10);
    b.interaction(Call, Direction::Inbound, Completed, "2026-08-04");
    close(value(&b, Component::ResponseRate), 2.0 / 3.0);
    // 0 hours for the call, 10 for the one who called back.
    close(value(&b, Component::ResponseTime), 5.0);
    assert!((points(&b) - 9.0).abs() < 1e-9);
}

#[test]
fn credits_fall_from_one_day_to_three() {
    for (hours, expected) in [(1, 100.0), (24, 100.0), (48, 50.0), (60, 25.0), (72, 0.0), (200, 0.0)] {
        let mut b = Book::mid_market();
        for day in 1..=3 {
            b.mail(&format!("2026-08-0{day}")).answered(hours);
        }
        close(b.component(Component::ResponseTime).score, expected);
    }
}

#[test]
fn silence_scores_nothing_but_has_no_time() {
    let mut b = Book::mid_market();
    for day in 1..=3 {
        b.mail(&format!("2026-08-0{day}"));
    }
    let time = b.component(Component::ResponseTime);
    assert_eq!((time.value, time.score, time.measured), (None, Some(0.0), true));
    close(b.component(Component::ResponseRate).score, 0.0);
}

#[test]
fn an_outreach_is_judged_from_72_hours_on() {
    let mut b = Book::mid_market();
    b.mail("2026-08-01");
    b.mail("2026-08-02");
    // The window ends at 2026-10-01T00:00: exactly 72 hours before it, and a minute less.
    b.mail("2026-09-28T00:00");
    b.mail("2026-09-28T00:01");
    assert_eq!(b.evaluate().current.measures.outreaches, 3.0);
}

#[test]
fn too_few_is_not_measured_and_says_so() {
    let mut b = Book::mid_market();
    b.mail("2026-08-01").answered(1);
    b.meeting("2026-08-02", &[]);
    let notes: Vec<Option<String>> =
        [Component::ResponseRate, Component::MeetingParticipation, Component::StrategicShare].map(|c| b.component(c).note).into();
    let expected = ["too few outreaches: 1 of 3", "too few meetings due: 1 of 2", "too few classified conversations: 0 of 3"];
    assert_eq!(notes, expected.map(|n| Some(n.to_owned())));
    assert!(!b.evaluate().assessment.dimension(Dimension::Quality).unwrap().measured);
}

#[test]
fn half_of_the_conversations_have_to_be_classified() {
    let mut b = Book::mid_market();
    for day in 1..=3 {
        b.meeting(&format!("2026-08-0{day}"), &[]).purpose(Purpose::Strategic);
    }
    for day in 4..=6 {
        b.meeting(&format!("2026-08-0{day}"), &[]);
    }
    close(value(&b, Component::StrategicShare), 1.0);
    b.meeting("2026-08-07", &[]);
    assert_eq!(b.component(Component::StrategicShare).note.as_deref(), Some("too few classified: 3 of 7 conversations"));
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
    close(e.assessment.overall, (0.30 * frequency + 0.35 * 100.0 + 0.20 * breadth) / 0.85);
}
