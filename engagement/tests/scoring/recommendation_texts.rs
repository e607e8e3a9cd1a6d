//! Every text of the engagement report, of random books and of books with something missing, walked for what no person
//! should read.

use chrono::TimeDelta;
use proptest::prelude::*;
use rapport_engagement::money::Money;
use rapport_engagement::recommendation::{Recommendation, recommend};
use rapport_engagement::row::{ConfirmedChange, Departure};
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;

use crate::account::{Book, at, day};
use crate::properties::book;
use crate::report::{people, told};
use crate::worked_example::hollis_freight;

/// A word in capitals with an underscore: the name of an enumeration's value.
fn enumeration_name(text: &str) -> Option<&str> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let shouted = |w: &&str| {
        w.contains('_')
            && w.chars().any(|c| c.is_ascii_uppercase())
            && !w.chars().any(|c| c.is_ascii_lowercase())
    };
    text.split(word).find(shouted)
}

/// Days that are no whole number.
fn fraction_of_days(text: &str) -> Option<&str> {
    let ends_in_fraction = |before: &str| {
        let number = before
            .trim_end()
            .rsplit(|c: char| !(c.is_ascii_digit() || c == '.'))
            .next()
            .unwrap_or_default()
            .to_owned();
        number
            .split_once('.')
            .is_some_and(|(whole, part)| !whole.is_empty() && !part.is_empty())
    };
    text.lines().find(|line| {
        line.match_indices(" day")
            .any(|(place, _)| ends_in_fraction(&line[..place]))
    })
}

fn name(external_id: &str) -> String {
    format!("Name-of-{external_id}")
}

fn check(b: &Book, text: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(enumeration_name(text), None, "{}", text);
    prop_assert_eq!(fraction_of_days(text), None, "{}", text);
    for nonsense in ["NaN", "inf ", "-0 ", "in -", "..", "  ;", "None", "Some("] {
        prop_assert!(
            !text.contains(nonsense) || nonsense == "inf " && text.contains("inf "),
            "{nonsense}: {}",
            text
        );
    }
    let headings = text.lines().filter(|line| line.starts_with("## ")).count();
    prop_assert_eq!(headings, 8, "{} {}", b.rows.account.tier, text);
    Ok(())
}

