//! The numbers of the quality dimension: how many answers, how fast, how many meetings, how much strategy (docs/scoring.md § 3).

use serde::{Deserialize, Serialize};

use super::range::{Bounded, PolicyError, Range};

/// Answers, attendance, strategy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityPolicy {
    /// Weight of RESPONSE_RATE.
    pub response_rate_weight: f64,
    /// Weight of RESPONSE_TIME.
    pub response_time_weight: f64,
    /// Weight of MEETING_PARTICIPATION.
    pub meeting_participation_weight: f64,
    /// Weight of STRATEGIC_SHARE.
    pub strategic_share_weight: f64,
    /// Hours after which an outreach without an answer is unanswered; younger ones are not judged.
    pub response_grace_hours: f64,
    /// An answer within these hours earns the full credit.
    pub response_full_hours: f64,
    /// An answer after these hours earns none; linear between.
    pub response_none_hours: f64,
    /// Mature outreaches from which rate and time are measured.
    pub min_outreaches: u32,
    /// Meetings due from which participation is measured.
    pub min_meetings_due: u32,
    /// Classified conversations from which the strategic share is measured.
    pub min_classified: u32,
    /// Share of the eligible conversations that has to be classified.
    pub min_classified_share: f64,
    /// Strategic share that scores 100.
    pub strategic_share: f64,
}

impl Default for QualityPolicy {
    fn default() -> Self {
        Self {
            response_rate_weight: 0.35,
            response_time_weight: 0.20,
            meeting_participation_weight: 0.30,
            strategic_share_weight: 0.15,
            response_grace_hours: 72.0,
            response_full_hours: 24.0,
            response_none_hours: 72.0,
            min_outreaches: 3,
            min_meetings_due: 2,
            min_classified: 3,
            min_classified_share: 0.5,
            strategic_share: 0.40,
        }
    }
}

impl QualityPolicy {
    /// Every number with what it may hold.
    pub(super) fn ranges(&self) -> [Bounded; 12] {
        use Range::{Count, Positive, Share, Weight};
        [
            ("quality.response_rate_weight", self.response_rate_weight, Weight),
            ("quality.response_time_weight", self.response_time_weight, Weight),
            (
                "quality.meeting_participation_weight",
                self.meeting_participation_weight,
                Weight,
            ),
            (
                "quality.strategic_share_weight",
                self.strategic_share_weight,
                Weight,
            ),
            ("quality.response_grace_hours", self.response_grace_hours, Weight),
            ("quality.response_full_hours", self.response_full_hours, Weight),
            ("quality.response_none_hours", self.response_none_hours, Positive),
            ("quality.min_outreaches", f64::from(self.min_outreaches), Count),
            (
                "quality.min_meetings_due",
                f64::from(self.min_meetings_due),
                Count,
            ),
            ("quality.min_classified", f64::from(self.min_classified), Count),
            ("quality.min_classified_share", self.min_classified_share, Share),
            ("quality.strategic_share", self.strategic_share, Positive),
        ]
    }

    /// What the weights of the components sum to.
    pub(super) fn weight_sum(&self) -> f64 {
        self.response_rate_weight
            + self.response_time_weight
            + self.meeting_participation_weight
            + self.strategic_share_weight
    }

    /// Checks that an answer earns less the later it comes.
    pub(super) fn check_order(&self) -> Result<(), PolicyError> {
        Range::Below(self.response_none_hours).check("quality.response_full_hours", self.response_full_hours)
    }
}
