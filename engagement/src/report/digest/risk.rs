//! The accounts at risk, each with its reasons: what needs a decision.

use serde::{Deserialize, Serialize};

use super::account::AccountFacts;
use super::facts::DigestFacts;
use super::named_account::named;
use super::section::Section;
use super::text::stakes;
use crate::portfolio::worth::Worth;
use crate::report::named::NamedAccount;
use crate::standing::Reason;
use crate::vocabulary::id::ContactId;

const MOST: usize = 4;

/// An account at risk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskLine {
    /// The account at risk.
    pub account: NamedAccount,
    /// It was not at risk when its readers were told last.
    pub new: bool,
    /// The first reasons, as codes: their sentences name people, who may be erased before the mail is sent.
    pub reasons: Vec<Reason>,
    /// The sentences of the reasons; without names until the mail is written.
    pub sentences: Vec<String>,
    /// Revenue and renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stakes: Option<String>,
}

impl RiskLine {
    /// Whom the reasons are about.
    pub(super) fn contacts(&self) -> impl Iterator<Item = ContactId> {
        self.reasons.iter().filter_map(|reason| reason.contact)
    }

    /// Writes the sentences anew, with the names that people have now.
    pub(super) fn say(&mut self, name: impl Fn(ContactId) -> Option<String>) {
        self.sentences = self
            .reasons
            .iter()
            .map(|reason| reason.message(reason.contact.and_then(&name).as_deref()))
            .collect();
    }
}

/// The accounts at risk by revenue.
pub(super) fn section(
    facts: &DigestFacts<'_>,
    customers: &[&AccountFacts],
    worth: &Worth<'_>,
) -> Section<RiskLine> {
    let mut at_risk: Vec<&AccountFacts> = customers
        .iter()
        .copied()
        .filter(|account| account.is_at_risk())
        .collect();
    at_risk.sort_by(|a, b| {
        let revenue = b.weight(worth).total_cmp(&a.weight(worth));
        revenue.then_with(|| a.label.external_id.cmp(&b.label.external_id))
    });
    Section::first(&at_risk, MOST, |account| {
        let reasons = account.shown_reasons().cloned().collect();
        let mut line = RiskLine {
            account: named(account),
            new: account.newly_at_risk,
            reasons,
            sentences: vec![],
            stakes: stakes(account, facts.day),
        };
        line.say(|contact| facts.names.get(&contact).map(|person| person.name.clone()));
        line
    })
}
