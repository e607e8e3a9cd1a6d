//! The weekly digest of one person: what they plan the week with, in two minutes, with three accounts and with three hundred.
//!
//! [`compose`] makes a [`Digest`] of plain facts, or says why there is nothing to say. Its sentences and numbers are ready to
//! be shown; templates only lay them out. Texts from outside (names, messages) are plain and have to be escaped. Each section
//! shows a few lines and says how many more there are; what comes first is what matters most:
//!
//! | section | at most | order |
//! | --- | --- | --- |
//! | people of a manager | 12 | revenue × severity of the alerts of their accounts |
//! | at risk | 4 | revenue |
//! | changes | 4 | what got worse first; revenue × points, a changed standing or pattern counting as ten more |
//! | alerts | 4, two of one account | severity; then new ones; then revenue |
//! | touchpoints | 5 | sponsors first, then revenue; shown by day |
//! | renewals | 5, or up to 8 within 30 days | the next first |
//! | actions | 5, one of an account | points × revenue, twice that with a renewal in the next 90 days |
//!
//! Revenue weighs as its share of the book, and is never compared across currencies without a rate ([`Worth`]). Of an account
//! whose score is not known well enough neither falls nor actions are told.

mod account;
mod alerts;
mod change;
mod outlook;
mod people;
mod risk;
mod section;
mod text;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use account::{AccountFacts, AccountLabel, AlertFacts, Gain, TouchFacts};
pub use alerts::{AlertCount, AlertLine, Alerts};
pub use change::{AccountChange, DailyStanding, LOOK_BACK_DAYS, change_since, newly_at_risk};
pub use outlook::{ActionLine, MetricLine};
pub use people::PersonLine;
pub use risk::RiskLine;
pub use section::{ChangeLine, RenewalLine, TouchLine};

use crate::id::{AccountId, AlertId, ContactId};
use crate::policy::Policy;
pub use crate::portfolio::RENEWAL_DAYS;
use crate::portfolio::{Keep, PortfolioTotals};
use crate::schedule::digest::Week;
use crate::worth::{self, Worth};

/// Days ahead for which touchpoints are listed.
pub const DUE_DAYS: i64 = 14;

/// Who a digest is for, what they are told of, and since when.
#[derive(Debug, Clone, Copy)]
pub struct DigestFacts<'a> {
    /// How to address them.
    pub reader: &'a str,
    /// The week.
    pub week: Week,
    /// Today, in the organisation's zone.
    pub day: NaiveDate,
    /// The reader's own zone.
    pub zone: Tz,
    /// The day on which they were told last; a week ago for the first digest.
    pub since: NaiveDate,
    /// That instant: alerts that opened later are new.
    pub since_at: DateTime<Utc>,
    /// The accounts they look after, and those of their people; each once.
    pub accounts: &'a [&'a AccountFacts],
    /// Those who report to them and look after accounts, or lead others who do.
    pub people: &'a [PersonFacts<'a>],
    /// Names of the executives whose touch is due, and of whom the reasons of a standing are about.
    pub names: &'a HashMap<ContactId, PersonName>,
    /// The first day on which a touch of an executive is planned already.
    pub planned: &'a HashMap<ContactId, NaiveDate>,
    /// The policy in force.
    pub policy: &'a Policy,
}

/// Somebody who reports to the reader.
#[derive(Debug, Clone)]
pub struct PersonFacts<'a> {
    /// Their name.
    pub name: &'a str,
    /// The accounts that they and their own people look after.
    pub accounts: Vec<&'a AccountFacts>,
}

/// How an executive is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// Their name.
    pub name: String,
    /// What they are.
    pub title: Option<String>,
}

/// Why there is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NothingToSay {
    /// They look after no customer.
    #[error("there is no account to tell about")]
    NoAccounts,
    /// Nothing happened and nothing is due.
    #[error("nothing changed, no account is newly at risk, no alert from HIGH up is open, and nothing is due in the next {DUE_DAYS} days")]
    QuietWeek,
}

/// An account as a digest names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedAccount {
    /// Which.
    pub id: AccountId,
    /// Its key in the customer's own systems: the way to their frontend.
    pub external_id: String,
    /// Its name.
    pub name: String,
}

/// Lines, and how many were left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section<T> {
    /// What matters most.
    pub lines: Vec<T>,
    /// How many more there are.
    pub more: u32,
}

impl<T> Default for Section<T> {
    fn default() -> Self {
        Self { lines: vec![], more: 0 }
    }
}

