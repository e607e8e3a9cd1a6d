//! The numbers of the standing (docs/scoring.md § 4).

use serde::{Deserialize, Serialize};

use super::range::{Bounded, Range};

/// Thresholds of the reasons, and of the conclusion drawn from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingPolicy {
    /// Days ahead in which a renewal is near.
    pub renewal_days: u32,
    /// Days for which a merger, an acquisition or layoffs are a reason.
    pub organisation_days: u32,
    /// Days for which a change of sponsors is a reason.
    pub sponsor_changed_days: u32,
    /// Days of executive contact after a change that show that the sponsor is still with us.
    pub contact_days_after: u32,
    /// Declined meetings in a row with the primary sponsor that are a reason.
    pub declines: u32,
    /// Points lost against the previous window that are a fall.
    pub fall_points: i32,
    /// Dimensions that have to be lower for a fall to be one.
    pub fall_dimensions: u32,
    /// Share of the previous window's use of the product down to which it has fallen.
    pub usage_share: f64,
    /// Usage days per 30 days that the previous window needs for that.
    pub usage_days: f64,
    /// Days within which there must be usage of any account: a feed that has stopped is no fall.
    pub usage_feed_days: u32,
    /// Effective people below which a relationship hangs on one person.
    pub effective_people: f64,
    /// Grave signals that are a reason.
    pub signals: u32,
    /// Product score from which an account that nobody talks to and the pool serves is on track.
    pub served_by_product: f64,
    /// Share of the previous window's use of the product that this takes.
    pub served_by_product_usage: f64,
}

impl Default for StandingPolicy {
    fn default() -> Self {
        Self {
            renewal_days: 180,
            organisation_days: 180,
            sponsor_changed_days: 90,
            contact_days_after: 2,
            declines: 2,
            fall_points: 10,
            fall_dimensions: 2,
            usage_share: 0.5,
            usage_days: 10.0,
            usage_feed_days: 7,
            effective_people: 1.6,
            signals: 2,
            served_by_product: 60.0,
            served_by_product_usage: 0.8,
        }
    }
}

impl StandingPolicy {
    /// Every number with what it may hold.
    pub(super) fn ranges(&self) -> [Bounded; 14] {
        use Range::{Count, Points, Positive, Share, Weight};
        [
            ("standing.renewal_days", f64::from(self.renewal_days), Weight),
            (
                "standing.organisation_days",
                f64::from(self.organisation_days),
                Weight,
            ),
            (
                "standing.sponsor_changed_days",
                f64::from(self.sponsor_changed_days),
                Weight,
            ),
            (
                "standing.contact_days_after",
                f64::from(self.contact_days_after),
                Count,
            ),
            ("standing.declines", f64::from(self.declines), Count),
            ("standing.fall_points", f64::from(self.fall_points), Count),
            ("standing.fall_dimensions", f64::from(self.fall_dimensions), Count),
            ("standing.usage_share", self.usage_share, Share),
            ("standing.usage_days", self.usage_days, Positive),
            (
                "standing.usage_feed_days",
                f64::from(self.usage_feed_days),
                Weight,
            ),
            ("standing.effective_people", self.effective_people, Positive),
            ("standing.signals", f64::from(self.signals), Count),
            ("standing.served_by_product", self.served_by_product, Points),
            (
                "standing.served_by_product_usage",
                self.served_by_product_usage,
                Positive,
            ),
        ]
    }
}
