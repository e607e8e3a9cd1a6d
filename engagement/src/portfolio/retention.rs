//! The sponsors of a year ago, and how many of them still sponsor.

use crate::row::seat::Seats;
use crate::row::windows::Windows;
use crate::row::{AccountRows, ContactIndex};

/// Sponsors of a year ago, and how many of them still are. Counted over other accounts than the rest: those that were active
/// on the first day of the trailing year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Pairs of account and contact with an active sponsorship on the first day of the trailing year.
    pub pairs_before: u64,
    /// Those that have one at `ending_on`.
    pub pairs_kept: u64,
}

impl Retention {
    /// The pairs of one account.
    pub fn of(rows: &AccountRows, windows: &Windows) -> Self {
        if !rows.account.is_active_on(windows.year_start_day) {
            return Self::default();
        }
        let before = Seats::on(rows, windows.year_start_day);
        let now = Seats::on(rows, windows.ending_on);
        let sponsors =
            (0..rows.contacts.len() as ContactIndex).filter(|contact| before.of(*contact).is_some());
        sponsors.fold(Self::default(), |sum, contact| Self {
            pairs_before: sum.pairs_before + 1,
            pairs_kept: sum.pairs_kept + u64::from(now.of(contact).is_some()),
        })
    }
}
