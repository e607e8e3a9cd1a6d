//! What a standing is decided by: the rows, the score, the signals and the sponsors of one account.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use crate::measure::{ContactTouch, Measures};
use crate::policy::Policy;
use crate::row::windows::Windows;
use crate::row::{AccountRows, Catalogue, ConfirmedChange, ContactIndex};
use crate::score::Assessment;
use crate::score::season::Season;
use crate::signal::{RaisedSignal, is_grave};
use crate::sponsor::Sponsors;
use crate::vocabulary::Signal;

/// Everything that a standing follows from, of the standard period.
pub(crate) struct Grounds<'a> {
    pub(crate) rows: &'a AccountRows,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) policy: &'a Policy,
    pub(crate) windows: &'a Windows,
    pub(crate) current: &'a Measures,
    pub(crate) previous: &'a Measures,
    pub(crate) assessment: &'a Assessment,
    pub(crate) previous_assessment: &'a Assessment,
    pub(crate) change: Option<i32>,
    pub(crate) signals: &'a [RaisedSignal],
    pub(crate) sponsors: &'a Sponsors,
    pub(crate) touches: &'a [ContactTouch],
    pub(crate) season: Season,
}

/// Whether a score is known well enough to draw conclusions from: it has a pattern, is not provisional, and whoever records
/// the account's contacts still does.
pub fn is_known(assessment: &Assessment, rows: &AccountRows) -> bool {
    assessment.pattern.is_some() && assessment.provisional.is_none() && !rows.contact_feed_silent
}

pub(super) fn span(days: u32) -> RangeInclusive<i64> {
    0..=i64::from(days)
}

impl Grounds<'_> {
    pub(super) fn known(&self) -> bool {
        is_known(self.assessment, self.rows)
    }

    /// Usage days per 30 days: now, and in the previous window.
    pub(super) fn usage(&self) -> (f64, f64) {
        (self.current.usage_rate(), self.previous.usage_rate())
    }

    /// Whether a day lies in so many days up to the last one that counts.
    pub(super) fn within(&self, day: NaiveDate, days: u32) -> bool {
        span(days).contains(&self.windows.days_since(day))
    }

    pub(super) fn upheavals(&self) -> impl Iterator<Item = &ConfirmedChange> {
        let days = self.policy.standing.organisation_days;
        self.rows
            .changes
            .iter()
            .filter(move |change| change.kind.is_upheaval() && self.within(change.observed_on, days))
    }

    /// HIGH and CRITICAL signals; that of the missing sponsor only where there is or was one.
    pub(super) fn graves(&self) -> impl Iterator<Item = &RaisedSignal> {
        let ever = self.current.sponsorship.ever;
        self.signals.iter().filter(move |raised| {
            is_grave(raised.severity) && (ever || raised.signal != Signal::SponsorMissing)
        })
    }

    pub(super) fn id(&self, contact: ContactIndex) -> Option<crate::vocabulary::id::ContactId> {
        self.rows.contacts.get(contact as usize).map(|contact| contact.id)
    }
}
