//! One pass over the interactions of an account: what each executive did, and what the account did as a whole. Memory grows
//! with the executives, not with the interactions.

use chrono::{DateTime, NaiveDate, Utc};

use super::decline::Declines;
use super::factors::{AnswerCredit, Counts};
use super::year::DaysOfYear;
use crate::measure::{Reading, Who, is_present};
use crate::policy::Policy;
use crate::row::seat::{Seat, Seats};
use crate::row::windows::{Windows, start_of_day};
use crate::row::{AccountRows, ContactIndex, Interaction};
use crate::vocabulary::{InteractionKind, InteractionStatus, Period};

/// Days of a trailing year that count at most as known.
const MOST_KNOWN_DAYS: i64 = 365;

/// One executive while the interactions are read.
pub(super) struct Tracked {
    pub(super) contact: ContactIndex,
    pub(super) seat: Option<Seat>,
    /// What happened from here on counts for the factors.
    span_start: DateTime<Utc>,
    pub(super) counts: Counts,
    pub(super) last_contact_on: Option<NaiveDate>,
    pub(super) last_touch_on: Option<NaiveDate>,
    pub(super) contact_days: DaysOfYear,
    pub(super) engaged: bool,
}

/// What is known about the account so far.
pub(super) struct Fold<'a> {
    windows: &'a Windows,
    /// Start of the last three months.
    quarter_start: DateTime<Utc>,
    credit: AnswerCredit,
    pub(super) executives: Vec<Tracked>,
    /// For each contact their place among the executives.
    places: Vec<Option<u32>>,
    primary: Option<ContactIndex>,
    declined: Vec<DateTime<Utc>>,
    attended: Option<DateTime<Utc>>,
    first_fact: Option<DateTime<Utc>>,
    pub(super) contact_days: DaysOfYear,
    pub(super) qbrs_held: u32,
    pub(super) qbrs_with_executive: u32,
}

impl<'a> Fold<'a> {
    pub(super) fn new(rows: &AccountRows, seats: &Seats, policy: &Policy, windows: &'a Windows) -> Self {
        let mut executives = Vec::new();
        let mut places = vec![None; rows.contacts.len()];
        for (contact, place) in places.iter_mut().enumerate() {
            let contact = contact as ContactIndex;
            if !seats.is_executive(rows, contact) {
                continue;
            }
            let seat = seats.of(contact);
            let span_start = seat.filter(|seat| seat.since > windows.year_start_day);
            let span_start =
                span_start.map_or(windows.year_start, |seat| start_of_day(seat.since, windows.zone));
            let counts = Counts {
                sponsor_days: seat.map(|seat| windows.days_since(seat.since)),
                ..Counts::default()
            };
            *place = Some(executives.len() as u32);
            executives.push(Tracked {
                contact,
                seat,
                span_start,
                counts,
                last_contact_on: None,
                last_touch_on: None,
                contact_days: DaysOfYear::default(),
                engaged: false,
            });
        }
        let quarter = Windows::new(windows.ending_on, windows.at, windows.zone, Period::Quarterly);
        Self {
            windows,
            quarter_start: quarter.start,
            credit: AnswerCredit::new(policy),
            executives,
            places,
            primary: seats.primary,
            declined: Vec::new(),
            attended: None,
            first_fact: None,
            contact_days: DaysOfYear::default(),
            qbrs_held: 0,
            qbrs_with_executive: 0,
        }
    }

    /// Takes in one fact of the history.
    pub(super) fn take(&mut self, interaction: &Interaction, reading: &Reading) {
        let at = interaction.occurred_at;
        self.first_fact = Some(self.first_fact.map_or(at, |first| first.min(at)));
        if reading.nameless {
            return;
        }
        self.take_declines(interaction, reading);
        let qbr = interaction.kind == InteractionKind::Qbr;
        if qbr && is_due(interaction.status) {
            for executive in self
                .executives
                .iter_mut()
                .filter(|executive| executive.span_start <= at)
            {
                executive.counts.qbrs_due += 1;
            }
        }
        let with_executive = self.take_participants(interaction, reading);
        if qbr && reading.held && at >= self.windows.year_start {
            self.qbrs_held += 1;
            self.qbrs_with_executive += u32::from(with_executive);
        }
        self.take_contact(interaction, reading);
    }

