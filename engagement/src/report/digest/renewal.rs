//! The renewals of a digest: the next first.

use serde::{Deserialize, Serialize};

use super::account::AccountFacts;
use super::facts::DigestFacts;
use super::named_account::named;
use super::section::Section;
use super::text::{ahead, day};
use crate::markdown::money;
use crate::portfolio::RENEWAL_DAYS;
use crate::report::named::NamedAccount;
use crate::vocabulary::StandingState;

const MOST_RENEWALS: usize = 5;
/// Days within which every renewal is listed, up to so many lines: a mail has an end.
const SOON_DAYS: i64 = 30;
const MOST_RENEWALS_SOON: usize = 8;

/// A renewal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalLine {
    /// Of which account.
    pub account: NamedAccount,
    /// When: `Mon 22 June`.
    pub on: String,
    /// How far away that is.
    pub ahead: String,
    /// The rounded score; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i32>,
    /// Its standing in words; in digests that an older version queued, its pattern as well.
    #[serde(alias = "pattern")]
    pub standing: String,
    /// Its standing is AT_RISK.
    pub at_risk: bool,
    /// Revenue a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arr: Option<String>,
}

/// The accounts that renew in the next three months.
pub(super) fn renewing<'a>(facts: &DigestFacts<'_>, customers: &[&'a AccountFacts]) -> Vec<&'a AccountFacts> {
    customers
        .iter()
        .copied()
        .filter(|account| account.renews_within(facts.day, RENEWAL_DAYS))
        .collect()
}

pub(super) fn renewals(facts: &DigestFacts<'_>, renewing: &[&AccountFacts]) -> Section<RenewalLine> {
    let mut list: Vec<&AccountFacts> = renewing.to_vec();
    list.sort_by_key(|account| (account.label.renewal_on, &account.label.external_id));
    let soon = list
        .iter()
        .take_while(|account| account.renews_within(facts.day, SOON_DAYS))
        .count();
    Section::first(&list, soon.clamp(MOST_RENEWALS, MOST_RENEWALS_SOON), |account| {
        RenewalLine {
            account: named(account),
            on: account.label.renewal_on.map(day).unwrap_or_default(),
            ahead: account.days_to_renewal(facts.day).map(ahead).unwrap_or_default(),
            score: account.overall,
            standing: account.state().map_or("", StandingState::in_words).to_owned(),
            at_risk: account.is_at_risk(),
            arr: account.label.arr.clone().map(|arr| money(&[arr])),
        }
    })
}
