//! Breadth: who counts as engaged, and from where.

use rapport_engagement::row::Departure;
use rapport_engagement::vocabulary::*;

use crate::account::{Book, close, day};

use InteractionKind::{Call, Email, ForumPost};
use InteractionStatus::Completed;

fn engaged(book: &Book) -> Vec<&'static str> {
    let evaluation = book.evaluate();
    ["ana", "ben", "cho"]
        .into_iter()
        .zip(&evaluation.current.touches)
        .filter(|(_, t)| t.engaged())
        .map(|(name, _)| name)
        .collect()
}

fn three() -> Book {
    let mut b = Book::mid_market();
    b.contact("ana", "Sales", None)
        .contact("ben", "IT", None)
        .contact("cho", "", None);
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
    b.interaction(Email, Direction::Inbound, Completed, "2026-08-01")
        .from("ana")
        .with("ben");
    assert_eq!(engaged(&b), ["ana"]);
    b.interaction(Call, Direction::Inbound, Completed, "2026-08-01")
        .with("cho");
    assert_eq!(engaged(&b), ["ana", "cho"]);
}

#[test]
fn everybody_who_was_there_is_engaged() {
    let mut b = three();
    b.meeting("2026-08-01", &["ana"]).without("ben");
    b.interaction(Call, Direction::Outbound, Completed, "2026-08-01")
        .with("cho");
    assert_eq!(engaged(&b), ["ana", "cho"]);
}

#[test]
fn absence_means_nothing_in_writing() {
    let mut b = three();
    b.interaction(ForumPost, Direction::Inbound, Completed, "2026-08-01")
        .without("ana");
    assert_eq!(engaged(&b), ["ana"]);
}

#[test]
fn an_answer_that_does_not_exist_yet_names_nobody() {
    let mut b = three();
    b.interaction(Call, Direction::Outbound, Completed, "2026-09-30")
        .with("ana")
        .answered(48)
        .by("ben");
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
    b.contact("ana", " Sales ", None)
        .contact("ben", "sales", None)
        .contact("cho", "IT", None)
        .contact("dev", "", None);
    b.meeting("2026-08-01", &["ana", "ben", "cho", "dev"]);
    close(b.component(Component::Departments).value, 2.0);
    close(b.component(Component::Stakeholders).value, 4.0);
}

#[test]
fn sponsors_chiefs_and_vice_presidents_are_executives() {
    let mut b = Book::mid_market();
    b.contact("chief", "", Some(Seniority::CLevel))
        .contact("vp", "", Some(Seniority::Vp))
        .contact("dir", "", Some(Seniority::Director));
    b.contact("sponsor", "", None)
        .contact("former", "", None)
        .contact("later", "", None);
    b.sponsor("sponsor", SponsorRank::Backup, "2026-09-30", None);
    b.sponsor("former", SponsorRank::Primary, "2026-01-01", Some("2026-09-30"));
    b.sponsor("later", SponsorRank::Primary, "2026-10-01", None);
    b.meeting(
        "2026-08-01",
        &["chief", "vp", "dir", "sponsor", "former", "later"],
    );
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
    // Answered by somebody, nobody knows by whom.
    b.mail("2026-08-03").answered(1);
    assert_eq!(
        b.evaluate()
            .assessment
            .dimension(Dimension::Breadth)
            .unwrap()
            .note
            .as_deref(),
        Some("no contacts")
    );
    assert!(
        b.evaluate()
            .assessment
            .dimension(Dimension::Frequency)
            .unwrap()
            .measured
    );
}

#[test]
fn training_and_community_count_by_half_and_open_no_department() {
    let mut b = Book::mid_market();
    b.contact("ana", "Sales", Some(Seniority::Vp))
        .contact("ben", "IT", None);
    for kind in [
        InteractionKind::Training,
        InteractionKind::Certification,
        InteractionKind::CommunityEvent,
    ] {
        b.interaction(kind, Direction::Outbound, Completed, "2026-08-03")
            .with("ana");
    }
    b.interaction(ForumPost, Direction::Inbound, Completed, "2026-08-04")
        .from("ana");
    let values = |b: &Book| {
        [
            Component::Stakeholders,
            Component::Departments,
            Component::Executives,
        ]
        .map(|c| b.component(c).value.unwrap())
    };
    assert_eq!(values(&b), [0.5, 0.0, 0.0]);
    let m = b.evaluate().current.measures;
    assert_eq!(
        (m.effective_people, m.single_threaded()),
        (None, true),
        "engaged, but nobody carries it"
    );
    // One conversation makes it a whole one.
    b.interaction(Call, Direction::Inbound, Completed, "2026-08-05")
        .from("ana");
    assert_eq!(values(&b), [1.0, 1.0, 1.0]);
    close(b.evaluate().current.measures.effective_people, 1.0);
    // Support does not.
    b.interaction(ForumPost, Direction::Inbound, Completed, "2026-08-04")
        .from("ben");
    b.interaction(Email, Direction::Inbound, Completed, "2026-08-05")
        .from("ben")
        .purpose(Purpose::Operational);
    assert_eq!(values(&b), [1.5, 1.0, 1.0]);
}

