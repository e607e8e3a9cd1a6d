//! How often and for how long a message is tried again (docs/operations.md, Mail).

use chrono::{DateTime, TimeDelta, Utc};

use crate::vocabulary::MessageKind;

/// The wait after the first failed attempt; it doubles with each one that follows.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);
/// No wait between attempts is longer.
pub const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
/// Nothing is given up before it was tried this often: workers that were all away for days find a mail server that
/// hiccups, and the message is worth a second attempt.
const FEWEST_ATTEMPTS: u32 = 2;

/// How long to wait after the `attempts`th attempt has failed: 30 s · 2ⁿ up to an hour, of which `chance` (0 to 1, drawn
/// anew for each message) leaves between half and all, so that what failed together does not come back together.
pub fn wait_after(attempts: u32, chance: f64) -> TimeDelta {
    let doublings = attempts.saturating_sub(1).min(16);
    let whole = (FIRST_WAIT * (1 << doublings)).min(LONGEST_WAIT);
    let share = 0.5 + 0.5 * chance.clamp(0.0, 1.0);
    TimeDelta::milliseconds((whole.num_milliseconds() as f64 * share) as i64)
}

/// For how long a message is tried, from when it was due: an escalation for three days, others for one.
pub const fn patience(kind: MessageKind) -> TimeDelta {
    if kind.is_escalation() {
        TimeDelta::hours(72)
    } else {
        TimeDelta::hours(24)
    }
}

/// Whether a message is given up, now that an attempt has failed that another one could mend.
pub fn gives_up(attempts: u32, give_up_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now >= give_up_at && attempts >= FEWEST_ATTEMPTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_an_hour() {
        let seconds: Vec<i64> = (1..=10)
            .map(|attempt| wait_after(attempt, 1.0).num_seconds())
            .collect();
        assert_eq!(seconds, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
        assert_eq!(wait_after(1, 0.0), TimeDelta::seconds(15));
        assert_eq!(wait_after(0, 1.0), TimeDelta::seconds(30));
    }

    #[test]
    fn a_message_is_given_up_after_its_time_but_not_at_its_first_attempt() {
        let due: DateTime<Utc> = "2026-06-17T12:00:00Z".parse().unwrap();
        for (kind, hours) in [
            (MessageKind::WeeklyDigest, 24),
            (MessageKind::OutreachPlanned, 24),
            (MessageKind::Alert, 72),
            (MessageKind::SponsorDeparted, 72),
        ] {
            let end = due + patience(kind);
            assert_eq!(end - due, TimeDelta::hours(hours));
            assert!(!gives_up(40, end, end - TimeDelta::microseconds(1)));
            assert!(gives_up(2, end, end));
            assert!(
                !gives_up(1, end, end + TimeDelta::days(9)),
                "nobody was there to try it in time"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn every_wait_is_between_15_seconds_and_an_hour_and_never_shorter_for_more_attempts(attempts: u32, chance in 0.0..=1.0f64) {
            let wait = wait_after(attempts, chance);
            proptest::prop_assert!(wait >= TimeDelta::seconds(15) && wait <= TimeDelta::hours(1));
            proptest::prop_assert!(wait_after(attempts.saturating_add(1), chance) >= wait);
        }
    }
}
