//! Breadth: who counts as engaged, and from where.

use rapport_engagement::row::Departure;
use rapport_engagement::vocabulary::*;

use crate::account::{Book, close, day};

use InteractionKind::{Call, Email, ForumPost};
use InteractionStatus::Completed;

fn engaged(book: &Book) -> Vec<&'static str> {
    let evaluation = book.evaluate();
    ["ana", "ben", "cho"].into_iter().zip(&evaluation.current.touches).filter(|(_, t)| t.engaged()).map(|(name, _)| name).collect()
}

fn three() -> Book {
    let mut b = Book::mid_market();
    b.contact("ana", "Sales", None).contact("ben", "IT", None).contact("cho", "", None);
    b
}

#[test]
fn one_reply_does_not_engage_everyone_on_copy() {
    let mut b = three();
    b.mail("2026-08-01").with("ana").with("ben").answered(1);
    assert!(engaged(&b).is_empty());
    b.mail("2026-08-02").with("ana").with("ben").answered(1).by("ben");
    assert_eq!(engaged(&b), ["ben"]);
    b.mail("2026-08-03").without("cho").answered(1);
    assert_eq!(engaged(&b), ["ben", "cho"]);
}

#[test]
fn who_wrote_to_us_is_engaged_and_who_got_a_copy_is_not() {
    let mut b = three();
    b.interaction(Email, Direction::Inbound, Completed, "2026-08-01").from("ana").with("ben");
    assert_eq!(engaged(&b), ["ana"]);
    b.interaction(Call, Direction::Inbound, Completed, "2026-08-01").with("cho");
    assert_eq!(engaged(&b), ["ana", "cho"]);
}

#[test]
fn everybody_who_was_there_is_engaged() {
    let mut b = three();
    b.meeting("2026-08-01", &["ana"]).without("ben");
    b.interaction(Call, Direction::Outbound, Completed, "2026-08-01").with("cho");
    assert_eq!(engaged(&b), ["ana", "cho"]);
}

#[test]
fn absence_means_nothing_in_writing() {
    let mut b = three();
    b.interaction(ForumPost, Direction::Inbound, Completed, "2026-08-01").without("ana");
    assert_eq!(engaged(&b), ["ana"]);
}

#[test]
fn an_answer_that_does_not_exist_yet_names_nobody() {
    let mut b = three();
    b.interaction(Call, Direction::Outbound, Completed, "2026-09-30").with("ana").answered(48).by("ben");
    assert_eq!(engaged(&b), ["ana"]);
}

#[test]
fn who_left_is_not_engaged() {
    let mut b = three();
    b.meeting("2026-08-01", &["ana", "ben", "cho"]);
    b.departed("ana", Departure::On(day("2026-09-30")));
    b.departed("ben", Departure::On(day("2026-10-01")));
    b.departed("cho", Departure::Undated);
    assert_eq!(engaged(&b), ["ben"]);
}

#[test]
fn departments_are_compared_without_case_and_blanks() {
    let mut b = Book::mid_market();
    b.contact("ana", " Sales ", None).contact("ben", "sales", None).contact("cho", "IT", None).contact("dev", "", None);
    b.meeting("2026-08-01", &["ana", "ben", "cho", "dev"]);
    close(b.component(Component::Departments).value, 2.0);
    close(b.component(Component::Stakeholders).value, 4.0);
}

#[test]
fn sponsors_chiefs_and_vice_presidents_are_executives() {
    let mut b = Book::mid_market();
    b.contact("chief", "", Some(Seniority::CLevel)).contact("vp", "", Some(Seniority::Vp)).contact("dir", "", Some(Seniority::Director));
    b.contact("sponsor", "", None).contact("former", "", None).contact("later", "", None);
    b.sponsor("sponsor", SponsorRank::Backup, "2026-09-30", None);
    b.sponsor("former", SponsorRank::Primary, "2026-01-01", Some("2026-09-30"));
    b.sponsor("later", SponsorRank::Primary, "2026-10-01", None);
    b.meeting("2026-08-01", &["chief", "vp", "dir", "sponsor", "former", "later"]);
    close(b.component(Component::Executives).value, 3.0);
}

#[test]
fn threads() {
    let threads = |names: &[&str]| {
        let mut b = three();
        b.contact("dev", "Sales", None);
        b.meeting("2026-08-01", names);
        let m = b.evaluate().current.measures;
        (m.single_threaded(), m.multi_threaded())
    };
    assert_eq!(threads(&["ana"]), (true, false));
    assert_eq!(threads(&["ana", "dev"]), (false, false));
    assert_eq!(threads(&["ana", "ben"]), (false, true));
    assert_eq!(threads(&["ana", "cho", "dev"]), (false, true));
}

#[test]
fn without_contacts_breadth_is_not_measured() {
    let mut b = Book::mid_market();
    b.meeting("2026-08-01", &[]);
    assert_eq!(b.evaluate().assessment.dimension(Dimension::Breadth).unwrap().note.as_deref(), Some("no contacts"));
}
