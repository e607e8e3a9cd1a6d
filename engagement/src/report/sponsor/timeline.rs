//! What happened with the primary sponsor in the trailing year, newest first; where there is none, with all executives.

use chrono::NaiveDate;

use super::sources::Sources;
use crate::markdown::number;
use crate::measure::{Reading, Who, is_present};
use crate::row::{ContactIndex, Interaction};
use crate::vocabulary::id::{ContactId, InteractionId};
use crate::vocabulary::{Direction, InteractionKind, InteractionStatus, Party};

/// How many entries a timeline has: more than a person reads before a meeting.
const MOST: usize = 20;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// The interaction.
    pub interaction: InteractionId,
    /// Its day.
    pub on: NaiveDate,
    /// Its kind.
    pub kind: InteractionKind,
    /// Which of those whom the timeline is about.
    pub with: Vec<ContactId>,
    /// What it was about: its topics, else its subject.
    pub topics: Vec<String>,
    /// What came of it: as recorded, else what its status says.
    pub outcome: String,
}

/// The facts of the trailing year that name the primary sponsor, or one of the executives where there is none.
pub(super) fn timeline(sources: &Sources<'_>) -> Vec<TimelineEntry> {
    let Sources {
        rows,
        policy,
        windows,
        context,
        sponsors,
        people,
        ..
    } = sources;
    let whom: Vec<ContactIndex> = match sponsors.primary() {
        Some(primary) => vec![primary.contact],
        None => sponsors
            .executives
            .iter()
            .map(|executive| executive.contact)
            .collect(),
    };
    let named = |i: &Interaction| -> Vec<ContactIndex> {
        whom.iter()
            .copied()
            .filter(|contact| names(i, *contact))
            .collect()
    };
    let mut entries: Vec<(&Interaction, Reading, Vec<ContactIndex>)> = rows
        .interactions
        .iter()
        .filter(|i| windows.year_start <= i.occurred_at && i.occurred_at < windows.at)
        .map(|i| (i, named(i)))
        .filter(|(_, named)| !named.is_empty())
        .filter_map(|(i, named)| Some((i, Reading::of(i, policy, windows)?, named)))
        .collect();
    entries.sort_by_key(|(i, ..)| std::cmp::Reverse((i.occurred_at, i.id)));
    entries
        .into_iter()
        .take(MOST)
        .map(|(interaction, reading, named)| {
            let text = context.interactions.get(&interaction.id);
            let topics = text.map(|text| {
                if text.topics.is_empty() {
                    text.subject.iter().cloned().collect()
                } else {
                    text.topics.clone()
                }
            });
            let recorded = text
                .and_then(|text| text.outcome.as_deref())
                .map(str::trim)
                .filter(|outcome| !outcome.is_empty());
            TimelineEntry {
                interaction: interaction.id,
                on: windows.day_of(interaction.occurred_at),
                kind: interaction.kind,
                topics: topics.unwrap_or_default(),
                outcome: recorded.map_or_else(|| outcome(interaction, &reading, &named), str::to_owned),
                with: named
                    .into_iter()
                    .filter_map(|contact| people.id(contact))
                    .collect(),
            }
        })
        .collect()
}

fn names(interaction: &Interaction, contact: ContactIndex) -> bool {
    interaction.participants.iter().any(|p| p.contact == contact)
        || interaction.responded_by == Some(contact)
        || interaction.from_contact == Some(contact)
}

/// What the status says.
fn outcome(interaction: &Interaction, reading: &Reading, whom: &[ContactIndex]) -> String {
    let mut invited = interaction
        .participants
        .iter()
        .filter(|p| whom.contains(&p.contact))
        .peekable();
    let there = invited.peek().is_none() || invited.any(|p| is_present(interaction.kind, *p));
    let words = match interaction.status {
        InteractionStatus::Scheduled => "Planned",
        InteractionStatus::Canceled if interaction.canceled_by == Some(Party::Vendor) => "Canceled by us",
        InteractionStatus::Canceled if interaction.rescheduled => "Moved to another day",
        InteractionStatus::Canceled => "Canceled by them",
        InteractionStatus::Declined => "Declined",
        InteractionStatus::NoShow if interaction.kind == InteractionKind::Call => "Not reached",
        InteractionStatus::NoShow => "Nobody came",
        InteractionStatus::Completed if interaction.kind == InteractionKind::Email => {
            return mail(interaction, reading, whom);
        }
        InteractionStatus::Completed if !there => "Held without them",
        InteractionStatus::Completed => "Held",
    };
    words.to_owned()
}

fn mail(interaction: &Interaction, reading: &Reading, whom: &[ContactIndex]) -> String {
    if interaction.direction == Direction::Inbound {
        return "Received".to_owned();
    }
    let Some(answered_at) = reading.responded_at else {
        return if interaction.bulk {
            "Sent to many".to_owned()
        } else {
            "No answer yet".to_owned()
        };
    };
    let hours = number(Some(
        (answered_at - interaction.occurred_at).num_minutes() as f64 / 60.0,
    ));
    match reading.who {
        Who::One(by) if whom.contains(&by) => format!("Answered after {hours} h"),
        _ => format!("Answered by somebody else after {hours} h"),
    }
}
