//! The words of the domain as a mail says them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// `STRATEGIC_CHECK_IN` as "strategic check-in"; abbreviations stay.
pub(super) fn words(text: &str) -> String {
    match text {
        "QBR" => "QBR".to_owned(),
        "STRATEGIC_CHECK_IN" => "strategic check-in".to_owned(),
        other => other.to_lowercase().replace('_', " "),
    }
}

/// An instant as people write it in a zone: `Wed 17 June 2026, 14:00 CEST`.
pub(super) fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%a %-d %B %Y, %H:%M %Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_moments() {
        assert_eq!(words("EXECUTIVE_DINNER"), "executive dinner");
        let at = "2026-06-17T12:00:00Z".parse().unwrap();
        assert_eq!(moment(at, chrono_tz::Europe::Berlin), "Wed 17 June 2026, 14:00 CEST");
        assert_eq!(moment(at, Tz::UTC), "Wed 17 June 2026, 12:00 UTC");
    }
}
