//! The accounts of a digest that changed: what got worse comes first.

use serde::{Deserialize, Serialize};

use super::account::AccountFacts;
use super::change::AccountChange;
use super::facts::DigestFacts;
use super::named_account::named;
use super::section::Section;
use super::text::{day, stakes};
use crate::markdown::{capital, count, signed};
use crate::portfolio::worth::Worth;
use crate::report::engagement::component_name;
use crate::report::named::NamedAccount;
use crate::score::ledger::LedgerChange;

const MOST_CHANGES: usize = 4;
const MOST_DRIVERS: usize = 2;
/// What a standing or a pattern that changed is worth beside the points.
const CHANGE_POINTS: f64 = 10.0;

/// An account that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeLine {
    pub account: NamedAccount,
    /// For worse.
    pub worse: bool,
    /// The rounded score then; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i32>,
    /// The rounded score now; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<i32>,
    /// What happened, without the name.
    pub sentence: String,
    /// The two rows of the ledger that moved most: "Response rate −9.8".
    pub drivers: Vec<String>,
    /// Revenue and renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stakes: Option<String>,
}

pub(super) fn changes(
    facts: &DigestFacts<'_>,
    customers: &[&AccountFacts],
    worth: &Worth<'_>,
) -> Section<ChangeLine> {
    let mut changed: Vec<_> = customers
        .iter()
        .filter_map(|account| account.change.as_ref().map(|change| (*account, change)))
        .collect();
    let weight = |(account, change): &(&AccountFacts, &AccountChange)| {
        let more = if change.standing.is_some() || change.pattern.is_some() {
            CHANGE_POINTS
        } else {
            0.0
        };
        account.weight(worth) * (f64::from(change.points().abs()) + more)
    };
    changed.sort_by(|a, b| {
        let worse_first = b.1.is_worse().cmp(&a.1.is_worse());
        worse_first
            .then_with(|| weight(b).total_cmp(&weight(a)))
            .then_with(|| a.0.label.external_id.cmp(&b.0.label.external_id))
    });
    Section::first(&changed, MOST_CHANGES, |(account, change)| ChangeLine {
        account: named(account),
        worse: change.is_worse(),
        before: change.overall.map(|(before, _)| before),
        now: change.overall.map(|(_, now)| now),
        sentence: change_sentence(change),
        drivers: change.moved.iter().take(MOST_DRIVERS).map(driver).collect(),
        // Of those at risk it has been said.
        stakes: stakes(account, facts.day).filter(|_| !account.is_at_risk()),
    })
}

fn change_sentence(change: &AccountChange) -> String {
    let score = change.overall.map(|(before, now)| match now - before {
        0 => format!("the score stayed at {now}"),
        lost if lost < 0 => format!(
            "the score fell by {} to {now}",
            count(lost.unsigned_abs(), "point")
        ),
        won => format!(
            "the score rose by {} to {now}",
            count(won.unsigned_abs(), "point")
        ),
    });
    let since = day(change.since);
    let standing = change.standing.map(|(before, now)| {
        format!(
            "{} now, {} on {since}.",
            capital(now.in_words()),
            before.in_words()
        )
    });
    let pattern = change
        .pattern
        .map(|(before, now)| format!("from {} to {}", before.in_words(), now.in_words()));
    let measured: Vec<String> = pattern.into_iter().chain(score).collect();
    let measured =
        (!measured.is_empty()).then(|| format!("{} since {since}.", capital(&measured.join(": "))));
    standing.into_iter().chain(measured).collect::<Vec<_>>().join(" ")
}

fn driver(row: &LedgerChange) -> String {
    let measured = match (row.before, row.after) {
        (Some(_), None) => " (not measured now)",
        (None, Some(_)) => " (not measured before)",
        _ => "",
    };
    format!(
        "{} {}{measured}",
        component_name(row.component),
        signed(row.change)
    )
}