impl<T> Section<T> {
    /// There is nothing, shown or not.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.more == 0
    }

    /// How many there are, shown or not.
    pub fn total(&self) -> u32 {
        u32::try_from(self.lines.len()).unwrap_or(u32::MAX).saturating_add(self.more)
    }

    /// The first of a list that is in order.
    fn first<S>(list: &[S], most: usize, line: impl Fn(&S) -> T) -> Self {
        let lines: Vec<T> = list.iter().take(most).map(line).collect();
        let more = u32::try_from(list.len() - lines.len()).unwrap_or(u32::MAX);
        Self { lines, more }
    }
}

/// The accounts that a digest is about, in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// How many customers.
    pub accounts: u32,
    /// Their revenue: in the reporting currency where there are rates, else one amount per currency; absent where none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arr: Option<String>,
    /// Mean of the rounded scores that are not provisional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average: Option<i32>,
}

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
        let mut accounts: Vec<AccountId> =
            at_risk.chain(changes).chain(alerts).chain(touches).chain(renewals).chain(actions).map(|account| account.id).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }
}

impl Digest {
    /// The contacts that it names.
    pub fn contacts(&self) -> Vec<ContactId> {
        let touched = self.touches.lines.iter().map(|line| line.contact);
        touched.chain(self.at_risk.lines.iter().flat_map(RiskLine::contacts)).collect()
    }

    /// The same without names of contacts and without what alerts say: what may wait to be sent while somebody is erased.
    pub fn without_names(&self) -> Self {
        self.with_names(|_| None, |_| Some(String::new()))
    }

    /// The same with the names of contacts and what alerts say as they are now. Who is gone is "a former contact"; a line
    /// whose alert is gone is left out.
    pub fn with_names(&self, name: impl Fn(ContactId) -> Option<PersonName>, message: impl Fn(AlertId) -> Option<String>) -> Self {
        let mut digest = self.clone();
        for line in &mut digest.at_risk.lines {
            line.say(|contact| name(contact).map(|person| person.name));
        }
        for line in &mut digest.touches.lines {
            line.person = section::person(name(line.contact).as_ref());
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

/// Writes somebody's digest.
///
/// # Errors
/// There is nothing to say: why.
pub fn compose(facts: &DigestFacts<'_>) -> Result<Digest, NothingToSay> {
    let customers: Vec<&AccountFacts> = facts.accounts.iter().copied().filter(|account| account.customer).collect();
    if customers.is_empty() {
        return Err(NothingToSay::NoAccounts);
    }
    let mut totals = PortfolioTotals::default();
    facts.accounts.iter().for_each(|account| totals.merge(&account.totals, &Keep::NOTHING));
    let worth = Worth::of(&totals.all.arr(), &facts.policy.currency);
    let at_risk = risk::section(facts, &customers, &worth);
    let news = customers.iter().any(|account| account.newly_at_risk);
    let changes = section::changes(facts, &customers, &worth);
    let alerts = alerts::alerts(facts, &customers, &worth);
    let touches = section::touches(facts, &customers, &worth);
    let renewing = section::renewing(facts, &customers);
    let renews_soon = renewing.iter().any(|account| account.days_to_renewal(facts.day).is_some_and(|days| days <= DUE_DAYS));
    if !news && changes.is_empty() && alerts.serious() == 0 && touches.is_empty() && !renews_soon {
        return Err(NothingToSay::QuietWeek);
    }
    let mut renewals_group = crate::portfolio::Group::default();
    for account in &renewing {
        renewals_group.merge(&account.totals.all);
    }
    let mut digest = Digest {
        reader: facts.reader.to_owned(),
        week: facts.week,
        since: facts.since,
        day: facts.day,
        period: format!("{} to {}", text::day(facts.since), text::day(facts.day)),
        subject: String::new(),
        headlines: vec![],
        book: section::book(&totals, &facts.policy.currency),
        people: people::section(facts, &worth),
        at_risk,
        changes,
        alerts,
        touches,
        overdue: section::overdue(facts, &customers),
        renewals: section::renewals(facts, &renewing),
        renewals_arr: Some(worth::in_words(&renewals_group.arr(), &facts.policy.currency)).filter(|arr| !arr.is_empty()),
        metrics: outlook::metrics(&totals, facts.policy),
        actions: outlook::actions(facts.day, &customers, &worth),
    };
    digest.headlines = text::headlines(&digest, &customers);
    digest.subject = text::subject(&digest);
    Ok(digest)
}
