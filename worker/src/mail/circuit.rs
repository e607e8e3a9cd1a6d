//! The circuit breaker: while the mail server takes nothing at all, one message tries now and then, and the others wait
//! without using up their attempts.

use chrono::{DateTime, TimeDelta, Utc};

/// The wait after the server was found to be down; it doubles, up to the longest, so that it is noticed within a minute
/// when the server is back.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(5);
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(60);
/// Down for so long, and messages whose time is over may be given up without having been tried: long enough for a server
/// that was restarted while all workers were away.
const PATIENCE: TimeDelta = TimeDelta::hours(1);

/// Whether the mail server takes mail, as far as this process knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Circuit {
    /// It does.
    #[default]
    Closed,
    /// It does not.
    Open {
        /// Since when.
        since: DateTime<Utc>,
        /// Until when nobody tries.
        until: DateTime<Utc>,
        /// How often in a row it was found down.
        failures: u32,
    },
}

impl Circuit {
    /// How many messages may be tried now, beside those that are under way.
    pub(super) fn allows(self, now: DateTime<Utc>, under_way: usize) -> usize {
        match self {
            Self::Closed => usize::MAX,
            // A wait longer than the longest was begun by a clock that has been set back since.
            Self::Open { until, .. } if now >= until || until - now > LONGEST_WAIT => {
                usize::from(under_way == 0)
            }
            Self::Open { .. } => 0,
        }
    }

    /// Notes that the server took a message, or at least had to say something about one in particular.
    pub(super) fn works(&mut self) {
        *self = Self::Closed;
    }

    /// Notes that the server is down. What was under way when it went down is found out about one by one, and counts once.
    pub(super) fn is_down(&mut self, now: DateTime<Utc>) {
        let (since, failures) = match *self {
            Self::Closed => (now, 1),
            Self::Open { until, .. } if now < until => return,
            Self::Open { since, failures, .. } => (since, failures.saturating_add(1)),
        };
        let wait = (FIRST_WAIT * (1 << failures.saturating_sub(1).min(8))).min(LONGEST_WAIT);
        *self = Self::Open {
            since,
            until: now + wait,
            failures,
        };
    }

    /// Whether it has been down for so long that waiting messages may be given up.
    pub(super) fn is_hopeless(self, now: DateTime<Utc>) -> bool {
        matches!(self, Self::Open { since, .. } if now - since >= PATIENCE)
    }

    /// Whether anybody is kept from trying.
    pub(super) fn is_open(self) -> bool {
        self != Self::Closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_781_697_600 + seconds, 0).unwrap()
    }

    #[test]
    fn one_tries_after_each_wait_and_success_closes() {
        let mut circuit = Circuit::default();
        assert_eq!(circuit.allows(at(0), 0), usize::MAX);
        circuit.is_down(at(0));
        assert_eq!(
            (
                circuit.allows(at(4), 0),
                circuit.allows(at(5), 0),
                circuit.allows(at(5), 1)
            ),
            (0, 1, 0)
        );
        // Others that were under way find the same.
        circuit.is_down(at(1));
        circuit.is_down(at(2));
        assert_eq!(circuit.allows(at(5), 0), 1);
        let mut waits = vec![];
        let mut now = 5;
        for _ in 0..6 {
            circuit.is_down(at(now));
            let next = (now..now + 100)
                .find(|second| circuit.allows(at(*second), 0) == 1)
                .unwrap();
            waits.push(next - now);
            now = next;
        }
        assert_eq!(waits, [10, 20, 40, 60, 60, 60]);
        circuit.works();
        assert_eq!(circuit, Circuit::Closed);
    }

    #[test]
    fn only_a_long_outage_is_hopeless() {
        let mut circuit = Circuit::default();
        assert!(!circuit.is_hopeless(at(1_000_000)));
        circuit.is_down(at(0));
        assert!(!circuit.is_hopeless(at(3599)));
        assert!(circuit.is_hopeless(at(3600)));
        circuit.is_down(at(10));
        assert!(circuit.is_hopeless(at(3600)), "since the first failure");
    }
}
