//! The mail that arrives while a sponsor's chair is still warm: who left and how that is known, what is at stake, who could
//! follow, and what to do in the next 48 hours; and what a mail of the ladder says beside its alert.
//!
//! Plain facts become sentences here; templates only lay them out. Names and messages come from outside and have to be
//! escaped.

mod notice;
mod steps;

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use notice::{JOINING_WINDOW, JoinedNotices, MOST_ALONE, next_step, waiting};
pub use steps::NextStep;

use super::digest::{NamedAccount, PersonName};
use super::standing::standing_line;
use crate::guardrail::sponsor_departure::{SuccessionPicture, Successor};
use crate::id::{AlertId, ContactId};
use crate::markdown::{capital, count, money};
use crate::money::Money;
use crate::standing::Standing;
use crate::vocabulary::{OrgChangeSource, Pattern, Severity};

/// Open alerts that are quoted.
const MOST_ALERTS: usize = 3;

/// What is known when a sponsor has left.
#[derive(Debug, Clone)]
pub struct DepartureFacts<'a> {
    /// The alert of the departure.
    pub alert: AlertId,
    /// Where.
    pub account: NamedAccount,
    /// Who could follow, as it was when the departure became known.
    pub picture: &'a SuccessionPicture,
    /// Names of everybody in the picture.
    pub names: &'a HashMap<ContactId, PersonName>,
    /// How it is known; absent where the contact was set to departed.
    pub source: Option<OrgChangeSource>,
    /// Who wrote it down, by name; absent where it was imported, or they are gone.
    pub recorded_by: Option<&'a str>,
    /// What was written down about it.
    pub summary: Option<&'a str>,
    /// Revenue a year.
    pub arr: Option<Money>,
    /// When the contract is to be renewed.
    pub renewal_on: Option<NaiveDate>,
    /// What was to be thought of the account, where that is known; its names are in `names`.
    pub standing: Option<&'a Standing>,
    /// The rounded score.
    pub overall: Option<i32>,
    /// Its pattern.
    pub pattern: Option<Pattern>,
    /// Other alerts of the account that are open or acknowledged, the worst first.
    pub alerts: &'a [(Severity, String)],
    /// Today, in the organisation's zone.
    pub day: NaiveDate,
    /// Everybody whom it is sent to, by name or address.
    pub told: Vec<String>,
}

/// A fact with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// What is known.
    pub value: String,
}

/// Somebody who could follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuccessorLine {
    /// Name and title.
    pub person: String,
    /// Rank, level and last contact, in a phrase.
    pub standing: String,
    /// In regular contact: CHAMPION or ENGAGED.
    pub engaged: bool,
}

/// The mail of a departure. Its fields may gain others, but none may be renamed or become required: mails that are queued by
/// one version are sent by the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartureNotice {
    /// The alert of the departure.
    pub alert: AlertId,
    /// Where.
    pub account: NamedAccount,
    /// The mail's subject.
    pub subject: String,
    /// Who left, without what they were.
    pub who: String,
    /// What they were and when they left, in a sentence.
    pub left: String,
    /// How it is known, in a sentence.
    pub known: String,
    /// What is at stake.
    pub stakes: Vec<Fact>,
    /// Other open alerts of the account, the worst first, as sentences.
    pub alerts: Vec<String>,
    /// How many more of them there are.
    pub more_alerts: u32,
    /// Who sponsors us now.
    pub sponsors: Vec<SuccessorLine>,
    /// Other executives, whom to approach first at the front.
    pub executives: Vec<SuccessorLine>,
    /// What to do in the next 48 hours, in order.
    pub steps: Vec<NextStep>,
    /// Everybody whom it is sent to.
    pub told: Vec<String>,
}

impl DepartureNotice {
    /// Writes the mail.
    pub fn new(facts: &DepartureFacts<'_>) -> Self {
        let who = facts.name(facts.picture.departed);
        let rank = facts.picture.rank.in_words();
        let person = facts.person(facts.picture.departed);
        let ago = match (facts.day - facts.picture.left_on).num_days() {
            0 => ", today".to_owned(),
            1 => ", yesterday".to_owned(),
            days if days > 1 => format!(", {} ago", count(u32::try_from(days).unwrap_or(u32::MAX), "day")),
            _ => String::new(),
        };
        Self {
            alert: facts.alert,
            account: facts.account.clone(),
            subject: format!("Sponsor departed: {who}, {}", facts.account.name),
            left: format!("{person}, the {rank} sponsor, left on {}{ago}.", long_day(facts.picture.left_on)),
            known: known(facts),
            stakes: stakes(facts),
            alerts: facts.alerts.iter().take(MOST_ALERTS).map(said).collect(),
            more_alerts: u32::try_from(facts.alerts.len().saturating_sub(MOST_ALERTS)).unwrap_or(u32::MAX),
            sponsors: facts.picture.sponsors.iter().map(|successor| facts.line(successor)).collect(),
            executives: facts.picture.executives.iter().map(|successor| facts.line(successor)).collect(),
            steps: steps::next(facts),
            told: facts.told.clone(),
            who,
        }
    }
}

