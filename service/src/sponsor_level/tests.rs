//! The level history holds whatever the order in which days are scored: properties against a history kept by hand.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use proptest::prelude::*;

use super::*;

fn day(n: u8) -> NaiveDate {
    NaiveDate::default() + Days::new(n.into())
}

fn level(n: u8) -> LevelRule {
    [LevelRule::Advocates, LevelRule::InContact, LevelRule::Occasional][usize::from(n % 3)]
}

/// The stored history of one executive.
#[derive(Default)]
struct Stored {
    rows: BTreeMap<NaiveDate, LevelChange>,
    scored: BTreeSet<NaiveDate>,
}

impl Stored {
    fn score(&mut self, on: NaiveDate, cause: LevelRule) {
        let contact = ContactId::from(Uuid::nil());
        let now = LevelChange { contact, day: on, level: cause.level(), previous: None, score: 50, cause };
        let last = self.rows.range(..=on).next_back();
        let first = self.rows.range(on + Days::new(1)..).next();
        let known: Vec<LevelChange> = last.into_iter().chain(first).map(|(_, row)| *row).collect();
        let next = self.scored.range(on + Days::new(1)..).next().copied();
        let revision = revise(now, &known, next);
        for day in revision.remove {
            assert!(self.rows.remove(&day).is_some(), "only what is there is removed");
        }
        self.rows.extend(revision.write.into_iter().map(|row| (row.day, row)));
        self.scored.insert(on);
    }

    fn changes(&self) -> Vec<(NaiveDate, EngagementLevel, Option<EngagementLevel>)> {
        self.rows.values().map(|row| (row.day, row.level, row.previous)).collect()
    }
}

proptest! {
    /// Whatever the order of the days, and whatever they said at first, the rows are those of the last word on each day.
    #[test]
    fn any_order_of_days_tells_the_same_history(scored in prop::collection::vec((0_u8..12, any::<u8>()), 1..40)) {
        let mut stored = Stored::default();
        let mut last_word = BTreeMap::new();
        for (n, cause) in scored {
            stored.score(day(n), level(cause));
            last_word.insert(day(n), level(cause));
        }
        let mut in_order = Stored::default();
        for (day, cause) in last_word {
            in_order.score(day, cause);
        }
        prop_assert_eq!(stored.changes(), in_order.changes());
    }

    /// A row per change, each naming the level of the row before.
    #[test]
    fn a_history_is_a_chain_of_changes(scored in prop::collection::vec((0_u8..12, any::<u8>()), 1..40)) {
        let mut stored = Stored::default();
        for (n, cause) in scored {
            stored.score(day(n), level(cause));
        }
        let changes = stored.changes();
        prop_assert_eq!(changes[0].2, None);
        for pair in changes.windows(2) {
            prop_assert_eq!(pair[1].2, Some(pair[0].1));
            prop_assert_ne!(pair[1].1, pair[0].1);
        }
    }
}

#[test]
fn a_past_day_does_not_change_the_days_after_it() {
    let mut stored = Stored::default();
    for n in 1..=3 {
        stored.score(day(n), LevelRule::InContact);
    }
    stored.score(day(2), LevelRule::Silent);
    let (engaged, silent) = (EngagementLevel::Engaged, EngagementLevel::Disengaged);
    assert_eq!(stored.changes(), [(day(1), engaged, None), (day(2), silent, Some(engaged)), (day(3), engaged, Some(silent))]);
    stored.score(day(2), LevelRule::InContact);
    assert_eq!(stored.changes(), [(day(1), engaged, None)]);
}

#[test]
fn who_was_no_executive_on_the_next_day_gets_no_row_for_it() {
    let contact = ContactId::from(Uuid::nil());
    let row = |n, cause: LevelRule, previous| LevelChange { contact, day: day(n), level: cause.level(), previous, score: 50, cause };
    let known = [row(1, LevelRule::InContact, None)];
    let revision = revise(row(5, LevelRule::Silent, None), &known, None);
    assert_eq!(revision.write, [row(5, LevelRule::Silent, Some(EngagementLevel::Engaged))]);
    assert_eq!(revision.remove, []);
}
