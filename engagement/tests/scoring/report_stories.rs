//! Whole reports of accounts with a story: what an experienced reader would conclude stands first, and the report has to say
//! it.

use chrono::TimeDelta;
use rapport_engagement::money::Money;
use rapport_engagement::row::ConfirmedChange;
use rapport_engagement::vocabulary::*;

use crate::account::{Book, day};
use crate::report::{people, told};

fn name(external_id: &str) -> String {
    let first = external_id[..1].to_uppercase();
    format!("{first}{} Example", &external_id[1..])
}

fn report(b: &Book, account: &str) -> String {
    told(b, b.evaluate(), account, people(b, name))
}

/// Meetings every so many days up to a day, each with an answered mail.
fn meets(b: &mut Book, names: &[&str], from: &str, to: &str, days: i64) {
    let mut on = day(from);
    while on <= day(to) {
        b.meeting(&on.to_string(), names).purpose(Purpose::Strategic);
        b.mail(&on.to_string()).with(names[0]).by(names[0]).answered(6);
        on += TimeDelta::days(days);
    }
}

fn uses(b: &mut Book, names: &[&str]) {
    for who in names {
        for n in 1..=6 {
            b.uses_for(Some(who), &format!("feature_{n}"), "2026-03-01", 213);
        }
    }
}

/// Bought by the owner of a competitor; the sponsor stays polite and comes to nothing; the renewal is near. At risk.
#[test]
fn a_polite_decline_after_an_acquisition() {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact("ana", "Board", Some(Seniority::CLevel))
        .contact("ben", "IT", Some(Seniority::Director));
    b.contact("cho", "Sales", Some(Seniority::Manager))
        .contact("dev", "Finance", None);
    b.sponsor("ana", SponsorRank::Primary, "2025-01-10", None);
    b.rows.account.renewal_on = Some(day("2026-12-15"));
    b.rows.account.arr = Some(Money::new(48_000_000, Some("EUR".to_owned())));
    b.rows.changes = vec![ConfirmedChange {
        kind: OrgChangeKind::MergerAcquisition,
        observed_on: day("2026-07-01"),
        contact: None,
    }];
    meets(&mut b, &["ben", "cho"], "2026-01-05", "2026-09-25", 7);
    meets(&mut b, &["dev"], "2026-01-07", "2026-09-25", 14);
    meets(&mut b, &["ana"], "2026-01-08", "2026-06-28", 30);
    for on in ["2026-08-04", "2026-08-25", "2026-09-15"] {
        b.interaction(
            InteractionKind::StrategicCheckIn,
            Direction::Outbound,
            InteractionStatus::Declined,
            on,
        )
        .with("ana");
    }
    uses(&mut b, &["ben", "cho", "dev"]);
    let text = report(&b, "Northwind");
    assert!(
        text.contains("**Standing: at risk.**") && !text.contains("Talk about growth"),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

/// A bakery that is met twice a year, just as its tier asks. Nothing to worry about.
#[test]
fn a_bakery_that_is_met_twice_a_year() {
    let mut b = Book::new(AccountTier::Smb);
    b.contact("olga", "Management", Some(Seniority::CLevel))
        .contact("piet", "Shop", None);
    b.sponsor("olga", SponsorRank::Primary, "2024-03-01", None);
    b.rows.account.renewal_on = Some(day("2027-06-30"));
    b.rows.account.arr = Some(Money::new(240_000, Some("EUR".to_owned())));
    for on in ["2025-10-14", "2026-04-21", "2026-09-09"] {
        b.interaction(
            InteractionKind::Qbr,
            Direction::Outbound,
            InteractionStatus::Completed,
            on,
        )
        .with("olga")
        .with("piet")
        .purpose(Purpose::Strategic);
        b.mail(on).with("olga").answered(5);
    }
    uses(&mut b, &["piet"]);
    let text = report(&b, "Bakery Olga");
    assert!(text.contains("**Standing: on track.**"), "{text}");
    insta::assert_snapshot!(text);
}

/// A large account that one busy person carries. To be watched, and others are to be met.
#[test]
fn one_busy_person() {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact("vera", "Operations", Some(Seniority::Vp))
        .contact("will", "IT", None)
        .contact("xena", "Finance", None);
    b.sponsor("vera", SponsorRank::Primary, "2025-02-01", None);
    b.rows.account.arr = Some(Money::new(90_000_000, Some("EUR".to_owned())));
    meets(&mut b, &["vera"], "2026-01-05", "2026-09-28", 4);
    b.meeting("2026-08-03", &["will", "xena"])
        .purpose(Purpose::Tactical);
    uses(&mut b, &["vera", "will"]);
    let text = report(&b, "Acme");
    assert!(
        text.contains("carries most of it") && text.contains("Without Vera Example"),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

/// Nobody of theirs has ever answered and nothing is used: little is known, and the report says what would help.
#[test]
fn activity_without_people() {
    let mut b = Book::new(AccountTier::MidMarket);
    for on in 1..=28 {
        b.interaction(
            InteractionKind::Call,
            Direction::Outbound,
            InteractionStatus::Completed,
            &format!("2026-09-{on:02}"),
        );
    }
    let text = report(&b, "Nobody Ltd");
    assert!(text.contains("28 interactions name nobody of theirs."), "{text}");
    insta::assert_snapshot!(text);
}
