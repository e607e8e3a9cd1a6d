//! The numbers of the alerts' life and of the escalation ladder (docs/scoring.md § 11).

use serde::{Deserialize, Serialize};

use super::range::{Bounded, Range};

/// The life of an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertPolicy {
    /// Days on which a condition has to be found clear, without holding in between, before its alert resolves itself.
    pub clear_evaluations: u32,
    /// Days after an alert was resolved within which the same cause reopens it instead of opening another.
    pub reopen_days: u32,
    /// Days for which NOISE silences a cause.
    pub mute_days: u32,
    /// Hours without anybody taking it up after which a CRITICAL alert goes to the team's managers.
    pub managers_after_hours: u32,
    /// Hours without anybody taking it up after which a CRITICAL alert goes to the escalation addresses.
    pub escalation_after_hours: u32,
}

impl Default for AlertPolicy {
    fn default() -> Self {
        Self {
            clear_evaluations: 2,
            reopen_days: 7,
            mute_days: 30,
            managers_after_hours: 24,
            escalation_after_hours: 72,
        }
    }
}

impl AlertPolicy {
    /// Every number with what it may hold.
    pub(super) fn ranges(&self) -> [Bounded; 5] {
        [
            (
                "alerts.clear_evaluations",
                f64::from(self.clear_evaluations),
                Range::Count,
            ),
            ("alerts.reopen_days", f64::from(self.reopen_days), Range::Weight),
            ("alerts.mute_days", f64::from(self.mute_days), Range::Weight),
            (
                "alerts.managers_after_hours",
                f64::from(self.managers_after_hours),
                Range::Weight,
            ),
            (
                "alerts.escalation_after_hours",
                f64::from(self.escalation_after_hours),
                Range::Weight,
            ),
        ]
    }
}
