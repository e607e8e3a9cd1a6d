//! The thresholds of the disengagement signals (docs/scoring.md § 5).

use serde::{Deserialize, Serialize};

use super::range::{Bounded, Range};

/// Thresholds of the signals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalPolicy {
    /// Unanswered outreaches that raise UNANSWERED_OUTREACH.
    pub unanswered: u32,
    /// Those that make it CRITICAL.
    pub unanswered_critical: u32,
    /// Cancelled meetings that raise CANCELED_MEETINGS.
    pub canceled: u32,
    /// Those that make it HIGH.
    pub canceled_high: u32,
    /// Median hours that raise RESPONSE_TIME_DEGRADING.
    pub response_hours: f64,
    /// Factor against the previous window that raises it.
    pub response_factor: f64,
    /// Answers that each of the two windows needs.
    pub response_answers: u32,
    /// Previous median hours up to which it is HIGH.
    pub response_fast_hours: f64,
    /// Cadence intervals of silence that raise SPONSOR_MISSING.
    pub sponsor_intervals: f64,
    /// Share by which both must be down for USAGE_AND_ENGAGEMENT_DECLINE.
    pub decline: f64,
    /// Share that makes it CRITICAL.
    pub decline_critical: f64,
    /// Requests for support per 30 days that raise SUPPORT_SURGE.
    pub support_requests: f64,
    /// Factor against the previous window that raises it.
    pub support_factor: f64,
    /// Share of the window's use below which the last 30 days show that a storm is not over.
    pub support_usage_share: f64,
    /// How much further than a year ago a number may have fallen and still be *as a year ago*.
    pub year_ago_tolerance: f64,
    /// Share of the number of a year ago that it must still have.
    pub year_ago_share: f64,
}

impl Default for SignalPolicy {
    fn default() -> Self {
        Self {
            unanswered: 3,
            unanswered_critical: 6,
            canceled: 2,
            canceled_high: 4,
            response_hours: 72.0,
            response_factor: 2.0,
            response_answers: 3,
            response_fast_hours: 24.0,
            sponsor_intervals: 2.0,
            decline: 0.20,
            decline_critical: 0.50,
            support_requests: 10.0,
            support_factor: 1.5,
            support_usage_share: 0.8,
            year_ago_tolerance: 0.15,
            year_ago_share: 0.8,
        }
    }
}

impl SignalPolicy {
    /// Every number with what it may hold.
    pub(super) fn ranges(&self) -> [Bounded; 16] {
        use Range::{Count, Positive, Share, Weight};
        [
            ("signals.unanswered", f64::from(self.unanswered), Count),
            (
                "signals.unanswered_critical",
                f64::from(self.unanswered_critical),
                Count,
            ),
            ("signals.canceled", f64::from(self.canceled), Count),
            ("signals.canceled_high", f64::from(self.canceled_high), Count),
            ("signals.response_hours", self.response_hours, Positive),
            ("signals.response_factor", self.response_factor, Positive),
            (
                "signals.response_answers",
                f64::from(self.response_answers),
                Count,
            ),
            ("signals.response_fast_hours", self.response_fast_hours, Positive),
            ("signals.sponsor_intervals", self.sponsor_intervals, Positive),
            ("signals.decline", self.decline, Share),
            ("signals.decline_critical", self.decline_critical, Share),
            ("signals.support_requests", self.support_requests, Positive),
            ("signals.support_factor", self.support_factor, Weight),
            ("signals.support_usage_share", self.support_usage_share, Share),
            ("signals.year_ago_tolerance", self.year_ago_tolerance, Share),
            ("signals.year_ago_share", self.year_ago_share, Share),
        ]
    }
}
