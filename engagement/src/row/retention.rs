//! Which days of the stored scores are kept: every day of the last months, then Sundays, then the last day of each month.
//!
//! Whether a day is kept is decided by the day and by today alone, whatever else is stored, so it does not matter how often or
//! when somebody prunes. A day that is not kept today is not kept on any later day either: thinning never wants back what it
//! threw away. The last day of a month is kept from the beginning, or there would be none left when only those are.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};

use crate::policy::RetentionPolicy;

/// Whether the stored scores of a day are kept. Days of the future are.
pub fn is_kept(day: NaiveDate, today: NaiveDate, policy: &RetentionPolicy) -> bool {
    let age = today - day;
    age <= days(policy.daily_days)
        || is_month_end(day)
        || day.weekday() == Weekday::Sun && age <= days(policy.sunday_days)
}

/// The first day of those that are all kept: whether an earlier one is kept is to be asked.
pub fn kept_whole_from(today: NaiveDate, policy: &RetentionPolicy) -> NaiveDate {
    today
        .checked_sub_signed(days(policy.daily_days))
        .unwrap_or(NaiveDate::MIN)
}

fn days(days: u32) -> TimeDelta {
    TimeDelta::days(i64::from(days))
}

/// The last day of its month by the calendar, whether or not there is a score for it.
fn is_month_end(day: NaiveDate) -> bool {
    day.succ_opt().is_none_or(|next| next.month() != day.month())
}
