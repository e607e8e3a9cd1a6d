//! The floors of the patterns, and what makes a trend (docs/scoring.md § 4).

use serde::{Deserialize, Serialize};

use super::range::{Bounded, PolicyError, Range};

/// Floors of the patterns, and what a trend takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternPolicy {
    /// Floor of HIGHLY_ENGAGED.
    pub highly_engaged: i32,
    /// Floor of MODERATELY_ENGAGED.
    pub moderately_engaged: i32,
    /// Floor of LOW_ENGAGED.
    pub low_engaged: i32,
    /// Points of change that make a trend.
    pub trend: i32,
}

impl Default for PatternPolicy {
    fn default() -> Self {
        Self {
            highly_engaged: 80,
            moderately_engaged: 60,
            low_engaged: 40,
            trend: 5,
        }
    }
}

impl PatternPolicy {
    /// Every number with what it may hold.
    pub(super) fn ranges(&self) -> [Bounded; 4] {
        use Range::{Count, Points};
        [
            ("pattern.highly_engaged", f64::from(self.highly_engaged), Points),
            (
                "pattern.moderately_engaged",
                f64::from(self.moderately_engaged),
                Points,
            ),
            ("pattern.low_engaged", f64::from(self.low_engaged), Points),
            ("pattern.trend", f64::from(self.trend), Count),
        ]
    }

    /// Checks that the floors fall.
    pub(super) fn check_order(&self) -> Result<(), PolicyError> {
        let [highly, moderately, low] =
            [self.highly_engaged, self.moderately_engaged, self.low_engaged].map(f64::from);
        Range::Below(highly).check("pattern.moderately_engaged", moderately)?;
        Range::Below(moderately).check("pattern.low_engaged", low)
    }
}
