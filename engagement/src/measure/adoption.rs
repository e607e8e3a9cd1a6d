//! The fold over usage: features, active and power users, days of use, sessions.
//!
//! A window has at most 92 days, so the days of one contact fit one 128-bit word, and counting them is one instruction.

use chrono::{NaiveDate, TimeDelta};

use super::contacts::Contacts;
use super::conversation::RECENT_DAYS;
use super::evidence::EvidenceRows;
use super::measures::{DAYS_OF_A_RATE, Measures, days_lived};
use crate::policy::Policy;
use crate::row::windows::Windows;
use crate::row::{AccountRows, Catalogue, Span};
use crate::vocabulary::Component;
use crate::vocabulary::tolerance::TOLERANCE;

const WORD: usize = 64;

/// What usage says, in numbers.
pub(super) struct Adoption<'a> {
    windows: &'a Windows,
    first_day: Option<NaiveDate>,
    rows: u32,
    names_contacts: bool,
    features_used: u32,
    active_users: u32,
    power_users: u32,
    usage_days: u32,
    recent_usage_days: u32,
    logins: u64,
}

impl<'a> Adoption<'a> {
    /// Takes in all usage of the account.
    pub(super) fn fold(
        rows: &AccountRows,
        (catalogue, span): (&Catalogue, Span),
        policy: &Policy,
        windows: &'a Windows,
        contacts: &Contacts<'_>,
        first_interaction_on: Option<NaiveDate>,
    ) -> Self {
        let mut adoption = Self {
            windows,
            first_day: None,
            rows: 0,
            names_contacts: false,
            features_used: 0,
            active_users: 0,
            power_users: 0,
            usage_days: 0,
            recent_usage_days: 0,
            logins: 0,
        };
        let usage_days = rows.usage.iter().map(|u| u.day);
        adoption.first_day = rows
            .first_usage_days
            .iter()
            .copied()
            .chain(usage_days)
            .filter(|day| windows.remembers_day(*day))
            .min();
        if adoption.first_day.is_none() {
            return adoption;
        }

        let places = catalogue.places();
        let words = places.div_ceil(WORD).max(1);
        let mut days_of_contact = vec![0_u128; rows.contacts.len()];
        let mut features_of_contact = vec![0_u64; rows.contacts.len() * words];
        let mut days_of_feature = vec![0_u128; places];
        let mut used = vec![false; places];
        // A short month is shorter than the last 30 days: those may begin before the window.
        let recent_day = windows.ending_on - TimeDelta::days(RECENT_DAYS - 1);
        let first_bit = windows.start_day.min(recent_day);
        let bits_from = |day: NaiveDate| u128::MAX << (day - first_bit).num_days().clamp(0, 127);
        let last_day = windows.last_day();
        let (window, recent) = (bits_from(windows.start_day), bits_from(recent_day));
        for usage in &rows.usage {
            let feature = usage.feature as usize;
            let contact = usage
                .contact
                .map(|contact| contact as usize)
                .filter(|contact| *contact < days_of_contact.len());
            if (first_bit..=last_day).contains(&usage.day) {
                let days = contact.map_or_else(
                    || days_of_feature.get_mut(feature),
                    |contact| days_of_contact.get_mut(contact),
                );
                if let Some(days) = days {
                    *days |= 1_u128 << (usage.day - first_bit).num_days().clamp(0, 127);
                }
            }
            if !windows.contains_day(usage.day) {
                continue;
            }
            adoption.rows += 1;
            if let Some(flag) = used.get_mut(feature) {
                *flag = true;
            }
            if catalogue.is_login(usage.feature) {
                adoption.logins = adoption.logins.saturating_add(usage.count);
            }
            if let Some(contact) = contact {
                adoption.names_contacts = true;
                if !catalogue.is_login(usage.feature) && feature < places {
                    features_of_contact[contact * words + feature / WORD] |= 1 << (feature % WORD);
                }
            }
        }

        let first_fact = adoption.first_day.into_iter().chain(first_interaction_on).min();
        let days_lived = days_lived(windows.days(), first_fact.map(|day| windows.days_since(day)));
        let features_wanted = (policy.product.power_user_features as usize).min(catalogue.size(span)) as u32;
        for (contact, days) in days_of_contact.iter().enumerate() {
            adoption.recent_usage_days += (days & recent).count_ones();
            let days = days & window;
            adoption.usage_days += days.count_ones();
            if days == 0 || contacts.is_departed(contact as u32) {
                continue;
            }
            adoption.active_users += 1;
            let features: u32 = features_of_contact[contact * words..(contact + 1) * words]
                .iter()
                .map(|w| w.count_ones())
                .sum();
            let days_per_30 =
                f64::from(days.count_ones()) * f64::from(DAYS_OF_A_RATE) / f64::from(days_lived);
            adoption.power_users += u32::from(
                days_per_30 + TOLERANCE >= policy.product.power_user_days && features >= features_wanted,
            );
        }
        adoption.usage_days += days_of_feature
            .iter()
            .map(|days| (days & window).count_ones())
            .sum::<u32>();
        adoption.recent_usage_days += days_of_feature
            .iter()
            .map(|days| (days & recent).count_ones())
            .sum::<u32>();
        adoption.features_used = (0..places)
            .filter(|f| used[*f] && catalogue.is_listed(*f as u32, span))
            .count() as u32;
        adoption
    }

    /// Writes the numbers down.
    pub(super) fn finish(self, m: &mut Measures, evidence: &mut EvidenceRows) {
        if let Some(day) = self.first_day {
            m.has_usage = true;
            m.note_fact(day, self.windows);
        }
        m.usage_rows = self.rows;
        m.usage_names_contacts = self.names_contacts;
        m.features_used = self.features_used;
        m.active_users = self.active_users;
        m.power_users = self.power_users;
        m.usage_days = self.usage_days;
        m.recent_usage_days = self.recent_usage_days;
        m.logins = self.logins;
        evidence.note_usage(Component::FeatureAdoption, self.rows);
        evidence.note_usage(Component::PowerUsers, self.rows);
    }
}
