//! The words of the domain as a mail says them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engagement::vocabulary::{InteractionKind, Purpose};

/// A kind of interaction or a purpose in words: `STRATEGIC_CHECK_IN` as "strategic check-in".
pub(super) fn words(code: &str) -> String {
    let kind = code.parse().map(InteractionKind::in_words);
    kind.or_else(|_| code.parse().map(Purpose::in_words))
        .map_or_else(|_| code.to_lowercase().replace('_', " "), str::to_owned)
}

/// An instant as people write it in a zone: `Wed 17 June 2026, 14:00 CEST`.
pub(super) fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone)
        .format("%a %-d %B %Y, %H:%M %Z")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_moments() {
        assert_eq!(
            [words("STRATEGIC_CHECK_IN"), words("QBR"), words("TACTICAL")],
            ["strategic check-in", "QBR", "tactical"]
        );
        let at = "2026-06-17T12:00:00Z".parse().unwrap();
        assert_eq!(
            moment(at, chrono_tz::Europe::Berlin),
            "Wed 17 June 2026, 14:00 CEST"
        );
        assert_eq!(moment(at, Tz::UTC), "Wed 17 June 2026, 12:00 UTC");
    }
}
