//! A signal that is raised, and how all those of an account are packed into one number. Packing and unpacking are each
//! other's reverse.

use serde::Serialize;

use crate::vocabulary::{Severity, Signal};

/// A signal that is raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct RaisedSignal {
    /// Which signal.
    pub signal: Signal,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence with the numbers in it.
    pub message: String,
}

/// Whether a signal of that severity is a grave one.
pub(crate) const fn is_grave(severity: Severity) -> bool {
    matches!(severity, Severity::High | Severity::Critical)
}

/// The signals of an account as one number, four bits for each in order: 0 = not raised, else 1 (LOW) to 4 (CRITICAL).
pub fn pack(signals: &[RaisedSignal]) -> i32 {
    signals.iter().fold(0, |bits, raised| {
        bits | ((raised.severity as i32 + 1) << (4 * raised.signal as i32))
    })
}

/// The signals and severities of a packed number.
pub fn unpack(bits: i32) -> Vec<(Signal, Severity)> {
    Signal::ALL
        .iter()
        .filter_map(|signal| {
            let rank = (bits >> (4 * *signal as i32)) & 0b1111;
            let severity = usize::try_from(rank - 1)
                .ok()
                .and_then(|place| Severity::ALL.get(place));
            severity.map(|severity| (*signal, *severity))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_signals_come_back() {
        let raise = |signal, severity| RaisedSignal {
            signal,
            severity,
            message: String::new(),
        };
        let signals = [
            raise(Signal::UnansweredOutreach, Severity::Critical),
            raise(Signal::UsageAndEngagementDecline, Severity::High),
        ];
        assert_eq!(
            unpack(pack(&signals)),
            [
                (Signal::UnansweredOutreach, Severity::Critical),
                (Signal::UsageAndEngagementDecline, Severity::High)
            ]
        );
        assert_eq!(unpack(0), []);
    }
}