fn lively_book() -> impl Strategy<Value = Book> {
    let renewal = prop::option::of(-20_000_i64..400);
    let kinds = prop::sample::select(OrgChangeKind::ALL);
    let changes = prop::collection::vec((kinds, 0_i64..400, prop::option::of(0_u32..6)), 0..4);
    let departures = prop::collection::vec(0_u32..4, 6);
    let rest = (
        prop::option::of(0_i64..500),
        prop::option::of(0_i64..9_000_000),
        prop::sample::select(ServedBy::ALL),
    );
    (book(), renewal, changes, departures, rest).prop_map(
        |(mut b, renewal, changes, departures, (churned, arr, served_by))| {
            let on = |days: i64| day("2026-10-20") - TimeDelta::days(days);
            b.rows.account.renewal_on = renewal.map(|days| day("2026-09-30") + TimeDelta::days(days));
            b.rows.account.churned_on = churned.map(on);
            b.rows.account.arr = arr.map(|minor| Money::new(minor, Some("EUR".to_owned())));
            b.rows.account.served_by = served_by;
            let change = |(kind, days, contact)| ConfirmedChange {
                kind,
                observed_on: on(days),
                contact,
            };
            b.rows.changes = changes.into_iter().map(change).collect();
            for (contact, departure) in b.rows.contacts.iter_mut().zip(departures) {
                contact.departure = match departure {
                    0 => Departure::Undated,
                    1 => Departure::On(day("2026-08-15")),
                    _ => Departure::None,
                };
            }
            b
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_report_says_what_no_person_should_read(b in lively_book(), monthly: bool) {
        let period = if monthly { Period::Monthly } else { Period::Quarterly };
        let windows = Windows::new(day("2026-09-30"), at("2030-01-01"), b.zone, period);
        let evaluation = b.evaluate_in(&windows);
        let people = people(&b, name);
        let list = recommend(&evaluation, &b.rows, &b.policy, &people);
        // Nobody who has left is ever recommended, neither as a contact nor in a text of the advice.
        for one in &list {
            for (place, contact) in (0..).zip(&b.rows.contacts) {
                if b.rows.is_departed(place, windows.ending_on) {
                    prop_assert_ne!(one.contact, Some(contact.id));
                    let texts = [&one.reason, &one.content, &one.channel, &one.cadence];
                    prop_assert!(texts.iter().all(|text| !text.contains(&name(&contact.external_id))), "{:?}", one);
                }
            }
            let two_sentences = |one: &Recommendation| one.reason.matches(". ").count() <= 2 && one.reason.ends_with('.');
            prop_assert!(two_sentences(one), "{}", one.reason);
        }
        let customer = b.rows.account.is_active_on(windows.ending_on);
        prop_assert!(customer || list.is_empty());
        let text = told(&b, evaluation, "Acme", people);
        prop_assert_eq!(text.contains("**Standing: "), customer);
        prop_assert_eq!(text.contains("**Customer until ") || text.contains("**Customer no more**"), !customer);
        prop_assert!(customer || !text.contains("**Levers**"));
        check(&b, &text)?;
    }
}

fn markdown(b: &Book) -> String {
    told(b, b.evaluate(), "Acme", people(b, name))
}

#[test]
fn what_is_missing_is_said_and_what_would_be_known_with_it() {
    let mut b = hollis_freight();
    assert!(markdown(&b).contains("No renewal date is recorded. With it"));
    b.rows.account.renewal_on = Some(day("1970-01-01"));
    let text = markdown(&b);
    assert!(
        text.contains("| 1970-01-01, past |") && text.contains("The renewal date, 1970-01-01, is past."),
        "{text}"
    );
    b.rows.account.renewal_on = Some(day("2026-10-01"));
    assert!(markdown(&b).contains("| 2026-10-01, tomorrow |") && !markdown(&b).contains("The renewal date,"));
    assert!(!markdown(&b).contains("What is missing"));
    // No purposes.
    b.rows.interactions.iter_mut().for_each(|row| row.purpose = None);
    assert!(
        markdown(&b).contains("Of 4 held conversations none is classified by purpose."),
        "{}",
        markdown(&b)
    );
    // No participants: nameless rows are counted, and no advice names anybody.
    b.rows.interactions.iter_mut().for_each(|row| {
        row.participants.clear();
        (row.responded_by, row.responded_at, row.from_contact) = (None, None, None);
    });
    let text = markdown(&b);
    assert!(
        text.contains("11 interactions name nobody of theirs. With participants"),
        "{text}"
    );
    // Whoever recorded them has stopped.
    b.rows.contact_feed_silent = true;
    assert!(
        markdown(&b).contains("has recorded nothing for too long."),
        "{}",
        markdown(&b)
    );
    // One feed only.
    b.rows.interactions.clear();
    assert!(
        markdown(&b).contains(
            "No interactions are recorded. With them frequency, quality and breadth would be known."
        )
    );
    b.rows.usage.clear();
    assert!(markdown(&b).contains("Neither interactions nor use of the product are recorded."));
    let mut b = hollis_freight();
    b.rows.usage.clear();
    assert!(
        markdown(&b)
            .contains("No use of the product is recorded. With it the product dimension would be known.")
    );
}

#[test]
fn the_preface_says_of_which_period_the_standing_is() {
    let b = hollis_freight();
    let monthly = Windows::new(day("2026-09-30"), at("2030-01-01"), b.zone, Period::Monthly);
    let text = told(&b, b.evaluate_in(&monthly), "Acme", people(&b, name));
    assert!(
        text.contains(
            "The standing and its reasons are those of the quarter to 2026-09-30, not of the month."
        ),
        "{text}"
    );
    assert!(!markdown(&b).contains("not of the"));
}

#[test]
fn a_gain_without_somebody_is_no_gain() {
    let mut b = Book::mid_market();
    b.contact("ana", "IT", Some(Seniority::CLevel));
    b.contact("ben", "Finance", None);
    for week in 1..=9 {
        b.meeting(&format!("2026-08-0{week}"), &["ana"]);
        b.canceled(&format!("2026-07-0{week}")).with("ana");
    }
    b.meeting("2026-09-01", &["ben"]);
    b.meeting("2026-09-02", &["ben"]);
    let text = markdown(&b);
    assert!(
        text.contains("effective people, by the days of conversation with each."),
        "{text}"
    );
    let line = text
        .lines()
        .find(|line| line.contains("Without Name-of-ana, who is in contact most often"))
        .unwrap();
    assert!(
        line.contains("(−") || line.contains("would not fall (±0)"),
        "{line}"
    );
}

#[test]
fn a_customer_no_more_is_told_of_and_not_advised() {
    let mut b = hollis_freight();
    b.rows.account.churned_on = Some(day("2026-09-20"));
    b.rows.account.status = AccountStatus::Churned;
    b.rows.changes = vec![ConfirmedChange {
        kind: OrgChangeKind::MergerAcquisition,
        observed_on: day("2026-06-01"),
        contact: None,
    }];
    insta::assert_snapshot!(markdown(&b));
}

#[test]
fn a_hostile_name_and_subject_stay_text_in_preface_and_advice() {
    let mut b = hollis_freight();
    for on in 22..=26 {
        b.mail(&format!("2026-09-{on}")).with("ben");
    }
    let text = told(
        &b,
        b.evaluate(),
        "Acme",
        people(&b, |_| "[click](http://evil)\n| a | b |".to_owned()),
    );
    assert!(!text.contains("[click]"), "{text}");
    assert!(text.contains("Hello \\| there"), "{text}");
}
