//! Everything that the parts of the report are written from.

use super::context::SponsorContext;
use super::people::People;
use crate::measure::ContactTouch;
use crate::policy::Policy;
use crate::row::AccountRows;
use crate::row::windows::Windows;
use crate::sponsor::{Executive, Finding, Sponsors};
use crate::vocabulary::id::ContactId;

/// Everything that the parts of the report are written from.
pub(super) struct Sources<'a> {
    pub(super) rows: &'a AccountRows,
    pub(super) policy: &'a Policy,
    pub(super) windows: &'a Windows,
    pub(super) context: &'a SponsorContext,
    pub(super) sponsors: &'a Sponsors,
    pub(super) touches: &'a [ContactTouch],
    pub(super) people: People<'a>,
    pub(super) findings: Vec<Finding<'a>>,
}

impl Sources<'_> {
    /// Whether a contact is known and has not left.
    pub(super) fn is_there(&self, contact: ContactId) -> bool {
        self.people
            .place(contact)
            .is_some_and(|place| !self.rows.is_departed(place, self.windows.ending_on))
    }

    /// Whether an executive was in contact recently enough for their factors to speak for us.
    pub(super) fn is_recent(&self, executive: &Executive) -> bool {
        let days = executive.last_contact_on.map(|day| self.windows.days_since(day));
        days.is_some_and(|days| {
            self.sponsors
                .cadence
                .within(days, self.policy.sponsors.engaged_intervals)
        })
    }
}
