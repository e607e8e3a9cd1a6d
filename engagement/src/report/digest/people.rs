//! A manager's digest: how each of their people stands, in a line.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::account::{AccountFacts, touches_due};
use super::alerts::severity_factor;
use super::book::book;
use super::change::AccountChange;
use super::facts::{DigestFacts, PersonFacts};
use super::section::Section;
use crate::portfolio::worth::Worth;
use crate::portfolio::{Keep, PortfolioTotals, RENEWAL_DAYS};
use crate::vocabulary::Severity;

const MOST: usize = 12;

/// How one of the reader's people stands. Counts are of accounts, but for alerts and touchpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonLine {
    /// Their name.
    pub name: String,
    /// Customers that they and their own people look after.
    pub accounts: u32,
    /// Revenue of those, as [`super::Book::arr`]; absent where none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arr: Option<String>,
    /// Mean of the rounded scores that are not provisional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average: Option<i32>,
    /// Accounts at risk.
    #[serde(default)]
    pub at_risk: u32,
    /// Accounts that got worse.
    pub worse: u32,
    /// CRITICAL alerts.
    pub critical: u32,
    /// HIGH alerts.
    pub high: u32,
    /// Touchpoints due in the next two weeks.
    pub due: u32,
    /// Renewals in the next three months.
    pub renewals: u32,
}

pub(super) fn section(facts: &DigestFacts<'_>, worth: &Worth<'_>) -> Section<PersonLine> {
    let mut people: Vec<(&PersonFacts<'_>, f64)> = facts
        .people
        .iter()
        .filter(|person| person.accounts.iter().any(|account| account.customer))
        .map(|person| (person, urgency(person, worth)))
        .collect();
    people.sort_by(|(a, urgent_a), (b, urgent_b)| urgent_b.total_cmp(urgent_a).then_with(|| by_name(a, b)));
    Section::first(&people, MOST, |(person, _)| line(facts, person))
}

fn by_name(a: &PersonFacts<'_>, b: &PersonFacts<'_>) -> Ordering {
    a.name.cmp(b.name)
}

/// Revenue × severity, over all their alerts.
fn urgency(person: &PersonFacts<'_>, worth: &Worth<'_>) -> f64 {
    let of_account = |account: &&AccountFacts| {
        let severities: f64 = account
            .alerts
            .iter()
            .map(|alert| severity_factor(alert.severity))
            .sum();
        account.weight(worth) * severities
    };
    person
        .accounts
        .iter()
        .filter(|account| account.customer)
        .map(of_account)
        .sum()
}

fn line(facts: &DigestFacts<'_>, person: &PersonFacts<'_>) -> PersonLine {
    let mut totals = PortfolioTotals::default();
    person
        .accounts
        .iter()
        .for_each(|account| totals.merge(&account.totals, &Keep::NOTHING));
    let customers = || person.accounts.iter().filter(|account| account.customer);
    let alerts = |severity: Severity| {
        whole(
            customers()
                .flat_map(|account| &account.alerts)
                .filter(|alert| alert.severity == severity)
                .count(),
        )
    };
    let book = book(&totals, &facts.policy.currency);
    PersonLine {
        name: person.name.to_owned(),
        accounts: book.accounts,
        arr: book.arr,
        average: book.average,
        at_risk: whole(customers().filter(|account| account.is_at_risk()).count()),
        worse: whole(
            customers()
                .filter(|account| account.change.as_ref().is_some_and(AccountChange::is_worse))
                .count(),
        ),
        critical: alerts(Severity::Critical),
        high: alerts(Severity::High),
        due: whole(
            customers()
                .map(|account| touches_due(account, facts.day).count())
                .sum(),
        ),
        renewals: whole(
            customers()
                .filter(|account| account.renews_within(facts.day, RENEWAL_DAYS))
                .count(),
        ),
    }
}

fn whole(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
