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
mod book;
mod change;
mod changed;
mod contents;
mod facts;
mod headline;
mod named_account;
mod outlook;
mod people;
mod renewal;
mod risk;
mod section;
mod text;
mod touch;

pub use crate::portfolio::RENEWAL_DAYS;
pub use crate::report::named::{NamedAccount, PersonName};
pub use account::{AccountFacts, AccountLabel, AlertFacts, DUE_DAYS, Gain, TouchFacts};
pub use alerts::{AlertCount, AlertLine, Alerts};
pub use book::Book;
pub use change::{AccountChange, DailyStanding, LOOK_BACK_DAYS, change_since, newly_at_risk};
pub use changed::ChangeLine;
pub use contents::{Digest, NothingToSay};
pub use facts::{DigestFacts, PersonFacts};
pub use outlook::{ActionLine, MetricLine};
pub use people::PersonLine;
pub use renewal::RenewalLine;
pub use risk::RiskLine;
pub use section::Section;
pub use touch::TouchLine;

use crate::portfolio::worth::{self, Worth};
use crate::portfolio::{Keep, PortfolioTotals};

/// Writes somebody's digest.
///
/// # Errors
/// There is nothing to say: why.
pub fn compose(facts: &DigestFacts<'_>) -> Result<Digest, NothingToSay> {
    let customers: Vec<&AccountFacts> = facts
        .accounts
        .iter()
        .copied()
        .filter(|account| account.customer)
        .collect();
    if customers.is_empty() {
        return Err(NothingToSay::NoAccounts);
    }
    let mut totals = PortfolioTotals::default();
    facts
        .accounts
        .iter()
        .for_each(|account| totals.merge(&account.totals, &Keep::NOTHING));
    let worth = Worth::of(&totals.all.arr(), &facts.policy.currency);
    let at_risk = risk::section(facts, &customers, &worth);
    let news = customers.iter().any(|account| account.newly_at_risk);
    let changes = changed::changes(facts, &customers, &worth);
    let alerts = alerts::alerts(facts, &customers, &worth);
    let touches = touch::touches(facts, &customers, &worth);
    let renewing = renewal::renewing(facts, &customers);
    let renews_soon = renewing
        .iter()
        .any(|account| account.renews_within(facts.day, DUE_DAYS));
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
        book: book::book(&totals, &facts.policy.currency),
        people: people::section(facts, &worth),
        at_risk,
        changes,
        alerts,
        touches,
        overdue: touch::overdue(facts, &customers),
        renewals: renewal::renewals(facts, &renewing),
        renewals_arr: Some(worth::in_words(&renewals_group.arr(), &facts.policy.currency))
            .filter(|arr| !arr.is_empty()),
        metrics: outlook::metrics(&totals, facts.policy),
        actions: outlook::actions(facts.day, &customers, &worth),
    };
    digest.headlines = headline::headlines(&digest, &customers);
    digest.subject = headline::subject(&digest);
    Ok(digest)
}
