//! The mail of a departure: facts become sentences here. Mails that are queued by one version are sent by the next, so no field
//! may be renamed or become required.

use serde::{Deserialize, Serialize};

use super::facts::{DepartureFacts, last_contact, long_day};
use super::steps::{self, NextStep};
use crate::guardrail::sponsor_departure::Successor;
use crate::markdown::{capital, count, money};
use crate::report::named::NamedAccount;
use crate::report::standing::standing_line;
use crate::vocabulary::id::AlertId;
use crate::vocabulary::{OrgChangeSource, Severity};

/// Open alerts that are quoted.
const MOST_ALERTS: usize = 3;

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
            left: format!(
                "{person}, the {rank} sponsor, left on {}{ago}.",
                long_day(facts.picture.left_on)
            ),
            known: known(facts),
            stakes: stakes(facts),
            alerts: facts.alerts.iter().take(MOST_ALERTS).map(said).collect(),
            more_alerts: u32::try_from(facts.alerts.len().saturating_sub(MOST_ALERTS)).unwrap_or(u32::MAX),
            sponsors: facts
                .picture
                .sponsors
                .iter()
                .map(|successor| line(facts, successor))
                .collect(),
            executives: facts
                .picture
                .executives
                .iter()
                .map(|successor| line(facts, successor))
                .collect(),
            steps: steps::next(facts),
            told: facts.told.clone(),
            who,
        }
    }
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
    let summary = facts
        .summary
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map_or_else(String::new, |text| format!(": “{text}”"));
    format!("We know because {how}{summary}.")
}

fn stakes(facts: &DepartureFacts<'_>) -> Vec<Fact> {
    let fact = |name: &str, value: String| Fact {
        name: name.to_owned(),
        value,
    };
    let arr = facts
        .arr
        .clone()
        .map_or_else(|| "not known".to_owned(), |arr| money(&[arr]));
    let renewal = match (facts.renewal_on, facts.days_to_renewal()) {
        (Some(on), Some(0)) => format!("{}, today", long_day(on)),
        (Some(on), Some(days)) => format!(
            "{}, in {}",
            long_day(on),
            count(u32::try_from(days).unwrap_or(u32::MAX), "day")
        ),
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
    let standing = facts
        .standing
        .map(|standing| fact("Standing", capital(&standing_line(standing, named))));
    let rest = [
        fact("Revenue a year", arr),
        fact("Renewal", renewal),
        fact("Engagement", score),
        fact("Open alerts", open),
    ];
    standing.into_iter().chain(rest).collect()
}

fn line(facts: &DepartureFacts<'_>, successor: &Successor) -> SuccessorLine {
    let level = successor.level.in_words();
    let standing = successor.rank.map_or_else(
        || level.to_owned(),
        |rank| format!("{} sponsor, {level}", rank.in_words()),
    );
    SuccessorLine {
        person: facts.person(successor.contact),
        standing: format!("{standing}, {}", last_contact(successor)),
        engaged: successor.level.is_engaged(),
    }
}