/// So many days of meetings in August with each of the three.
fn met(days: [u32; 3]) -> Book {
    let mut b = three();
    for (name, days) in ["ana", "ben", "cho"].into_iter().zip(days) {
        for day in 1..=days {
            b.meeting(&format!("2026-08-{day:02}"), &[name]);
            // Twice on one day is one day.
            b.interaction(
                Call,
                Direction::Outbound,
                Completed,
                &format!("2026-08-{day:02}T15:00"),
            )
            .with(name);
        }
    }
    b
}

#[test]
fn effective_people_are_as_many_as_carry_the_relationship_evenly() {
    let people = |days| met(days).evaluate().current.measures.effective_people;
    assert_eq!(people([0, 0, 0]), None);
    close(people([7, 0, 0]), 1.0);
    close(people([4, 4, 4]), 3.0);
    // (10 + 1 + 1)² / (100 + 1 + 1)
    close(people([10, 1, 1]), 144.0 / 102.0);
    // Who has left carries nothing any more.
    let mut b = met([10, 10, 1]);
    b.departed("ana", Departure::Undated);
    close(b.evaluate().current.measures.effective_people, 121.0 / 101.0);
}

#[test]
fn many_names_are_no_threads_while_one_of_them_carries_it() {
    let threads = |days| met(days).evaluate().current.measures.multi_threaded();
    // (3 + 1)² / (9 + 1) = 1.6; (2 + 1)² / 5 = 1.8; evenly 2.
    assert_eq!(
        [threads([3, 1, 0]), threads([2, 1, 0]), threads([2, 2, 0])],
        [false, false, true]
    );
    // Three: (4 + 1 + 1)² / 18 = 2 is enough, (5 + 1 + 1)² / 27 is not.
    assert_eq!([threads([4, 1, 1]), threads([5, 1, 1])], [true, false]);
}

#[test]
fn people_are_those_of_the_activity_span() {
    let mut b = Book::new(AccountTier::Smb);
    b.contact("ana", "", None)
        .contact("ben", "", None)
        .contact("cho", "", None);
    // 183 days before the end of 30 September: 1 April.
    b.meeting("2026-04-01T00:00", &["ana"]);
    b.meeting("2026-03-31T23:59", &["ben"]);
    assert_eq!(engaged(&b), ["ana"]);
    b.rows.account.tier = AccountTier::MidMarket;
    assert!(engaged(&b).is_empty());
    assert_eq!(
        b.evaluate().current.touches[0].touches,
        0,
        "touches are those of the window"
    );
}

#[test]
fn a_confirmed_departure_ends_engagement_until_a_sponsorship_begins_anew() {
    let departed = |since: Option<&str>, observed: &str| {
        let mut b = three();
        b.meeting("2026-08-01", &["ana"]);
        b.change(OrgChangeKind::Departure, observed, Some("ana"));
        if let Some(since) = since {
            b.sponsor("ana", SponsorRank::Backup, since, None);
        }
        b.evaluate().current.touches[0].departed
    };
    assert_eq!(
        [departed(None, "2026-09-30"), departed(None, "2026-10-01")],
        [true, false]
    );
    // A sponsorship from before it, or from that very day, is not a return; one from the day after is.
    let came = |since| departed(Some(since), "2026-09-10");
    assert_eq!(
        [
            came("2026-01-01"),
            came("2026-09-10"),
            came("2026-09-11"),
            came("2026-09-30")
        ],
        [true, true, false, false]
    );
    assert!(came("2026-10-01"), "not back yet");
    // Other changes, and those about nobody or somebody else, are no departure.
    let mut b = three();
    b.meeting("2026-08-01", &["ana"]);
    b.change(OrgChangeKind::RoleChange, "2026-08-10", Some("ana"))
        .change(OrgChangeKind::Departure, "2026-08-10", Some("ben"));
    b.change(OrgChangeKind::Departure, "2026-08-10", None);
    assert_eq!(engaged(&b), ["ana"]);
    // Somebody who left twice and returned once is gone.
    let mut b = three();
    b.meeting("2026-08-01", &["ana"]);
    b.change(OrgChangeKind::Departure, "2026-08-10", Some("ana"))
        .change(OrgChangeKind::Departure, "2026-09-20", Some("ana"));
    b.sponsor("ana", SponsorRank::Primary, "2026-09-01", None);
    assert!(b.evaluate().current.touches[0].departed);
    assert!(
        !b.evaluate_on("2026-09-19").current.touches[0].departed,
        "read on a day in between"
    );
}
