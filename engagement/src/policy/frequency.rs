//! The numbers of the frequency dimension: the benchmark, and the points of each kind of interaction (docs/scoring.md § 3).

use serde::{Deserialize, Serialize};

use super::range::{Bounded, Range};
use super::tier::PerTier;
use crate::vocabulary::InteractionKind;

/// Activity volume against a benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrequencyPolicy {
    /// Points per 30 days that score 100.
    pub benchmark: PerTier,
    /// E-mails and forum posts together count for at most this share of the benchmark.
    pub written_share: f64,
    /// Points of one two-way interaction.
    pub points: KindPoints,
}

impl Default for FrequencyPolicy {
    fn default() -> Self {
        Self {
            benchmark: PerTier::new(60.0, 30.0, 4.0),
            written_share: 1.0 / 3.0,
            points: KindPoints::default(),
        }
    }
}

impl FrequencyPolicy {
    /// Every number with what it may hold; those by tier are told apart.
    pub(super) fn ranges(&self) -> [Bounded; 14] {
        use Range::{Share, Weight};
        [
            ("frequency.written_share", self.written_share, Share),
            ("frequency.points.email", self.points.email, Weight),
            ("frequency.points.forum_post", self.points.forum_post, Weight),
            ("frequency.points.call", self.points.call, Weight),
            (
                "frequency.points.community_event",
                self.points.community_event,
                Weight,
            ),
            ("frequency.points.training", self.points.training, Weight),
            (
                "frequency.points.certification",
                self.points.certification,
                Weight,
            ),
            ("frequency.points.meeting", self.points.meeting, Weight),
            (
                "frequency.points.strategic_check_in",
                self.points.strategic_check_in,
                Weight,
            ),
            ("frequency.points.reference", self.points.reference, Weight),
            ("frequency.points.referral", self.points.referral, Weight),
            (
                "frequency.points.internal_advocacy",
                self.points.internal_advocacy,
                Weight,
            ),
            (
                "frequency.points.executive_dinner",
                self.points.executive_dinner,
                Weight,
            ),
            ("frequency.points.qbr", self.points.qbr, Weight),
        ]
    }

    /// Every number by tier with what it may hold.
    pub(super) fn tiers(&self) -> [[Bounded; 3]; 1] {
        [Range::Positive.of_tiers(
            [
                "frequency.benchmark.enterprise",
                "frequency.benchmark.mid_market",
                "frequency.benchmark.smb",
            ],
            &self.benchmark,
        )]
    }
}

/// Points per kind of interaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the kind of its name")]
pub struct KindPoints {
    pub email: f64,
    pub forum_post: f64,
    pub call: f64,
    pub community_event: f64,
    pub training: f64,
    pub certification: f64,
    pub meeting: f64,
    pub strategic_check_in: f64,
    pub reference: f64,
    pub referral: f64,
    pub internal_advocacy: f64,
    pub executive_dinner: f64,
    pub qbr: f64,
}

impl Default for KindPoints {
    fn default() -> Self {
        Self {
            email: 1.0,
            forum_post: 1.0,
            call: 3.0,
            community_event: 3.0,
            training: 4.0,
            certification: 4.0,
            meeting: 5.0,
            strategic_check_in: 5.0,
            reference: 5.0,
            referral: 5.0,
            internal_advocacy: 5.0,
            executive_dinner: 8.0,
            qbr: 10.0,
        }
    }
}

impl KindPoints {
    /// The points of a kind.
    pub const fn of(&self, kind: InteractionKind) -> f64 {
        use InteractionKind as K;
        match kind {
            K::Email => self.email,
            K::ForumPost => self.forum_post,
            K::Call => self.call,
            K::CommunityEvent => self.community_event,
            K::Training => self.training,
            K::Certification => self.certification,
            K::Meeting => self.meeting,
            K::StrategicCheckIn => self.strategic_check_in,
            K::Reference => self.reference,
            K::Referral => self.referral,
            K::InternalAdvocacy => self.internal_advocacy,
            K::ExecutiveDinner => self.executive_dinner,
            K::Qbr => self.qbr,
        }
    }
}
