//! The map of stakeholders: who of theirs is in touch, and since when not.

use chrono::NaiveDate;
use serde::Serialize;

use crate::measure::ContactTouch;
use crate::row::AccountRows;
use crate::vocabulary::id::ContactId;

/// One contact on the map of stakeholders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stakeholder {
    pub contact: ContactId,
    /// An executive, or a sponsor.
    pub executive: bool,
    /// In direct contact in the window.
    pub engaged: bool,
    /// Left.
    pub departed: bool,
    /// Direct contacts in the window.
    pub touches: u32,
    /// Day of the last direct contact in the last 24 months.
    pub last_touch_on: Option<NaiveDate>,
}

pub(super) fn map_stakeholders(rows: &AccountRows, touches: &[ContactTouch]) -> Vec<Stakeholder> {
    let mut order: Vec<usize> = (0..rows.contacts.len().min(touches.len())).collect();
    let key = |i: usize| {
        (
            touches[i].departed,
            std::cmp::Reverse((touches[i].touches, touches[i].last_touch_on, touches[i].executive)),
        )
    };
    order.sort_by(|a, b| {
        key(*a)
            .cmp(&key(*b))
            .then_with(|| rows.contacts[*a].external_id.cmp(&rows.contacts[*b].external_id))
    });
    order
        .into_iter()
        .map(|i| Stakeholder {
            contact: rows.contacts[i].id,
            executive: touches[i].executive,
            engaged: touches[i].engaged(),
            departed: touches[i].departed,
            touches: touches[i].touches,
            last_touch_on: touches[i].last_touch_on,
        })
        .collect()
}