impl DepartureFacts<'_> {
    fn name(&self, contact: ContactId) -> String {
        self.names.get(&contact).map_or_else(|| "An erased contact".to_owned(), |known| known.name.clone())
    }

    /// Name and title.
    fn person(&self, contact: ContactId) -> String {
        let title = self.names.get(&contact).and_then(|known| known.title.as_ref());
        title.map_or_else(|| self.name(contact), |title| format!("{} ({title})", self.name(contact)))
    }

    fn line(&self, successor: &Successor) -> SuccessorLine {
        let level = successor.level.in_words();
        let standing = successor.rank.map_or_else(|| level.to_owned(), |rank| format!("{} sponsor, {level}", rank.in_words()));
        SuccessorLine {
            person: self.person(successor.contact),
            standing: format!("{standing}, {}", last_contact(successor)),
            engaged: successor.level.is_engaged(),
        }
    }

    /// Days until the renewal, where that is not past.
    fn days_to_renewal(&self) -> Option<i64> {
        self.renewal_on.map(|renewal| (renewal - self.day).num_days()).filter(|days| *days >= 0)
    }
}

fn last_contact(successor: &Successor) -> String {
    successor.last_contact_on.map_or_else(|| "never in contact".to_owned(), |day| format!("last contact on {}", long_day(day)))
}

fn long_day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// An alert with how bad it is.
fn said((severity, message): &(Severity, String)) -> String {
    format!("{}: {message}", capital(severity.in_words()))
}

fn known(facts: &DepartureFacts<'_>) -> String {
    let who = facts.recorded_by;
    let seen = |what: &str| who.map_or_else(|| what.to_owned(), |who| format!("{what} ({who} recorded it)"));
    let how = match facts.source {
        None => "the contact was marked as departed".to_owned(),
        Some(OrgChangeSource::Manual) => format!("{} recorded it", who.unwrap_or("somebody of us")),
        Some(OrgChangeSource::Linkedin) => seen("it was seen on LinkedIn"),
        Some(OrgChangeSource::News) => seen("it was in the news"),
        Some(OrgChangeSource::Crm) => seen("the CRM says so"),
        Some(OrgChangeSource::EmailBounce) => seen("mail to them bounces"),
    };
    let summary = facts.summary.map(str::trim).filter(|text| !text.is_empty()).map_or_else(String::new, |text| format!(": “{text}”"));
    format!("We know because {how}{summary}.")
}

fn stakes(facts: &DepartureFacts<'_>) -> Vec<Fact> {
    let fact = |name: &str, value: String| Fact { name: name.to_owned(), value };
    let arr = facts.arr.clone().map_or_else(|| "not known".to_owned(), |arr| money(&[arr]));
    let renewal = match (facts.renewal_on, facts.days_to_renewal()) {
        (Some(on), Some(0)) => format!("{}, today", long_day(on)),
        (Some(on), Some(days)) => format!("{}, in {}", long_day(on), count(u32::try_from(days).unwrap_or(u32::MAX), "day")),
        (Some(on), None) => format!("{}, which is past", long_day(on)),
        (None, _) => "no date known".to_owned(),
    };
    let score = match (facts.overall, facts.pattern) {
        (Some(overall), Some(pattern)) => format!("{overall} of 100, {}", pattern.in_words()),
        (Some(overall), None) => format!("{overall} of 100, from too little data for a pattern"),
        (None, _) => "not enough data".to_owned(),
    };
    let open = match facts.alerts.len() {
        0 => "no other".to_owned(),
        n => format!("{n} more"),
    };
    let named = |contact| facts.names.get(&contact).map(|known| known.name.clone());
    let standing = facts.standing.map(|standing| fact("Standing", capital(&standing_line(standing, named))));
    let rest = [fact("Revenue a year", arr), fact("Renewal", renewal), fact("Engagement", score), fact("Open alerts", open)];
    standing.into_iter().chain(rest).collect()
}
