//! Every kind of cell: what it takes, what it refuses, and that nothing makes it panic.

use proptest::prelude::*;

use super::money::Decimal;
use super::*;
use crate::ingest::target::column::{Kind, word};

fn text(kind: Kind, text: &str) -> Result<Value, String> {
    read(kind, &Cell::from(text))
}

const EVERY_KIND: &[Kind] = &[
    Kind::Name,
    Kind::Text,
    Kind::Email,
    Kind::Zone,
    word!(AccountTier),
    Kind::Day,
    Kind::Instant,
    Kind::Money,
    Kind::Currency,
    Kind::Flag,
    Kind::Count,
    Kind::Number(0.0, 100.0),
    Kind::List,
    Kind::Account,
    Kind::Contact,
    Kind::User,
    Kind::Participants,
];

#[test]
fn days_are_days_of_the_calendar_from_1970_to_2199() {
    for good in ["1970-01-01", "2024-02-29", "2199-12-31", " 2024-02-29 "] {
        assert!(matches!(text(Kind::Day, good), Ok(Value::Day(_))), "{good}");
    }
    for bad in [
        "1969-12-31",
        "2200-01-01",
        "0000-01-01",
        "99999-01-01",
        "2023-02-29",
        "2024-2-9",
        "2024/02/09",
        "+024-02-09",
        "2024-02-09T00:00:00Z",
    ] {
        let reason = text(Kind::Day, bad).unwrap_err();
        assert!(
            reason.starts_with("expected a day YYYY-MM-DD from 1970 to 2199, found \""),
            "{reason}"
        );
    }
}

#[test]
fn times_are_rfc_3339_or_utc_without_a_zone() {
    let at = |t: &str| text(Kind::Instant, t);
    assert_eq!(
        at("2024-03-01T10:30:00Z"),
        Ok(Value::Whole(1_709_289_000_000_000))
    );
    for same in [
        "2024-03-01T12:30:00+02:00",
        "2024-03-01 10:30:00Z",
        "2024-03-01 10:30",
        "2024-03-01 10:30:00",
        "2024-03-01t10:30:00z",
    ] {
        assert_eq!(at(same), at("2024-03-01T10:30:00Z"), "{same}");
    }
    assert_eq!(
        at("2024-03-01T10:30:00.123456789Z"),
        Ok(Value::Whole(1_709_289_000_123_456))
    );
    for bad in [
        "2024-03-01",
        "2024-03-01T10:30:00",
        "10:30",
        "2024-03-01 24:00",
        "0000-03-01T10:30:00Z",
        "99999-03-01 10:30",
        "2199-12-31T23:59:59-01:00",
        "2024-03-01 10:30:xé",
    ] {
        assert!(at(bad).unwrap_err().starts_with("expected a time"), "{bad}");
    }
}

#[test]
fn amounts_are_kept_in_the_minor_units_of_their_currency() {
    let minor = |amount: &str, currency: Option<&str>| {
        money::read(amount)
            .ok_or_else(|| "not an amount".to_owned())
            .and_then(|amount| amount.minor(currency))
    };
    for (amount, currency, expected) in [
        ("1200.50", Some("EUR"), Ok(120_050)),
        ("1200", Some("EUR"), Ok(120_000)),
        ("1200.500000", Some("USD"), Ok(120_050)),
        ("1200", Some("JPY"), Ok(1200)),
        ("1.234", Some("KWD"), Ok(1234)),
        ("12.5", None, Ok(1250)),
        ("0", Some("EUR"), Ok(0)),
        ("1200.5", Some("JPY"), Err("more decimals than JPY has (0)")),
        (
            "0.001",
            None,
            Err("more decimals than an amount without currency has (2)"),
        ),
        (
            "9223372036854775807",
            Some("EUR"),
            Err("larger than can be stored"),
        ),
        ("92233720368547758070", Some("JPY"), Err("not an amount")),
        ("-1", Some("EUR"), Err("not an amount")),
        ("1,200.50", Some("EUR"), Err("not an amount")),
        ("1e3", Some("EUR"), Err("not an amount")),
        ("1.", Some("EUR"), Err("not an amount")),
        (".5", Some("EUR"), Err("not an amount")),
        ("1.2x0", Some("EUR"), Err("not an amount")),
        ("NaN", Some("EUR"), Err("not an amount")),
    ] {
        assert_eq!(
            minor(amount, currency),
            expected.map_err(str::to_owned),
            "{amount} {currency:?}"
        );
    }
    assert_eq!(
        Decimal::from_minor(1200, Some("JPY")).minor(Some("EUR")),
        Ok(120_000)
    );
    assert_eq!(text(Kind::Currency, " eur"), Ok(Value::Text("EUR".into())));
    assert!(text(Kind::Currency, "EURO").is_err());
    assert!(text(Kind::Currency, "XXQ").is_err());
}

