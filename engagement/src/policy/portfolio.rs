//! The targets of the portfolio's metrics (docs/scoring.md § 9).

use serde::{Deserialize, Serialize};

use super::range::{Bounded, Range};
use crate::vocabulary::PortfolioMetric;

/// Targets of the portfolio's metrics, and how much of it is listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortfolioPolicy {
    /// EXECUTIVE_ENGAGEMENT_RATE has to be above, in percent.
    pub executive_engagement_rate: f64,
    /// EXECUTIVE_TOUCHPOINT_CADENCE has to be below, in days.
    pub executive_touchpoint_cadence: f64,
    /// QBR_EXECUTIVE_ATTENDANCE has to be above, in percent.
    pub qbr_executive_attendance: f64,
    /// SPONSOR_RETENTION has to be above, in percent.
    pub sponsor_retention: f64,
    /// MULTI_THREAD_SCORE has to be above, in executives.
    pub multi_thread_score: f64,
    /// How many accounts are listed as movers, each way.
    pub movers: u32,
}

impl Default for PortfolioPolicy {
    fn default() -> Self {
        Self {
            executive_engagement_rate: 80.0,
            executive_touchpoint_cadence: 45.0,
            qbr_executive_attendance: 70.0,
            sponsor_retention: 85.0,
            multi_thread_score: 1.5,
            movers: 10,
        }
    }
}

impl PortfolioPolicy {
    /// The target of a metric, in its unit.
    pub const fn target(&self, metric: PortfolioMetric) -> f64 {
        match metric {
            PortfolioMetric::ExecutiveEngagementRate => self.executive_engagement_rate,
            PortfolioMetric::ExecutiveTouchpointCadence => self.executive_touchpoint_cadence,
            PortfolioMetric::QbrExecutiveAttendance => self.qbr_executive_attendance,
            PortfolioMetric::SponsorRetention => self.sponsor_retention,
            PortfolioMetric::MultiThreadScore => self.multi_thread_score,
        }
    }

    /// Every number with what it may hold.
    pub(super) fn ranges(&self) -> [Bounded; 6] {
        [
            (
                "portfolio.executive_engagement_rate",
                self.executive_engagement_rate,
                Range::Points,
            ),
            (
                "portfolio.executive_touchpoint_cadence",
                self.executive_touchpoint_cadence,
                Range::Positive,
            ),
            (
                "portfolio.qbr_executive_attendance",
                self.qbr_executive_attendance,
                Range::Points,
            ),
            (
                "portfolio.sponsor_retention",
                self.sponsor_retention,
                Range::Points,
            ),
            (
                "portfolio.multi_thread_score",
                self.multi_thread_score,
                Range::Weight,
            ),
            ("portfolio.movers", f64::from(self.movers), Range::Count),
        ]
    }
}
