//! By when: five working days for what cannot wait, a quarter for the rest, and always before the renewal.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::vocabulary::Horizon;

/// Working days that an immediate action has.
const IMMEDIATE_WORKING_DAYS: u32 = 5;
/// Days that a short-term action has.
const SHORT_TERM_DAYS: u64 = 90;

/// The day by which something is to be done: none for what is strategic. `renewal` is a renewal that lies ahead.
pub(super) fn due_on(horizon: Horizon, from: NaiveDate, renewal: Option<NaiveDate>) -> Option<NaiveDate> {
    match horizon {
        Horizon::Immediate => Some(working_days_after(from)),
        Horizon::ShortTerm => {
            let quarter = from.checked_add_days(Days::new(SHORT_TERM_DAYS)).unwrap_or(from);
            // On the very day of the renewal nothing lies before it but that day.
            let before = renewal
                .and_then(|renewal| renewal.pred_opt())
                .map(|day| day.max(from));
            Some(before.map_or(quarter, |before| quarter.min(before)))
        }
        Horizon::Strategic => None,
    }
}

/// The fifth working day after a day; working days are Monday to Friday.
pub(super) fn working_days_after(from: NaiveDate) -> NaiveDate {
    let later = from.iter_days().skip(1);
    let mut working = later.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    working.nth(IMMEDIATE_WORKING_DAYS as usize - 1).unwrap_or(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn five_working_days_leave_the_weekend_out() {
        // A Wednesday, a Friday, a Saturday, a Sunday.
        let due = ["2026-09-30", "2026-10-02", "2026-10-03", "2026-10-04"]
            .map(|from| working_days_after(day(from)).to_string());
        assert_eq!(due, ["2026-10-07", "2026-10-09", "2026-10-09", "2026-10-09"]);
        assert_eq!(working_days_after(NaiveDate::MAX), NaiveDate::MAX);
    }

    #[test]
    fn a_quarter_ends_before_the_renewal() {
        let due = |renewal: Option<&str>| {
            due_on(Horizon::ShortTerm, day("2026-09-30"), renewal.map(day))
                .unwrap()
                .to_string()
        };
        assert_eq!(due(None), "2026-12-29");
        assert_eq!(due(Some("2026-12-30")), "2026-12-29");
        assert_eq!(due(Some("2026-12-29")), "2026-12-28");
        assert_eq!(due(Some("2026-09-30")), "2026-09-30");
        assert_eq!(due_on(Horizon::Strategic, day("2026-09-30"), None), None);
    }
}
