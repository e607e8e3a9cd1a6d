//! What to do in the 48 hours after a sponsor has left: rules over who is left and what is at stake, each with its reason.

use serde::{Deserialize, Serialize};

use super::facts::{DepartureFacts, last_contact, long_day};
use crate::guardrail::sponsor_departure::Successor;
use crate::markdown::{capital, count, money};
use crate::portfolio::RENEWAL_DAYS;
use crate::vocabulary::{EngagementLevel, OrgChangeSource, Pattern, SponsorRank};

/// No more than two people can do in two days.
const MOST_STEPS: usize = 5;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    /// Until when: "today", "within 48 hours".
    pub by: String,
    pub action: String,
    pub reason: String,
}

fn step(by: &str, action: impl Into<String>, reason: impl Into<String>) -> NextStep {
    NextStep {
        by: by.to_owned(),
        action: action.into(),
        reason: reason.into(),
    }
}

const TODAY: &str = "today";
const SOON: &str = "within 48 hours";

pub(super) fn next(facts: &DepartureFacts<'_>) -> Vec<NextStep> {
    let mut steps = Vec::new();
    steps.extend(confirm(facts));
    steps.push(successor(facts));
    steps.extend(leadership(facts));
    steps.push(leaver(facts));
    steps.extend(second_executive(facts));
    steps.push(take_up(facts));
    steps.truncate(MOST_STEPS);
    steps
}

/// What was only read somewhere may be wrong.
fn confirm(facts: &DepartureFacts<'_>) -> Option<NextStep> {
    let from = match facts.source? {
        OrgChangeSource::Linkedin => "LinkedIn",
        OrgChangeSource::News => "the news",
        OrgChangeSource::EmailBounce => "a bounced mail",
        OrgChangeSource::Manual | OrgChangeSource::Crm => return None,
    };
    let name = facts.name(facts.picture.departed);
    Some(step(
        TODAY,
        format!("Ask somebody at {} whether {name} has left", facts.account.name),
        format!("So far it is known from {from} alone."),
    ))
}

/// The next sponsor: whom to approach first ([`crate::guardrail::sponsor_departure::SuccessionPicture::first_to_approach`]).
fn successor(facts: &DepartureFacts<'_>) -> NextStep {
    let gone = facts.name(facts.picture.departed);
    let primary = facts
        .picture
        .sponsors
        .iter()
        .find(|successor| successor.rank == Some(SponsorRank::Primary));
    if let (SponsorRank::Backup, Some(primary)) = (facts.picture.rank, primary) {
        let action = format!(
            "Tell {} and ask whom they would name in {gone}'s place",
            facts.person(primary.contact)
        );
        return step(
            TODAY,
            action,
            "The primary sponsor is still there, but nobody would follow them now.",
        );
    }
    if let Some(primary) = primary {
        let action = format!(
            "Call {}, who is the primary sponsor now",
            facts.person(primary.contact)
        );
        return step(TODAY, action, format!("Primary sponsor, {}.", standing(primary)));
    }
    let Some(first) = facts.picture.first_to_approach() else {
        return step(
            TODAY,
            format!("Ask our daily contacts who takes over from {gone}, and for an introduction"),
            "There is no backup sponsor, and no other executive is known.",
        );
    };
    let person = facts.person(first);
    if let Some(backup) = facts
        .picture
        .sponsors
        .iter()
        .find(|successor| successor.contact == first)
    {
        let reason = format!("Backup sponsor, {}.", standing(backup));
        return if backup.level.is_engaged() {
            step(
                TODAY,
                format!("Call {person} and ask them to take over as sponsor"),
                reason,
            )
        } else {
            step(
                TODAY,
                format!("Call {person} and win them back before asking for more"),
                reason,
            )
        };
    }
    let backup = if facts.picture.sponsors.is_empty() {
        "There is no backup sponsor"
    } else {
        "No backup is in regular contact"
    };
    match facts
        .picture
        .executives
        .iter()
        .find(|successor| successor.contact == first)
    {
        Some(executive) => step(
            TODAY,
            format!("Ask {person} for half an hour: who owns the outcome now?"),
            format!(
                "{backup}; of the executives they stand closest to us ({}).",
                standing(executive)
            ),
        ),
        None => step(
            TODAY,
            format!("Ask {person} who takes over from {gone}, and for an introduction"),
            format!("{backup}, and no executive has ever been in contact; they are in touch with us most."),
        ),
    }
}

/// Level and last contact.
fn standing(successor: &Successor) -> String {
    format!("{}, {}", successor.level.in_words(), last_contact(successor))
}

/// A renewal within [`RENEWAL_DAYS`] or a bad score is at stake: leaders talk to leaders.
fn leadership(facts: &DepartureFacts<'_>) -> Option<NextStep> {
    let renewal = facts.days_to_renewal().filter(|days| *days <= RENEWAL_DAYS);
    let low = facts
        .pattern
        .filter(|pattern| matches!(pattern, Pattern::LowEngaged | Pattern::Disengaged))
        .and(facts.overall);
    let reason = match (renewal, low) {
        (Some(days), _) => {
            let arr = facts.arr.clone().map_or_else(
                || "the contract".to_owned(),
                |arr| format!("{} a year", money(&[arr])),
            );
            let on = facts.renewal_on.map_or_else(String::new, long_day);
            format!(
                "{arr} renews on {on}, in {}, and nobody there owns that any more.",
                count(u32::try_from(days).unwrap_or(u32::MAX), "day")
            )
        }
        (None, Some(overall)) => format!("The account stood at {overall} of 100 before they left."),
        (None, None) => return None,
    };
    Some(step(
        SOON,
        format!("Have one of our leaders call theirs at {}", facts.account.name),
        capital(&reason),
    ))
}

fn leaver(facts: &DepartureFacts<'_>) -> NextStep {
    let name = facts.name(facts.picture.departed);
    step(
        SOON,
        format!("Write to {name}: thank them, and ask who takes over and whether they would introduce us"),
        "Who has just left still answers, and their word opens the door to the next one.",
    )
}

/// A second name, for the day the first one says no.
fn second_executive(facts: &DepartureFacts<'_>) -> Option<NextStep> {
    let known = |successor: &&Successor| {
        successor.level != EngagementLevel::Unknown && successor.last_contact_on.is_some()
    };
    let first = facts.picture.first_to_approach();
    let second = facts
        .picture
        .executives
        .iter()
        .filter(known)
        .find(|successor| Some(successor.contact) != first)?;
    let action = format!("Book a first meeting with {}", facts.person(second.contact));
    Some(step(
        SOON,
        action,
        format!(
            "One contact is too few to start again with; {}.",
            last_contact(second)
        ),
    ))
}

fn take_up(facts: &DepartureFacts<'_>) -> NextStep {
    let assign = if facts.picture.rank == SponsorRank::Primary {
        "the new primary sponsor"
    } else {
        "a new backup"
    };
    step(
        SOON,
        format!("Acknowledge the alert, and write down {assign} once they have agreed"),
        "Then everybody knows who is on it.",
    )
}