#[test]
fn numbers_are_finite_and_counts_are_not_negative() {
    assert_eq!(text(Kind::Count, "7"), Ok(Value::Whole(7)));
    assert_eq!(text(Kind::Count, "7.0"), Ok(Value::Whole(7)));
    assert_eq!(text(Kind::Count, "0"), Ok(Value::Whole(0)));
    for bad in [
        "-1",
        "7.5",
        "1e3",
        "",
        "١٢",
        "9223372036854775808",
        "+7",
        "7.",
        "0x7",
    ] {
        assert!(text(Kind::Count, bad).is_err(), "{bad}");
    }
    let any = Kind::Number(-1e300, 1e300);
    assert_eq!(text(any, "-2.5e3"), Ok(Value::Real(-2500.0)));
    for bad in ["NaN", "inf", "-Infinity", "1e999", "1,5", "", "1_000"] {
        assert!(
            text(any, bad)
                .unwrap_err()
                .starts_with("expected a finite number"),
            "{bad}"
        );
    }
    assert!(
        text(Kind::Number(0.0, 100.0), "100.1")
            .unwrap_err()
            .starts_with("expected a number from 0 to 100")
    );
}

#[test]
fn lists_split_at_semicolons_that_are_not_escaped() {
    assert_eq!(
        text(Kind::List, r"a; b ;;c\;d\e"),
        Ok(Value::Text(r#"["a","b","c;d\\e"]"#.into()))
    );
    assert_eq!(
        read(Kind::List, &Cell::List(vec!["c;d".to_owned(), " ".to_owned()])),
        Ok(Value::Text(r#"["c;d"]"#.into()))
    );
}

#[test]
fn participants_may_end_in_their_attendance() {
    let expected = vec![
        ("c1".to_owned(), Attendance::Absent),
        ("c2".to_owned(), Attendance::Unknown),
        ("urn:c3".to_owned(), Attendance::Unknown),
    ];
    assert_eq!(
        text(Kind::Participants, "c1:attended; c2 ;urn:c3;c1:ABSENT"),
        Ok(Value::Participants(expected))
    );
    assert!(text(Kind::Participants, ":attended").is_err());
}

#[test]
fn texts_are_kept_as_they_are_or_refused_by_name() {
    for faithful in ["=cmd()", "  padded ", "שלום 👋🏽", "a\nb", "\u{202e}rtl"] {
        assert_eq!(
            text(Kind::Name, faithful),
            Ok(Value::Text(faithful.to_owned().into()))
        );
    }
    assert_eq!(
        text(Kind::Text, "a\0b").unwrap_err(),
        "holds a NUL character (U+0000), which cannot be stored"
    );
    assert_eq!(
        text(Kind::Name, &"é".repeat(513)).unwrap_err(),
        "longer than 512 characters"
    );
    assert!(text(Kind::Name, &"é".repeat(512)).is_ok());
    assert_eq!(text(Kind::Name, " \t").unwrap_err(), "holds only white space");
    assert!(
        text(Kind::Email, "nobody")
            .unwrap_err()
            .contains("not an e-mail address")
    );
}

proptest! {
    #[test]
    fn nothing_makes_reading_a_cell_panic(cell in "\\PC{0,30}|[0-9:TZ.+ -]{0,30}|[\u{0}-\u{ff}]{0,12}") {
        for kind in EVERY_KIND {
            let _ = text(*kind, &cell);
            let _ = read(*kind, &Cell::List(vec![cell.clone()]));
        }
        let _ = read_truth(&Cell::from(cell.as_str()));
        prop_assert!(shown(&cell).chars().count() <= 43);
    }

    #[test]
    fn an_amount_survives_its_minor_units(minor in 0_i64..i64::MAX / 1000, currency in prop::sample::select(vec!["EUR", "JPY", "KWD"])) {
        prop_assert_eq!(Decimal::from_minor(minor, Some(currency)).minor(Some(currency)), Ok(minor));
    }
}
