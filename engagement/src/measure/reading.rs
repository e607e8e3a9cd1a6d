//! What one interaction means at one instant: nameless, message out, outreach, answered, held, two-way, and who was in
//! direct contact (docs/scoring.md § 2). Every rule about a single interaction stands here and nowhere else.

use chrono::{DateTime, TimeDelta, Utc};

use crate::policy::{Policy, ResponseClock};
use crate::row::windows::{MICROSECONDS_OF_AN_HOUR, Windows};
use crate::row::{ContactIndex, Interaction, Participant};
use crate::vocabulary::{Attendance, Direction, InteractionKind, InteractionStatus, Party, Purpose};

/// One interaction that is a fact, read at one instant.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// It names nobody of theirs: a fact that no measure sees.
    pub nameless: bool,
    /// It took place and the customer was there.
    pub held: bool,
    /// We reached out to somebody and may expect an answer: no newsletter, no support.
    pub outreach: bool,
    /// The message was answered.
    pub answered: bool,
    /// The outreach is old enough to be judged.
    pub mature: bool,
    /// When the answer came, where it is known to have come.
    pub responded_at: Option<DateTime<Utc>>,
    /// How long the answer to an outreach took on the clock of the policy, in microseconds; the answer to a call that
    /// reached them took none.
    pub response_micros: Option<i64>,
    /// The same by the calendar: what sponsors are measured by.
    pub calendar_response: Option<TimeDelta>,
    /// The customer took part, and when.
    pub two_way_at: Option<DateTime<Utc>>,
    /// It is about operations: support, which is no engagement.
    pub operational: bool,
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
    /// Every participant who was not absent (on written kinds: every participant), and who it came from.
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
        // An answer at or after `at` does not exist yet, and neither does who gave it.
        let responded_at = interaction.responded_at.filter(|r| *r < windows.at);
        let responded_by = if interaction.responded_at.is_some() == responded_at.is_some() {
            interaction.responded_by
        } else {
            None
        };
        let participants = &interaction.participants;
        let nameless = participants.is_empty()
            && responded_by.is_none()
            && interaction.from_contact.is_none()
            && responded_at.is_none();
        let operational = interaction.purpose == Some(Purpose::Operational);
        let completed = status == InteractionStatus::Completed;
        let held = completed
            && !nameless
            && (participants.is_empty() || participants.iter().any(|p| is_present(kind, *p)));
        let outbound = interaction.direction == Direction::Outbound;
        let message_out = outbound
            && !nameless
            && match kind {
                Email => completed,
                Call => completed || status == InteractionStatus::NoShow,
                _ => false,
            };
        let reached = kind == Call && held;
        let answered = message_out && (responded_at.is_some() || reached);
        let outreach = message_out && !interaction.bulk && !operational;
        let calendar_response = (answered && outreach)
            .then(|| responded_at.map_or(TimeDelta::zero(), |r| r - interaction.occurred_at));
        let response_micros = (answered && outreach).then(|| {
            responded_at.map_or(0, |r| match policy.response_clock {
                ResponseClock::Weekdays => windows.weekday_micros(interaction.occurred_at, r),
                ResponseClock::Calendar => (r - interaction.occurred_at)
                    .num_microseconds()
                    .unwrap_or(i64::MAX),
            })
        });
        let grace = (policy.quality.response_grace_hours * MICROSECONDS_OF_AN_HOUR as f64) as i64;
        let mature = outreach
            && match policy.response_clock {
                ResponseClock::Weekdays => {
                    windows.weekday_micros_reach(interaction.occurred_at, windows.at, grace)
                }
                ResponseClock::Calendar => {
                    interaction.occurred_at <= windows.at - TimeDelta::microseconds(grace)
                }
            };
        let by_being_there = held && (!outbound || !matches!(kind, Email | Call | ForumPost));
        let two_way_at = (answered || by_being_there).then(|| {
            if answered {
                responded_at.unwrap_or(interaction.occurred_at)
            } else {
                interaction.occurred_at
            }
        });
        let who = match two_way_at {
            None => Who::Nobody,
            Some(_) if answered => match responded_by {
                Some(contact) => Who::One(contact),
                None if reached => Who::Present,
                None => only_participant(interaction),
            },
            Some(_) if !outbound && matches!(kind, Email | Call) => interaction
                .from_contact
                .map_or_else(|| only_participant(interaction), Who::One),
            Some(_) => Who::Present,
        };
        let called_off = kind.is_meeting()
            && !nameless
            && status == InteractionStatus::Canceled
            && interaction.canceled_by != Some(Party::Vendor)
            && !interaction.rescheduled;
        Some(Self {
            nameless,
            held,
            outreach,
            answered,
            mature,
            responded_at,
            response_micros,
            calendar_response,
            two_way_at,
            operational,
            who,
            called_off,
        })
    }

    /// Mature and not answered.
    pub const fn unanswered(&self) -> bool {
        self.mature && !self.answered
    }

    /// A meeting that the customer declined, missed or called off without a new date.
    pub fn declined_meeting(&self, interaction: &Interaction) -> bool {
        let missed = matches!(
            interaction.status,
            InteractionStatus::Declined | InteractionStatus::NoShow
        );
        self.called_off || (missed && interaction.kind.is_meeting() && !self.nameless)
    }

    /// Calls `visit` for each contact in direct contact, once each.
    pub fn for_each_contact(&self, interaction: &Interaction, mut visit: impl FnMut(ContactIndex)) {
        match self.who {
            Who::Nobody => {}
            Who::One(contact) => visit(contact),
            Who::Present => {
                let there = |p: &&Participant| is_present(interaction.kind, **p);
                interaction
                    .participants
                    .iter()
                    .filter(there)
                    .for_each(|p| visit(p.contact));
                let named = interaction.from_contact.filter(|from| {
                    !interaction
                        .participants
                        .iter()
                        .filter(there)
                        .any(|p| p.contact == *from)
                });
                named.into_iter().for_each(visit);
            }
        }
    }
}

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
