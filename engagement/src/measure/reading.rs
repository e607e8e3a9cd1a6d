//! What one interaction means at one instant: outreach, answered, held, two-way, and who was in direct contact
//! (docs/scoring.md § 2). Every rule about a single interaction stands here and nowhere else.

use chrono::{DateTime, TimeDelta, Utc};

use crate::policy::Policy;
use crate::row::{ContactIndex, Interaction, Participant};
use crate::vocabulary::{Attendance, Direction, InteractionKind, InteractionStatus, Party};
use crate::windows::Windows;

/// One interaction that is a fact, read at one instant.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// It took place and the customer was there.
    pub held: bool,
    /// We reached out and may expect an answer.
    pub outreach: bool,
    /// The outreach was answered.
    pub answered: bool,
    /// The outreach is old enough to be judged.
    pub mature: bool,
    /// When the answer came, where it is known to have come.
    pub responded_at: Option<DateTime<Utc>>,
    /// How long the answer took, for an answered outreach.
    pub response_time: Option<TimeDelta>,
    /// The customer took part, and when.
    pub two_way_at: Option<DateTime<Utc>>,
    /// Who of theirs took part.
    pub who: Who,
    /// A meeting that the customer called off without a new date.
    pub called_off: bool,
}

/// Who was in direct contact with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Nobody that could be named.
    Nobody,
    /// One contact.
    One(ContactIndex),
    /// Every participant who was not absent (on written kinds: every participant).
    Present,
}

impl Reading {
    /// Reads an interaction that occurred before `at`. Planned ones are no facts: `None`.
    pub fn of(interaction: &Interaction, policy: &Policy, windows: &Windows) -> Option<Self> {
        use InteractionKind::{Call, Email, ForumPost};
        let (kind, status) = (interaction.kind, interaction.status);
        if status == InteractionStatus::Scheduled {
            return None;
        }
        let completed = status == InteractionStatus::Completed;
        let held = completed && (interaction.participants.is_empty() || interaction.participants.iter().any(|p| is_present(kind, *p)));
        let outbound = interaction.direction == Direction::Outbound;
        let outreach = outbound
            && match kind {
                Email => completed,
                Call => completed || status == InteractionStatus::NoShow,
                _ => false,
            };
        // An answer at or after `at` does not exist yet, and neither does who gave it.
        let responded_at = interaction.responded_at.filter(|r| *r < windows.at);
        let responded_by = if interaction.responded_at.is_some() == responded_at.is_some() { interaction.responded_by } else { None };
        let reached = kind == Call && held;
        let answered = outreach && (responded_at.is_some() || reached);
        let response_time = answered.then(|| responded_at.map_or(TimeDelta::zero(), |r| r - interaction.occurred_at));
        let grace = TimeDelta::microseconds((policy.quality.response_grace_hours * MICROSECONDS_OF_AN_HOUR) as i64);
        let mature = outreach && interaction.occurred_at <= windows.at - grace;
        let by_being_there = held && (!outbound || !matches!(kind, Email | Call | ForumPost));
        let two_way_at = (answered || by_being_there)
            .then(|| if answered { responded_at.unwrap_or(interaction.occurred_at) } else { interaction.occurred_at });
        let who = match two_way_at {
            None => Who::Nobody,
            Some(_) if answered => match responded_by {
                Some(contact) => Who::One(contact),
                None if reached => Who::Present,
                None => only_participant(interaction),
            },
            Some(_) if !outbound && matches!(kind, Email | Call) => {
                interaction.from_contact.map_or_else(|| only_participant(interaction), Who::One)
            }
            Some(_) => Who::Present,
        };
        let called_off = kind.is_meeting()
            && status == InteractionStatus::Canceled
            && interaction.canceled_by != Some(Party::Vendor)
            && !interaction.rescheduled;
        Some(Self { held, outreach, answered, mature, responded_at, response_time, two_way_at, who, called_off })
    }

    /// Mature and not answered.
    pub const fn unanswered(&self) -> bool {
        self.mature && !self.answered
    }

    /// Calls `visit` for each contact in direct contact, once each.
    pub fn for_each_contact(&self, interaction: &Interaction, mut visit: impl FnMut(ContactIndex)) {
        match self.who {
            Who::Nobody => {}
            Who::One(contact) => visit(contact),
            Who::Present => interaction.participants.iter().filter(|p| is_present(interaction.kind, **p)).for_each(|p| visit(p.contact)),
        }
    }
}

/// Microseconds of an hour: the unit in which times are compared.
pub(super) const MICROSECONDS_OF_AN_HOUR: f64 = 3_600_000_000.0;

/// Whether a participant counts as there (an unknown one does; on written kinds everybody does).
pub(crate) fn is_present(kind: InteractionKind, participant: Participant) -> bool {
    kind.is_written() || participant.attendance != Attendance::Absent
}

/// One reply does not engage everyone on copy: the participant, if there is exactly one, whatever the attendance.
fn only_participant(interaction: &Interaction) -> Who {
    match interaction.participants.as_slice() {
        [only] => Who::One(only.contact),
        _ => Who::Nobody,
    }
}
