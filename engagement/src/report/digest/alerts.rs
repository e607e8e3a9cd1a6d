//! The alerts of a digest: all of them counted, the worst quoted.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::account::{AccountFacts, AlertFacts};
use super::facts::DigestFacts;
use super::named_account::named;
use super::text::day;
use crate::markdown::money;
use crate::portfolio::worth::Worth;
use crate::report::named::NamedAccount;
use crate::row::windows::day_of;
use crate::vocabulary::Severity;
use crate::vocabulary::id::{AccountId, AlertId};

const MOST: usize = 4;
const MOST_OF_ACCOUNT: u32 = 2;

/// How much worse than LOW a severity is.
pub(super) const fn severity_factor(severity: Severity) -> f64 {
    match severity {
        Severity::Low => 1.0,
        Severity::Medium => 2.0,
        Severity::High => 4.0,
        Severity::Critical => 8.0,
    }
}

/// The alerts of a digest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alerts {
    /// How many there are of each severity that occurs, the worst first.
    pub counts: Vec<AlertCount>,
    /// The worst.
    pub lines: Vec<AlertLine>,
    /// How many more there are.
    pub more: u32,
}

/// How many alerts of a severity there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertCount {
    /// The severity.
    pub severity: Severity,
    /// Open or acknowledged.
    pub open: u32,
    /// Of these, those that opened since the last digest, other than those that were there when scoring began.
    pub new: u32,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertLine {
    pub id: AlertId,
    /// Of which account.
    pub account: NamedAccount,
    /// Its rule, such as `sponsor.departed`.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it says.
    pub message: String,
    /// It opened since the last digest.
    pub new: bool,
    /// Somebody has taken it up.
    pub acknowledged: bool,
    /// Since when: `Mon 22 June`, or `scoring began`.
    pub since: String,
    /// Revenue a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arr: Option<String>,
}

impl Alerts {
    /// How many are HIGH or CRITICAL.
    pub fn serious(&self) -> u32 {
        self.counts
            .iter()
            .filter(|counted| counted.severity >= Severity::High)
            .map(|counted| counted.open)
            .sum()
    }
}

pub(super) fn alerts(facts: &DigestFacts<'_>, customers: &[&AccountFacts], worth: &Worth<'_>) -> Alerts {
    let is_new = |alert: &AlertFacts| !alert.baseline && alert.opened_at > facts.since_at;
    let mut all: Vec<(&AccountFacts, &AlertFacts)> = customers
        .iter()
        .flat_map(|account| account.alerts.iter().map(|alert| (*account, alert)))
        .collect();
    all.sort_by(|(account_a, a), (account_b, b)| {
        (b.severity.cmp(&a.severity))
            .then_with(|| is_new(b).cmp(&is_new(a)))
            .then_with(|| account_b.weight(worth).total_cmp(&account_a.weight(worth)))
            .then_with(|| account_a.label.external_id.cmp(&account_b.label.external_id))
            .then_with(|| a.rule.cmp(&b.rule))
            .then_with(|| a.id.cmp(&b.id))
    });
    let counts = Severity::ALL.iter().rev().filter_map(|severity| {
        let of_severity = || all.iter().filter(|(_, alert)| alert.severity == *severity);
        let whole = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let counted = AlertCount {
            severity: *severity,
            open: whole(of_severity().count()),
            new: whole(of_severity().filter(|(_, alert)| is_new(alert)).count()),
        };
        (counted.open > 0).then_some(counted)
    });
    let counts = counts.collect();
    let mut shown: HashMap<AccountId, u32> = HashMap::new();
    let total = all.len();
    let lines: Vec<AlertLine> = all
        .into_iter()
        .filter(|(account, _)| {
            let shown = shown.entry(account.id).or_default();
            *shown += 1;
            *shown <= MOST_OF_ACCOUNT
        })
        .take(MOST)
        .map(|(account, alert)| AlertLine {
            id: alert.id,
            account: named(account),
            rule: alert.rule.to_string(),
            severity: alert.severity,
            message: alert.message.clone(),
            new: is_new(alert),
            acknowledged: alert.acknowledged,
            since: if alert.baseline {
                "scoring began".to_owned()
            } else {
                day(day_of(alert.opened_at, facts.zone))
            },
            arr: account.label.arr.clone().map(|arr| money(&[arr])),
        })
        .collect();
    let more = u32::try_from(total - lines.len()).unwrap_or(u32::MAX);
    Alerts { counts, lines, more }
}
