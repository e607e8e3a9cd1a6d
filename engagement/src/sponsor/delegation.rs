//! Whether a silent executive has handed us to their department: more days of contact with the others of it, in this
//! window than in the one before. Looked at only for the few executives whose level it may decide.

use chrono::NaiveDate;

use crate::measure::Reading;
use crate::policy::Policy;
use crate::row::windows::Windows;
use crate::row::{AccountRows, ContactIndex};

/// Distinct days of direct contact with the other contacts of an executive's department.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delegation {
    /// In the window of the standard period.
    pub days: u32,
    /// In the window before it, at its own end.
    pub previous_days: u32,
}

impl Delegation {
    pub(super) fn grows(self, policy: &Policy) -> bool {
        self.days > self.previous_days && self.days >= policy.sponsors.delegated_days
    }
}

/// The delegation of each of the executives; one pass over the interactions per window. Nobody delegates without a
/// department.
pub(super) fn fold(
    rows: &AccountRows,
    executives: &[ContactIndex],
    policy: &Policy,
    windows: &Windows,
) -> Vec<Delegation> {
    let departments: Vec<Option<String>> = rows
        .contacts
        .iter()
        .map(|contact| normal(contact.department.as_deref()))
        .collect();
    let department = |contact: ContactIndex| departments.get(contact as usize).and_then(Option::as_deref);
    let days = |windows: &Windows| {
        // A window has at most 92 days: one bit each.
        let mut days = vec![0_u128; executives.len()];
        for interaction in rows
            .interactions
            .iter()
            .filter(|interaction| windows.remembers(interaction.occurred_at))
        {
            let Some(reading) = Reading::of(interaction, policy, windows) else {
                continue;
            };
            if reading.operational {
                continue;
            }
            let Some(time) = reading.two_way_at.filter(|time| windows.contains(*time)) else {
                continue;
            };
            let mut bit = None;
            reading.for_each_contact(interaction, |contact| {
                for (executive, days) in executives.iter().zip(&mut days) {
                    if contact != *executive
                        && department(contact).is_some()
                        && department(contact) == department(*executive)
                    {
                        *days |= *bit.get_or_insert_with(|| bit_of(windows.day_of(time), windows));
                    }
                }
            });
        }
        days
    };
    let (now, before) = (days(windows), days(&windows.previous()));
    now.iter()
        .zip(&before)
        .map(|(now, before)| Delegation {
            days: now.count_ones(),
            previous_days: before.count_ones(),
        })
        .collect()
}

fn bit_of(day: NaiveDate, windows: &Windows) -> u128 {
    1 << (day - windows.start_day).num_days().clamp(0, 127)
}

/// A department as it is compared: trimmed, without regard to case; an empty one is none.
fn normal(department: Option<&str>) -> Option<String> {
    department
        .map(str::trim)
        .filter(|department| !department.is_empty())
        .map(str::to_lowercase)
}