    /// What the primary sponsor declined, and what they came to.
    fn take_declines(&mut self, interaction: &Interaction, reading: &Reading) {
        let Some(primary) = self.primary.filter(|_| interaction.kind.is_meeting()) else {
            return;
        };
        let Some(there) = interaction
            .participants
            .iter()
            .find(|participant| participant.contact == primary)
        else {
            return;
        };
        let at = interaction.occurred_at;
        if reading.held && is_present(interaction.kind, *there) {
            self.attended = self.attended.max(Some(at));
        } else if reading.declined_meeting(interaction) && at >= self.windows.year_start {
            self.declined.push(at);
        }
    }

    pub(super) fn declines(&self) -> Declines {
        let after = || {
            self.declined
                .iter()
                .filter(|at| self.attended.is_none_or(|attended| **at > attended))
        };
        let day = |at: DateTime<Utc>| self.windows.day_of(at);
        Declines {
            meetings: after().count() as u32,
            last_on: after().max().copied().map(day),
            attended_on: self.attended.map(day),
        }
    }

    /// The factors; and whether an executive attended.
    fn take_participants(&mut self, interaction: &Interaction, reading: &Reading) -> bool {
        let kind = interaction.kind;
        let mut with_executive = false;
        for participant in &interaction.participants {
            let Some(place) = self.places.get(participant.contact as usize).copied().flatten() else {
                continue;
            };
            let Some(executive) = self.executives.get_mut(place as usize) else {
                continue;
            };
            let attended = reading.held && is_present(kind, *participant);
            with_executive |= attended;
            if interaction.occurred_at < executive.span_start {
                continue;
            }
            let counts = &mut executive.counts;
            if attended {
                counts.meetings_attended += u32::from(kind.is_meeting());
                counts.qbrs_attended += u32::from(kind == InteractionKind::Qbr);
                counts.advocacy += u32::from(kind.is_advocacy());
            }
            if reading.mature {
                let theirs = match reading.who {
                    Who::One(contact) => contact == participant.contact,
                    Who::Present => is_present(kind, *participant),
                    Who::Nobody => false,
                };
                if reading.answered && !theirs {
                    // Somebody else answered: it says nothing about them.
                    continue;
                }
                counts.outreaches += 1;
                if let Some(time) = reading.calendar_response.and_then(|time| time.num_microseconds()) {
                    counts.answered += 1;
                    counts.credit += self.credit.of(time);
                    counts.answer_time += time;
                }
            }
        }
        with_executive
    }

    /// Direct and executive contact.
    fn take_contact(&mut self, interaction: &Interaction, reading: &Reading) {
        let Some(time) = reading.two_way_at else { return };
        let Self {
            windows,
            quarter_start,
            executives,
            places,
            contact_days,
            ..
        } = self;
        let in_quarter = *quarter_start <= time && time < windows.at;
        let mut day = None;
        let mut executive_contact = false;
        reading.for_each_contact(interaction, |contact| {
            let Some(place) = places.get(contact as usize).copied().flatten() else {
                return;
            };
            let Some(executive) = executives.get_mut(place as usize) else {
                return;
            };
            let day = *day.get_or_insert_with(|| windows.day_of(time));
            executive.engaged |= in_quarter && !reading.operational;
            executive.last_touch_on = executive.last_touch_on.max(Some(day));
            if interaction.kind.is_executive_contact() && !reading.operational {
                if time >= executive.span_start {
                    executive.contact_days.insert(time, windows);
                }
                executive.last_contact_on = executive.last_contact_on.max(Some(day));
                executive_contact = true;
            }
        });
        if executive_contact {
            contact_days.insert(time, windows);
        }
    }

    /// Days since the first fact, interaction or usage, both counted.
    pub(super) fn known_days(&self, rows: &AccountRows) -> Option<u32> {
        let used = rows
            .usage
            .iter()
            .map(|usage| usage.day)
            .chain(rows.first_usage_days.iter().copied());
        let first_use = used.filter(|day| self.windows.remembers_day(*day)).min();
        let first = self
            .first_fact
            .map(|at| self.windows.day_of(at))
            .into_iter()
            .chain(first_use)
            .min()?;
        u32::try_from((self.windows.days_since(first) + 1).min(MOST_KNOWN_DAYS)).ok()
    }
}

/// Whether a business review of that status was due.
const fn is_due(status: InteractionStatus) -> bool {
    matches!(
        status,
        InteractionStatus::Completed | InteractionStatus::NoShow | InteractionStatus::Declined
    )
}
