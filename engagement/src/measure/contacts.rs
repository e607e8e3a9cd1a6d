//! The fold over people: who is in direct contact, from which departments, which executives, which sponsor, and on how
//! many of them the relationship rests.

use chrono::{DateTime, NaiveDate, Utc};

use super::evidence::EvidenceRows;
use super::measures::{Measures, Sponsorship};
use super::reading::Reading;
use crate::row::seat::Seats;
use crate::row::windows::{DaySpan, Windows};
use crate::row::{AccountRows, Interaction};
use crate::vocabulary::id::InteractionId;
use crate::vocabulary::{Component, Signal};

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
    /// Day of the last executive contact in history.
    pub last_executive_contact_on: Option<NaiveDate>,
    /// Distinct days of the activity span with direct contact that was neither support nor training nor community.
    pub days: u32,
    /// In direct contact by training or community in the activity span.
    pub taught: bool,
}

impl ContactTouch {
    /// Not departed, and in direct contact in the activity span by something other than support.
    pub const fn engaged(&self) -> bool {
        !self.departed && (self.days > 0 || self.taught)
    }

    /// Engaged by more than training and community.
    pub const fn in_conversation(&self) -> bool {
        !self.departed && self.days > 0
    }
}

/// What is known about the people so far.
pub(super) struct Contacts<'a> {
    windows: &'a Windows,
    span: DaySpan,
    touches: Vec<ContactTouch>,
    /// Contact and day (of the span) of every direct contact that counts in full.
    days: Vec<(u32, u32)>,
    sponsorship: Sponsorship,
    primary_since: Option<NaiveDate>,
    primary_last_contact: Option<(DateTime<Utc>, InteractionId)>,
}

impl<'a> Contacts<'a> {
    pub(super) fn new(rows: &AccountRows, windows: &'a Windows, span: DaySpan) -> Self {
        let seats = Seats::on(rows, windows.ending_on);
        let touches = (0..rows.contacts.len() as u32)
            .map(|place| ContactTouch {
                departed: rows.is_departed(place, windows.ending_on),
                executive: seats.is_executive(rows, place),
                sponsor: seats.of(place).is_some(),
                ..ContactTouch::default()
            })
            .collect();
        let primary_since = seats
            .primary
            .and_then(|contact| seats.of(contact))
            .map(|seat| seat.since);
        let booked = rows
            .booked
            .iter()
            .filter(|booked| Some(booked.contact) == seats.primary)
            .map(|booked| booked.on);
        let sponsorship = Sponsorship {
            any: seats.any(),
            ever: rows
                .sponsorships
                .iter()
                .any(|held| held.since <= windows.ending_on),
            primary: seats.primary,
            primary_silent_days: None,
            primary_booked_on: booked
                .filter(|on| (0..=BOOKED_DAYS).contains(&(*on - windows.ending_on).num_days()))
                .min(),
        };
        Self {
            windows,
            span,
            touches,
            days: Vec::new(),
            sponsorship,
            primary_since,
            primary_last_contact: None,
        }
    }

    /// Takes in one fact of the history.
    pub(super) fn fold(&mut self, interaction: &Interaction, reading: &Reading, evidence: &mut EvidenceRows) {
        let Some(time) = reading.two_way_at else { return };
        let in_window = self.windows.contains(time);
        let engages = !reading.operational && self.span.start <= time && time < self.windows.at;
        let executive_contact = !reading.operational && interaction.kind.is_executive_contact();
        let teaches = interaction.kind.is_training_or_community();
        let mut engaged = [false; 2];
        let mut day = None;
        reading.for_each_contact(interaction, |contact| {
            let Some(touch) = self.touches.get_mut(contact as usize) else {
                return;
            };
            let day = *day.get_or_insert_with(|| self.windows.day_of(time));
            touch.last_touch_on = touch.last_touch_on.max(Some(day));
            touch.touches += u32::from(in_window);
            if executive_contact {
                touch.last_executive_contact_on = touch.last_executive_contact_on.max(Some(day));
                if self.sponsorship.primary == Some(contact) {
                    self.primary_last_contact = self.primary_last_contact.max(Some((time, interaction.id)));
                }
            }
            if engages {
                if teaches {
                    touch.taught = true;
                } else {
                    self.days
                        .push((contact, (day - self.span.start_day).num_days() as u32));
                    engaged[1] |= touch.executive;
                }
                engaged[0] |= !touch.departed;
            }
        });
        if engaged[0] {
            evidence.note(Component::Stakeholders, interaction);
            if !teaches {
                evidence.note(Component::Departments, interaction);
            }
        }
        if engaged[1] {
            evidence.note(Component::Executives, interaction);
        }
    }

    /// Whether a contact is gone at `ending_on`. Somebody unknown is.
    pub(super) fn is_departed(&self, contact: u32) -> bool {
        self.touches
            .get(contact as usize)
            .is_none_or(|touch| touch.departed)
    }

    /// Writes the numbers down.
    pub(super) fn finish(&mut self, rows: &AccountRows, m: &mut Measures, evidence: &mut EvidenceRows) {
        self.days.sort_unstable();
        self.days.dedup();
        for (contact, _) in &self.days {
            if let Some(touch) = self.touches.get_mut(*contact as usize) {
                touch.days += 1;
            }
        }
        let mut departments: Vec<String> = Vec::new();
        let (mut sum, mut squares) = (0.0, 0.0);
        for (contact, touch) in rows.contacts.iter().zip(&self.touches) {
            m.executives += u32::from(touch.executive);
            let this_year = touch
                .last_executive_contact_on
                .is_some_and(|day| day >= self.windows.year_start_day);
            m.executives_in_contact += u32::from(touch.executive && this_year);
            if !touch.engaged() {
                continue;
            }
            if !touch.in_conversation() {
                m.taught_contacts += 1;
                continue;
            }
            let days = f64::from(touch.days);
            (sum, squares) = (sum + days, squares + days * days);
            m.engaged_contacts += 1;
            m.engaged_executives += u32::from(touch.executive);
            if let Some(department) = contact
                .department
                .as_deref()
                .map(str::trim)
                .filter(|d| !d.is_empty())
            {
                let department = department.to_lowercase();
                if !departments.contains(&department) {
                    departments.push(department);
                }
            }
        }
        m.engaged_departments = departments.len() as u32;
        m.effective_people = (squares > 0.0).then(|| sum * sum / squares);
        m.sponsorship = self.sponsorship;
        m.sponsorship.primary_silent_days = self.sponsorship.primary.and_then(|contact| {
            let last = self
                .touches
                .get(contact as usize)
                .and_then(|touch| touch.last_executive_contact_on);
            last.max(self.primary_since)
                .map(|counted_from| self.windows.days_since(counted_from))
        });
        evidence.note_signal(Signal::SponsorMissing, self.primary_last_contact);
    }

    pub(super) fn into_touches(self) -> Vec<ContactTouch> {
        self.touches
    }
}

/// Days ahead in which a booked touch is worth a word (docs/scoring.md § 5).
pub const BOOKED_DAYS: i64 = 14;
