//! How far away a renewal is.
//!
//! Whoever asks counts the days here, so that a renewal of the past is none for all of them.

use chrono::NaiveDate;

/// Days from a day until a renewal that is not past.
pub(crate) fn days_to_renewal(renewal_on: Option<NaiveDate>, day: NaiveDate) -> Option<i64> {
    renewal_on
        .map(|renewal| (renewal - day).num_days())
        .filter(|days| *days >= 0)
}

/// Whether a renewal lies within so many days from a day on, both ends counted.
pub(crate) fn renews_within(renewal_on: Option<NaiveDate>, day: NaiveDate, days: i64) -> bool {
    days_to_renewal(renewal_on, day).is_some_and(|until| until <= days)
}
