//! What would be left if somebody left.

use std::cell::Cell;

use rapport_engagement::row::Departure;
use rapport_engagement::score::round;
use rapport_engagement::sponsor::bus_factor_while;
use rapport_engagement::vocabulary::*;

use crate::account::{Book, day};
use crate::worked_example::hollis_freight;

use EngagementLevel::{Engaged, Unknown};
use InteractionKind::{Email, Meeting, Training};
use InteractionStatus::Completed;

#[test]
fn the_worked_example_hangs_on_cho() {
    // By hand, without Cho: breadth loses one of three contacts and IT, product all use of features.
    let mut b = hollis_freight();
    let cho = b.place("cho");
    b.rows.interactions.retain(|i| {
        let by = |contact: Option<u32>| contact == Some(cho);
        !(by(i.responded_by)
            || by(i.from_contact)
            || (i.participants.len() == 1 && i.participants[0].contact == cho))
    });
    for interaction in &mut b.rows.interactions {
        interaction.participants.retain(|p| p.contact != cho);
    }
    b.rows.usage.retain(|u| u.contact != Some(cho));
    b.departed("cho", Departure::On(day("2026-09-30")));
    let expected = round(b.evaluate().assessment.overall.unwrap());

    assert_eq!(expected, 46);

    // Ana is the sponsor: without her there is none. Dev has left already.
    assert_eq!(
        hollis_freight().bus_factor(),
        [
            ("cho", Some(46), Some(-15), Engaged),
            ("ana", Some(48), Some(-13), Unknown),
            ("ben", Some(59), Some(-2), Engaged)
        ]
    );
}

#[test]
fn what_named_others_too_stays() {
    let mut b = Book::mid_market();
    b.contact("ana", "IT", None);
    b.contact("ben", "IT", None);
    b.meeting("2026-08-01", &["ana"]);
    b.meeting("2026-08-02", &["ana", "ben"]);
    b.meeting("2026-08-03", &[]);
    b.interaction(Email, Direction::Inbound, Completed, "2026-08-04")
        .from("ana");
    // Answered by Ana, addressed to both: the answer stays hers, and Ben is not engaged by it.
    b.mail("2026-08-05").with("ana").with("ben").answered(4).by("ana");
    let evaluate_without = |name: &str| {
        let list = b.bus_factor();
        list.iter().find(|l| l.0 == name).unwrap().1
    };
    let mut left = Book::mid_market();
    left.contact("ana", "IT", None);
    left.contact("ben", "IT", None);
    left.departed("ana", Departure::On(day("2026-09-30")));
    left.meeting("2026-08-02", &["ben"]);
    left.meeting("2026-08-03", &[]);
    left.mail("2026-08-05").with("ben").answered(4).by("ana");
    assert_eq!(evaluate_without("ana"), left.evaluate().assessment.rounded());
}

#[test]
fn an_account_of_one_person_falls_silent_with_them() {
    let mut b = Book::mid_market();
    b.contact("ana", "IT", Some(Seniority::Vp));
    b.sponsor("ana", SponsorRank::Primary, "2026-01-01", None);
    for month in 1..=9 {
        b.interaction(
            Meeting,
            Direction::Outbound,
            Completed,
            &format!("2026-0{month}-05"),
        )
        .with("ana");
    }
    b.uses_for(Some("ana"), "feature_1", "2026-07-01", 30);
    let with = b.evaluate().assessment.rounded().unwrap();
    assert_eq!(
        b.bus_factor(),
        [("ana", Some(0), Some(-with), EngagementLevel::Unknown)]
    );
    // Without a feed of usage, too: that somebody was in contact stays known.
    b.rows.usage.clear();
    let with = b.evaluate().assessment.rounded().unwrap();
    assert_eq!(
        b.bus_factor(),
        [("ana", Some(0), Some(-with), EngagementLevel::Unknown)]
    );
}

#[test]
fn a_backup_takes_no_seat_by_leaving() {
    let mut b = Book::mid_market();
    for (name, seniority) in [
        ("ana", None),
        ("ben", None),
        ("cho", None),
        ("dan", Some(Seniority::Vp)),
    ] {
        b.contact(name, "IT", seniority);
    }
    b.sponsor("ana", SponsorRank::Primary, "2026-01-01", None);
    b.sponsor("ben", SponsorRank::Backup, "2026-01-01", None);
    b.rows.initiatives = vec![Alignment::High];
    b.interaction(Meeting, Direction::Outbound, Completed, "2026-09-05")
        .with("ana")
        .with("cho");
    b.meeting("2026-08-05", &["ana"]);
    let level = b.sponsors().level;
    assert_eq!(level, EngagementLevel::Engaged);
    let list = b.bus_factor();
    // Executives without contact and engaged contacts without rank are both in it.
    let mut names: Vec<&str> = list.iter().map(|l| l.0).collect();
    names.sort_unstable();
    assert_eq!(names, ["ana", "ben", "cho", "dan"]);
    assert!(list.iter().all(|l| (l.3 == level) == (l.0 != "ana")));
    // Nobody else is: a contact nobody talked to changes nothing by leaving.
    b.contact("eve", "IT", None);
    b.interaction(Training, Direction::Outbound, Completed, "2026-01-05")
        .with("eve");
    assert!(b.bus_factor().iter().all(|l| l.0 != "eve"));
}

#[test]
fn nobody_is_measured_any_more_once_nobody_wants_to_know() {
    let b = hollis_freight();
    let windows = b.evaluate().windows;
    let asked = Cell::new(0);
    let begun = bus_factor_while(&b.rows, &b.catalogue, &b.policy, &windows, || {
        asked.set(asked.get() + 1);
        asked.get() <= 2
    });
    assert!(b.bus_factor().len() > 2, "there are more than were asked for");
    assert_eq!((begun.len(), asked.get()), (2, 3));
}
