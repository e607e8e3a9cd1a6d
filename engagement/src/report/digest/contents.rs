//! One person's week, or why there is nothing to say of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::account::DUE_DAYS;
use super::alerts::Alerts;
use super::book::Book;
use super::changed::ChangeLine;
use super::outlook::{ActionLine, MetricLine};
use super::people::PersonLine;
use super::renewal::RenewalLine;
use super::risk::RiskLine;
use super::section::Section;
use super::touch::{self, TouchLine};
use crate::report::named::PersonName;
use crate::schedule::digest::Week;
use crate::vocabulary::id::{AccountId, AlertId, ContactId};

/// One person's week. Its fields may gain others, but none may be renamed or become required: digests that are queued by
/// one version are sent by the next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// How to address the reader.
    pub reader: String,
    /// The week.
    pub week: Week,
    /// Which days it tells about, and the day it is made.
    pub since: NaiveDate,
    /// Today.
    pub day: NaiveDate,
    /// The same in words: `Wed 10 June to Wed 17 June`.
    pub period: String,
    /// The mail's subject.
    pub subject: String,
    /// The week in a few phrases, the most urgent first.
    pub headlines: Vec<String>,
    /// What it is about.
    pub book: Book,
    /// For somebody who leads others: how each of them stands.
    pub people: Section<PersonLine>,
    /// What needs a decision.
    #[serde(default)]
    pub at_risk: Section<RiskLine>,
    /// What changed.
    pub changes: Section<ChangeLine>,
    /// What is wrong.
    pub alerts: Alerts,
    /// Whom to meet in the next two weeks.
    pub touches: Section<TouchLine>,
    /// Sponsors whose touch is overdue, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue: Option<String>,
    /// What is to be renewed in the next three months.
    pub renewals: Section<RenewalLine>,
    /// Revenue of all of those; absent where none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewals_arr: Option<String>,
    /// The five metrics of the portfolio against their targets.
    pub metrics: Vec<MetricLine>,
    /// What to do: the most points first.
    pub actions: Vec<ActionLine>,
}

impl Digest {
    /// Every account that it names: whoever may not see one of them any more does not get it.
    pub fn accounts(&self) -> Vec<AccountId> {
        let at_risk = self.at_risk.lines.iter().map(|line| &line.account);
        let changes = self.changes.lines.iter().map(|line| &line.account);
        let alerts = self.alerts.lines.iter().map(|line| &line.account);
        let touches = self.touches.lines.iter().map(|line| &line.account);
        let renewals = self.renewals.lines.iter().map(|line| &line.account);
        let actions = self.actions.iter().map(|line| &line.account);
        let mut accounts: Vec<AccountId> = at_risk
            .chain(changes)
            .chain(alerts)
            .chain(touches)
            .chain(renewals)
            .chain(actions)
            .map(|account| account.id)
            .collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }
}

impl Digest {
    /// The contacts that it names.
    pub fn contacts(&self) -> Vec<ContactId> {
        let touched = self.touches.lines.iter().map(|line| line.contact);
        touched
            .chain(self.at_risk.lines.iter().flat_map(RiskLine::contacts))
            .collect()
    }

    /// The same without names of contacts and without what alerts say: what may wait to be sent while somebody is erased.
    pub fn without_names(&self) -> Self {
        self.with_names(|_| None, |_| Some(String::new()))
    }

    /// The same with the names of contacts and what alerts say as they are now. Who is gone is "a former contact"; a line
    /// whose alert is gone is left out.
    pub fn with_names(
        &self,
        name: impl Fn(ContactId) -> Option<PersonName>,
        message: impl Fn(AlertId) -> Option<String>,
    ) -> Self {
        let mut digest = self.clone();
        for line in &mut digest.at_risk.lines {
            line.say(|contact| name(contact).map(|person| person.name));
        }
        for line in &mut digest.touches.lines {
            line.person = touch::person(name(line.contact).as_ref());
        }
        digest.alerts.lines.retain_mut(|line| match message(line.id) {
            Some(message) => {
                line.message = message;
                true
            }
            None => false,
        });
        digest
    }
}

/// Why there is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NothingToSay {
    /// They look after no customer.
    #[error("there is no account to tell about")]
    NoAccounts,
    /// Nothing happened and nothing is due.
    #[error(
        "nothing changed, no account is newly at risk, no alert from HIGH up is open, and nothing is due in the next {DUE_DAYS} days"
    )]
    QuietWeek,
}
