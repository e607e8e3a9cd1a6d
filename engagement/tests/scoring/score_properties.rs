//! Scores and signals against the definitions read a second time, on accounts of chance.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;

use crate::account::{ENDING_ON, at, day};
use crate::chance::sponsored;
use crate::score_definitions::Report;
use crate::sponsor_definitions::Day;

/// Properties of what never occurs prove nothing.
#[test]
fn every_signal_and_severity_occurs_among_the_accounts() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut count = BTreeMap::new();
    let mut left_out = 0;
    for _ in 0..800 {
        let e = sponsored().new_tree(&mut runner).unwrap().current().evaluate();
        for raised in &e.signals {
            *count.entry(raised.signal).or_insert(0) += 1;
        }
        let too_little = |d: &rapport_engagement::score::DimensionScore| {
            d.note.as_deref() == Some("too little of it could be measured")
        };
        left_out += usize::from(e.assessment.dimensions.iter().any(too_little));
    }
    for signal in Signal::ALL {
        assert!(
            count.get(signal).copied().unwrap_or(0) >= 5,
            "{signal}: {count:?}"
        );
    }
    assert!(
        left_out >= 5,
        "{left_out} dimensions of which too little could be measured"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_definitions_read_a_second_time_say_the_same(b in sponsored(), monthly: bool, ago in prop_oneof![Just(0_i64), 0_i64..100]) {
        let ending_on = day(ENDING_ON) - TimeDelta::days(ago);
        let period = if monthly { Period::Monthly } else { Period::Quarterly };
        let e = b.evaluate_in(&Windows::new(ending_on, at("2030-01-01"), b.zone, period));
        let report = Report { rows: &b.rows, day: Day { ending_on }, months: if monthly { 1 } else { 3 } };
        for (assessment, measures, said) in [
            (&e.assessment, &e.current.measures, report.score()),
            (&e.previous_assessment, &e.previous.measures, report.previous().score()),
        ] {
            for ((_, row), (component, score)) in assessment.ledger().zip(&said.components) {
                prop_assert_eq!(row.component, *component);
                prop_assert_eq!(row.score.is_some(), score.is_some(), "{:?}", row);
                prop_assert!((row.score.unwrap_or(0.0) - score.unwrap_or(0.0)).abs() < 1e-9, "{:?} instead of {:?}", row, score);
            }
            prop_assert_eq!(assessment.overall.is_some(), said.overall.is_some());
            prop_assert!((assessment.overall.unwrap_or(0.0) - said.overall.unwrap_or(0.0)).abs() < 1e-9);
            prop_assert!((assessment.coverage - said.coverage).abs() < 1e-9);
            prop_assert_eq!(assessment.provisional.is_some(), said.provisional);
            let (people, said_people) = (measures.effective_people, said.effective_people);
            prop_assert_eq!(people.is_some(), said_people.is_some());
            prop_assert!((people.unwrap_or(0.0) - said_people.unwrap_or(0.0)).abs() < 1e-9);
            prop_assert_eq!((measures.single_threaded(), measures.multi_threaded()), said.threads);
        }
        prop_assert_eq!(e.change.map(i64::from), report.change());
        let raised: Vec<_> = e.signals.iter().map(|s| (s.signal, s.severity)).collect();
        prop_assert_eq!(raised, report.signals(e.season.all));
    }
}
