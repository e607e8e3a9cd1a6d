//! How a digest says days and stakes.

use chrono::NaiveDate;

use super::account::AccountFacts;
use crate::markdown::{count, money};

/// A day as a week's plan names it: `Mon 22 June`.
pub(super) fn day(day: NaiveDate) -> String {
    day.format("%a %-d %B").to_string()
}

/// How far away a day is.
pub(super) fn ahead(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days if days < 0 => format!("{} ago", count(u32::try_from(-days).unwrap_or(u32::MAX), "day")),
        days => format!("in {days} days"),
    }
}

/// Revenue and renewal of an account: what is at stake; absent where neither is known.
pub(super) fn stakes(account: &AccountFacts, today: NaiveDate) -> Option<String> {
    let arr = account
        .label
        .arr
        .clone()
        .map(|arr| format!("{} a year", money(&[arr])));
    let renewal = account
        .days_to_renewal(today)
        .map(|days| format!("renews {}", ahead(days)));
    let stakes: Vec<String> = arr.into_iter().chain(renewal).collect();
    (!stakes.is_empty()).then(|| stakes.join(", "))
}
