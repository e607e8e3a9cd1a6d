//! The numbers of the guardrails (docs/scoring.md § 8).

use serde::{Deserialize, Serialize};

use super::range::{Bounded, Range};

/// Thresholds of the guardrails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuardrailPolicy {
    /// Days without contact with any executive of an enterprise account that raise `executive.no_contact`.
    pub executive_contact_days: u32,
    /// Those that make it CRITICAL.
    pub executive_contact_critical_days: u32,
    /// Days that an organisational change may wait for its review.
    pub review_days: u32,
    /// Days for which a recorded operational contact with an executive is worth an alert; older records are history.
    pub operational_days: u32,
    /// Days between the plans of two members for one executive that ask for coordination.
    pub coordination_days: u32,
    /// Days after which a sponsor's departure is no news any more.
    pub departure_days: u32,
    /// How many times the usual gap a feed may be silent.
    pub stale_factor: f64,
    /// Which gap is the usual one: this share of the gaps is not longer (nearest rank).
    pub stale_percentile: f64,
    /// Days, up to the last one with data, whose gaps are looked at.
    pub stale_window_days: u32,
    /// Days of silence that are never too many.
    pub stale_minimum_days: u32,
    /// Gaps that are needed to know what is usual.
    pub stale_minimum_gaps: u32,
    /// Days over which `engagement.fell` compares.
    pub fall_days: u32,
    /// Points that make a fall.
    pub fall_points: i32,
    /// Points by which a worse pattern must have fallen to count.
    pub worse_points: i32,
    /// Days before the renewal from which a fall is CRITICAL.
    pub fall_renewal_days: u32,
    /// Days before the renewal from which an enterprise account must not hang on one person.
    pub single_threaded_renewal_days: u32,
}

impl Default for GuardrailPolicy {
    fn default() -> Self {
        Self {
            executive_contact_days: 90,
            executive_contact_critical_days: 120,
            review_days: 7,
            operational_days: 30,
            coordination_days: 7,
            departure_days: 14,
            stale_factor: 3.0,
            stale_percentile: 0.9,
            stale_window_days: 60,
            stale_minimum_days: 3,
            stale_minimum_gaps: 10,
            fall_days: 28,
            fall_points: 10,
            worse_points: 5,
            fall_renewal_days: 90,
            single_threaded_renewal_days: 180,
        }
    }
}

impl GuardrailPolicy {
    /// Every number with what it may hold.
    pub(super) fn ranges(&self) -> [Bounded; 16] {
        use Range::{Count, Positive, Share, Weight};
        [
            (
                "guardrails.executive_contact_days",
                f64::from(self.executive_contact_days),
                Count,
            ),
            (
                "guardrails.executive_contact_critical_days",
                f64::from(self.executive_contact_critical_days),
                Count,
            ),
            ("guardrails.review_days", f64::from(self.review_days), Weight),
            (
                "guardrails.operational_days",
                f64::from(self.operational_days),
                Weight,
            ),
            (
                "guardrails.coordination_days",
                f64::from(self.coordination_days),
                Weight,
            ),
            (
                "guardrails.departure_days",
                f64::from(self.departure_days),
                Weight,
            ),
            ("guardrails.stale_factor", self.stale_factor, Positive),
            ("guardrails.stale_percentile", self.stale_percentile, Share),
            (
                "guardrails.stale_window_days",
                f64::from(self.stale_window_days),
                Count,
            ),
            (
                "guardrails.stale_minimum_days",
                f64::from(self.stale_minimum_days),
                Count,
            ),
            (
                "guardrails.stale_minimum_gaps",
                f64::from(self.stale_minimum_gaps),
                Count,
            ),
            ("guardrails.fall_days", f64::from(self.fall_days), Count),
            ("guardrails.fall_points", f64::from(self.fall_points), Count),
            ("guardrails.worse_points", f64::from(self.worse_points), Count),
            (
                "guardrails.fall_renewal_days",
                f64::from(self.fall_renewal_days),
                Weight,
            ),
            (
                "guardrails.single_threaded_renewal_days",
                f64::from(self.single_threaded_renewal_days),
                Weight,
            ),
        ]
    }
}
