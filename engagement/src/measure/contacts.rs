//! The fold over people: who is in direct contact, from which departments, which executives, which sponsor.

use chrono::{DateTime, NaiveDate, Utc};

use super::evidence::EvidenceRows;
use super::measures::{Measures, Sponsorship};
use super::reading::Reading;
use crate::id::InteractionId;
use crate::row::{AccountRows, Interaction};
use crate::sponsor::Seats;
use crate::vocabulary::{Component, Signal};
use crate::windows::Windows;

/// One contact's part in the relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContactTouch {
    /// Gone at `ending_on`.
    pub departed: bool,
    /// Has an active sponsorship at `ending_on`, or is C-level or vice president; and not departed.
    pub executive: bool,
    /// Has an active sponsorship at `ending_on`.
    pub sponsor: bool,
    /// Direct contacts in the window.
    pub touches: u32,
    /// Day of the last direct contact in history.
    pub last_touch_on: Option<NaiveDate>,
    /// Day of the last direct contact in history by a kind that counts for executives.
    pub last_executive_contact_on: Option<NaiveDate>,
}

impl ContactTouch {
    /// Not departed, and in direct contact in the window.
    pub const fn engaged(&self) -> bool {
        !self.departed && self.touches > 0
    }
}

/// What is known about the people so far.
pub(super) struct Contacts<'a> {
    windows: &'a Windows,
    touches: Vec<ContactTouch>,
    sponsorship: Sponsorship,
    primary_since: Option<NaiveDate>,
    primary_last_contact: Option<(DateTime<Utc>, InteractionId)>,
}

impl<'a> Contacts<'a> {
    pub(super) fn new(rows: &AccountRows, windows: &'a Windows) -> Self {
        let seats = Seats::on(rows, windows.ending_on);
        let touches = (0..)
            .zip(&rows.contacts)
            .map(|(place, contact)| ContactTouch {
                departed: contact.departure.is_departed_on(windows.ending_on),
                executive: seats.is_executive(rows, place),
                sponsor: seats.of(place).is_some(),
                ..ContactTouch::default()
            })
            .collect();
        let primary_since = seats.primary.and_then(|contact| seats.of(contact)).map(|seat| seat.since);
        let sponsorship = Sponsorship { any: seats.any(), primary: seats.primary, primary_silent_days: None };
        Self { windows, touches, sponsorship, primary_since, primary_last_contact: None }
    }

    /// Takes in one fact of the history.
    pub(super) fn fold(&mut self, interaction: &Interaction, reading: &Reading, evidence: &mut EvidenceRows) {
        let Some(time) = reading.two_way_at else { return };
        let in_window = self.windows.contains(time);
        let mut engaged = [false; 2];
        let mut day = None;
        reading.for_each_contact(interaction, |contact| {
            let Some(touch) = self.touches.get_mut(contact as usize) else { return };
            let day = *day.get_or_insert_with(|| self.windows.day_of(time));
            touch.last_touch_on = touch.last_touch_on.max(Some(day));
            if interaction.kind.is_executive_contact() {
                touch.last_executive_contact_on = touch.last_executive_contact_on.max(Some(day));
                if self.sponsorship.primary == Some(contact) {
                    self.primary_last_contact = self.primary_last_contact.max(Some((time, interaction.id)));
                }
            }
            if in_window {
                touch.touches += 1;
                engaged[0] |= !touch.departed;
                engaged[1] |= touch.executive;
            }
        });
        if engaged[0] {
            evidence.note(Component::Stakeholders, interaction);
            evidence.note(Component::Departments, interaction);
        }
        if engaged[1] {
            evidence.note(Component::Executives, interaction);
        }
    }

    /// Whether a contact is gone at `ending_on`. Somebody unknown is.
    pub(super) fn is_departed(&self, contact: u32) -> bool {
        self.touches.get(contact as usize).is_none_or(|touch| touch.departed)
    }

    /// Writes the numbers down.
    pub(super) fn finish(&self, rows: &AccountRows, m: &mut Measures, evidence: &mut EvidenceRows) {
        let mut departments: Vec<String> = Vec::new();
        for (contact, touch) in rows.contacts.iter().zip(&self.touches) {
            m.executives += u32::from(touch.executive);
            if !touch.engaged() {
                continue;
            }
            m.engaged_contacts += 1;
            m.engaged_executives += u32::from(touch.executive);
            if let Some(department) = contact.department.as_deref().map(str::trim).filter(|d| !d.is_empty()) {
                let department = department.to_lowercase();
                if !departments.contains(&department) {
                    departments.push(department);
                }
            }
        }
        m.engaged_departments = departments.len() as u32;
        m.sponsorship = self.sponsorship;
        m.sponsorship.primary_silent_days = self.sponsorship.primary.and_then(|contact| {
            let last = self.touches.get(contact as usize).and_then(|touch| touch.last_executive_contact_on);
            last.max(self.primary_since).map(|counted_from| self.windows.days_since(counted_from))
        });
        evidence.note_signal(Signal::SponsorMissing, self.primary_last_contact);
    }

    pub(super) fn into_touches(self) -> Vec<ContactTouch> {
        self.touches
    }
}
