//! Whom to approach first where nobody holds the seat of the primary sponsor (docs/scoring.md § 7). Report, succession
//! picture and departure mail all ask here, so that they name the same person. Nobody who has left is named.

use std::cmp::Reverse;

use chrono::NaiveDate;

use super::account::Sponsors;
use super::executive::Executive;
use crate::measure::ContactTouch;
use crate::row::{AccountRows, ContactIndex};
use crate::vocabulary::{EngagementLevel, Seniority};

/// Whom to approach first, and why them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstToApproach {
    /// Their place among the contacts of the rows.
    pub contact: ContactIndex,
    /// The first reason that held.
    pub because: Because,
}

/// Why somebody is the first to approach, in the order in which it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The backup sponsor is in regular contact.
    EngagedBackup,
    /// Of the executives whom we know they stand closest to us.
    ClosestExecutive,
    /// No executive has ever been in contact; of the directors and managers they are in touch most.
    SeniorInTouch,
    /// An executive whom nobody has met.
    Unmet,
    /// Nobody of rank is known; of all contacts they are in touch most.
    InTouch,
}

/// The order in which executives are approached: engaged backups, then by level, score and latest contact.
pub type Order = (bool, EngagementLevel, Reverse<i32>, Reverse<Option<NaiveDate>>);

/// The place of an executive in that order, from what a picture keeps of them too.
pub const fn order(
    backup: bool,
    level: EngagementLevel,
    score: i32,
    last_contact_on: Option<NaiveDate>,
) -> Order {
    (
        !(backup && level.is_engaged()),
        level,
        Reverse(score),
        Reverse(last_contact_on),
    )
}

impl Sponsors {
    /// Whoever could follow the primary sponsor, whom to approach first at the front; of equals, sponsors first, then by
    /// external id.
    pub fn in_order_of_approach(&self) -> Vec<&Executive> {
        let others = self
            .executives
            .iter()
            .enumerate()
            .filter(|(place, _)| Some(*place) != self.primary);
        let mut others: Vec<&Executive> = others.map(|(_, executive)| executive).collect();
        others.sort_by_key(|executive| {
            order(
                executive.backup,
                executive.level,
                executive.score,
                executive.last_contact_on,
            )
        });
        others
    }

    /// Whom to approach first; nobody while there is a primary sponsor, or where no contact is known. `touches` are those of
    /// the contacts of `rows`.
    pub fn first_to_approach(&self, rows: &AccountRows, touches: &[ContactTouch]) -> Option<FirstToApproach> {
        if self.primary.is_some() {
            return None;
        }
        let executives = self.in_order_of_approach();
        let first = executives.first();
        if let Some(met) = first.filter(|executive| executive.level != EngagementLevel::Unknown) {
            let because = if met.backup && met.level.is_engaged() {
                Because::EngagedBackup
            } else {
                Because::ClosestExecutive
            };
            return Some(FirstToApproach {
                contact: met.contact,
                because,
            });
        }
        let named = |contact, because| FirstToApproach { contact, because };
        in_touch(rows, touches, true)
            .map(|contact| named(contact, Because::SeniorInTouch))
            .or_else(|| first.map(|executive| named(executive.contact, Because::Unmet)))
            .or_else(|| in_touch(rows, touches, false).map(|contact| named(contact, Because::InTouch)))
    }
}

/// The contact who is in touch most, of the directors and managers or of all.
fn in_touch(rows: &AccountRows, touches: &[ContactTouch], senior: bool) -> Option<ContactIndex> {
    let is_senior =
        |seniority: Option<Seniority>| matches!(seniority, Some(Seniority::Director | Seniority::Manager));
    let candidates = (0..)
        .zip(rows.contacts.iter().zip(touches))
        .filter(|(_, (contact, touch))| {
            !touch.departed && touch.last_touch_on.is_some() && (!senior || is_senior(contact.seniority))
        });
    let first = candidates.min_by_key(|(_, (contact, touch))| {
        (
            Reverse(touch.touches),
            Reverse(touch.last_touch_on),
            contact.seniority.is_none(),
            contact.seniority,
            contact.external_id.as_str(),
        )
    });
    first.map(|(place, _)| place)
}
