//! From how little data a score is worth less (docs/scoring.md § 4).

use serde::{Deserialize, Serialize};

use super::range::{Bounded, Range};

/// When a score is worth less.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoveragePolicy {
    /// Percent of the weight below which a score is provisional and has no pattern.
    pub minimum: f64,
    /// Share of a dimension's component weight below which it is not measured.
    pub dimension_share: f64,
    /// Days since the first fact below which a score is provisional.
    pub new_account_days: u32,
}

impl Default for CoveragePolicy {
    fn default() -> Self {
        Self {
            minimum: 50.0,
            dimension_share: 0.30,
            new_account_days: 30,
        }
    }
}

impl CoveragePolicy {
    /// Every number with what it may hold.
    pub(super) fn ranges(&self) -> [Bounded; 3] {
        use Range::{Points, Share, Weight};
        [
            ("coverage.minimum", self.minimum, Points),
            ("coverage.dimension_share", self.dimension_share, Share),
            (
                "coverage.new_account_days",
                f64::from(self.new_account_days),
                Weight,
            ),
        ]
    }
}
