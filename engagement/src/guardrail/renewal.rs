//! How far away a renewal is. Every guardrail that asks counts the days here, so that a renewal of the past is none for all of them.

use chrono::NaiveDate;

/// Days until a renewal that is not past.
pub(super) fn days_to_renewal(renewal_on: Option<NaiveDate>, day: NaiveDate) -> Option<i64> {
    renewal_on
        .map(|renewal| (renewal - day).num_days())
        .filter(|days| *days >= 0)
}
