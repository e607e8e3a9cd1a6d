//! What lies ahead, and what it is for: the calendar, and our initiatives beside the priorities of the customer.

use async_graphql::SimpleObject;
use engagement::report::sponsor::{CalendarEntry, Initiative};
use engagement::vocabulary::Alignment;

use crate::graphql::bounds::limits;
use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::time::Date;

connection!(
    SponsorCalendarConnection,
    SponsorCalendarEdge,
    SponsorCalendarEntry,
    "what lies ahead"
);

connection!(
    InitiativeAlignmentConnection,
    InitiativeAlignmentEdge,
    InitiativeAlignment,
    "initiatives"
);

/// An initiative of ours beside a priority of theirs.
#[derive(Clone, SimpleObject)]
pub struct InitiativeAlignment {
    /// Ours.
    initiative: String,
    /// Theirs, where known.
    their_priority: Option<String>,
    /// How well the two fit.
    alignment: Alignment,
}

impl From<&Initiative> for InitiativeAlignment {
    fn from(initiative: &Initiative) -> Self {
        Self {
            initiative: initiative.initiative.clone(),
            their_priority: initiative.their_priority.clone(),
            alignment: initiative.alignment,
        }
    }
}

/// Something that lies ahead.
#[derive(Clone, SimpleObject)]
pub struct SponsorCalendarEntry {
    /// The day; of an overdue touch the day of the report, or the next working day.
    on: Date,
    /// What.
    event: String,
    /// Names: theirs first, then ours; at most 20.
    attendees: Vec<String>,
    /// How many attend, also beyond the 20 of `attendees`.
    attendees_count: usize,
    /// What for.
    objective: String,
}

impl From<&CalendarEntry> for SponsorCalendarEntry {
    fn from(entry: &CalendarEntry) -> Self {
        Self {
            on: Date(entry.on),
            event: entry.event.clone(),
            attendees: limits::ATTENDEES.cut(entry.attendees.iter().cloned()),
            attendees_count: entry.attendees.len(),
            objective: entry.objective.clone(),
        }
    }
}
