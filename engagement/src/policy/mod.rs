//! Every number that an organisation may set: weights, benchmarks, thresholds. The defaults are those of docs/scoring.md,
//! which in turn come from the two documents that the product stems from; nothing else in this crate invents a number.
//!
//! A policy is read as TOML by `service::policy`, which lays a file over the defaults, so every field is optional there.
//! Unknown fields are refused by name; [`Policy::validate`] refuses values that no score could be computed with.

mod alert;
mod currency;
mod guardrail;
mod portfolio;
mod recommendation;
mod retention;
mod sponsor;
mod standing;

use serde::{Deserialize, Serialize};

use crate::vocabulary::{AccountTier, Component, Dimension, InteractionKind, Period, SponsorFactor};

pub use alert::AlertPolicy;
pub use currency::{CurrencyError, CurrencyPolicy};
pub use guardrail::GuardrailPolicy;
pub use portfolio::PortfolioPolicy;
pub use recommendation::RecommendationPolicy;
pub use retention::RetentionPolicy;
pub use sponsor::SponsorPolicy;
pub use standing::StandingPolicy;

/// One value for each tier.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerTier {
    /// Enterprise.
    pub enterprise: f64,
    /// Mid-market.
    pub mid_market: f64,
    /// Small and medium business.
    pub smb: f64,
}

impl PerTier {
    const fn new(enterprise: f64, mid_market: f64, smb: f64) -> Self {
        Self { enterprise, mid_market, smb }
    }

    /// The value of a tier.
    pub const fn of(&self, tier: AccountTier) -> f64 {
        match tier {
            AccountTier::Enterprise => self.enterprise,
            AccountTier::MidMarket => self.mid_market,
            AccountTier::Smb => self.smb,
        }
    }
}

/// The policy in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The period that is stored and drives lists, alerts, digests and history.
    pub standard_period: Period,
    /// Which hours count until an answer of an account.
    pub response_clock: ResponseClock,
    /// Weights of the dimensions in the overall score; they need not sum to 1.
    pub weights: DimensionWeights,
    /// Frequency.
    pub frequency: FrequencyPolicy,
    /// Quality.
    pub quality: QualityPolicy,
    /// Breadth.
    pub breadth: BreadthPolicy,
    /// Product.
    pub product: ProductPolicy,
    /// Coverage and provisional scores.
    pub coverage: CoveragePolicy,
    /// Pattern and trend.
    pub pattern: PatternPolicy,
    /// Disengagement signals.
    pub signals: SignalPolicy,
    /// Reasons of the standing.
    pub standing: StandingPolicy,
    /// Executive sponsors.
    pub sponsors: SponsorPolicy,
    /// Thresholds of the guardrails.
    pub guardrails: GuardrailPolicy,
    /// The life of an alert.
    pub alerts: AlertPolicy,
    /// Targets of the portfolio's metrics.
    pub portfolio: PortfolioPolicy,
    /// When an action is recommended.
    pub recommendations: RecommendationPolicy,
    /// Where an account of the tier should be in the long run, in points.
    pub target: PerTier,
    /// How long scores, mails and runs are kept.
    pub retention: RetentionPolicy,
    /// The reporting currency and exchange rates. Whoever reads the file reads them by themselves: which currencies there are
    /// is the organisation's.
    #[serde(skip)]
    pub currency: CurrencyPolicy,
}

/// Which hours count until an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseClock {
    /// Those of weekdays in the organisation's zone.
    Weekdays,
    /// All.
    Calendar,
}

/// Weights of the four dimensions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionWeights {
    /// Frequency.
    pub frequency: f64,
    /// Quality.
    pub quality: f64,
    /// Breadth.
    pub breadth: f64,
    /// Product.
    pub product: f64,
}

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

/// Stakeholders, departments, executives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreadthPolicy {
    /// Weight of STAKEHOLDERS.
    pub stakeholders_weight: f64,
    /// Weight of DEPARTMENTS.
    pub departments_weight: f64,
    /// Weight of EXECUTIVES.
    pub executives_weight: f64,
    /// Engaged contacts that score 100.
    pub stakeholders: PerTier,
    /// Departments that score 100.
    pub departments: PerTier,
    /// Engaged executives that score 100.
    pub executives: PerTier,
}

/// Features and power users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductPolicy {
    /// Weight of FEATURE_ADOPTION.
    pub feature_adoption_weight: f64,
    /// Weight of POWER_USERS.
    pub power_users_weight: f64,
    /// Share of the catalogue that scores 100.
    pub adoption_share: f64,
    /// Power users that score 100.
    pub power_users: PerTier,
    /// Days of use per 30 days that make a power user.
    pub power_user_days: f64,
    /// Features (at most the catalogue) that make a power user.
    pub power_user_features: u32,
}

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

/// Days of a year, for cadence intervals.
pub const DAYS_OF_A_YEAR: f64 = 365.0;

impl Default for Policy {
    fn default() -> Self {
        Self {
            standard_period: Period::Quarterly,
            response_clock: ResponseClock::Weekdays,
            weights: DimensionWeights { frequency: 0.30, quality: 0.35, breadth: 0.20, product: 0.15 },
            frequency: FrequencyPolicy {
                benchmark: PerTier::new(60.0, 30.0, 4.0),
                written_share: 1.0 / 3.0,
                points: KindPoints {
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
                },
            },
            quality: QualityPolicy {
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
            },
            breadth: BreadthPolicy {
                stakeholders_weight: 0.40,
                departments_weight: 0.30,
                executives_weight: 0.30,
                stakeholders: PerTier::new(8.0, 5.0, 2.0),
                departments: PerTier::new(4.0, 3.0, 1.0),
                executives: PerTier::new(2.0, 1.0, 1.0),
            },
            product: ProductPolicy {
                feature_adoption_weight: 0.60,
                power_users_weight: 0.40,
                adoption_share: 0.6,
                power_users: PerTier::new(5.0, 3.0, 1.0),
                power_user_days: 12.0,
                power_user_features: 5,
            },
            coverage: CoveragePolicy { minimum: 50.0, dimension_share: 0.30, new_account_days: 30 },
            pattern: PatternPolicy { highly_engaged: 80, moderately_engaged: 60, low_engaged: 40, trend: 5 },
            signals: SignalPolicy {
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
            },
            standing: StandingPolicy::default(),
            sponsors: SponsorPolicy::default(),
            guardrails: GuardrailPolicy::default(),
            alerts: AlertPolicy::default(),
            portfolio: PortfolioPolicy::default(),
            recommendations: RecommendationPolicy::default(),
            target: PerTier::new(85.0, 75.0, 65.0),
            retention: RetentionPolicy::default(),
            currency: CurrencyPolicy::default(),
        }
    }
}

/// A field of the policy that no score can be computed with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("policy: `{field}` is {value}; it must be {rule}")]
pub struct PolicyError {
    /// Path of the field, as in the file.
    pub field: &'static str,
    /// What it holds.
    pub value: f64,
    /// What it may hold.
    pub rule: &'static str,
}

impl Policy {
    /// The weight of a dimension in the overall score, before what cannot be measured is left out.
    pub const fn dimension_weight(&self, dimension: Dimension) -> f64 {
        match dimension {
            Dimension::Frequency => self.weights.frequency,
            Dimension::Quality => self.weights.quality,
            Dimension::Breadth => self.weights.breadth,
            Dimension::Product => self.weights.product,
        }
    }

    /// The weight of a component in its dimension, before what cannot be measured is left out.
    pub const fn component_weight(&self, component: Component) -> f64 {
        match component {
            Component::Activity => 1.0,
            Component::ResponseRate => self.quality.response_rate_weight,
            Component::ResponseTime => self.quality.response_time_weight,
            Component::MeetingParticipation => self.quality.meeting_participation_weight,
            Component::StrategicShare => self.quality.strategic_share_weight,
            Component::Stakeholders => self.breadth.stakeholders_weight,
            Component::Departments => self.breadth.departments_weight,
            Component::Executives => self.breadth.executives_weight,
            Component::FeatureAdoption => self.product.feature_adoption_weight,
            Component::PowerUsers => self.product.power_users_weight,
        }
    }

    /// Whether a last contact so many days ago is within a tier's cadence.
    pub fn within_cadence(&self, tier: AccountTier, days: i64) -> bool {
        days <= self.cadence_days(tier)
    }

    /// The whole days that a tier's cadence interval holds.
    pub fn cadence_days(&self, tier: AccountTier) -> i64 {
        (self.cadence_interval(tier) + 1e-9).floor() as i64
    }

    /// Days between two touchpoints that a tier's cadence asks for.
    pub fn cadence_interval(&self, tier: AccountTier) -> f64 {
        DAYS_OF_A_YEAR / self.sponsors.cadence.of(tier)
    }

    /// Days that are looked back over for activity and people: the cadence interval in whole days, rounded up, so that who
    /// is to be met twice a year is not judged by a quarter.
    pub fn activity_days(&self, tier: AccountTier) -> u32 {
        (self.cadence_interval(tier) - 1e-9).ceil().clamp(1.0, f64::from(u16::MAX)) as u32
    }

    /// Checks every range.
    ///
    /// # Errors
    /// The first field that is out of range, by its path.
    pub fn validate(&self) -> Result<(), PolicyError> {
        for (field, value, range) in self.ranges() {
            range.check(field, value)?;
        }
        let Self { weights, quality, breadth, product, .. } = self;
        // Nothing could be weighed with a group that sums to nothing.
        let sums = [
            ("weights", weights.frequency + weights.quality + weights.breadth + weights.product),
            (
                "quality.*_weight",
                quality.response_rate_weight
                    + quality.response_time_weight
                    + quality.meeting_participation_weight
                    + quality.strategic_share_weight,
            ),
            ("breadth.*_weight", breadth.stakeholders_weight + breadth.departments_weight + breadth.executives_weight),
            ("product.*_weight", product.feature_adoption_weight + product.power_users_weight),
        ];
        for (field, sum) in sums {
            if sum <= 0.0 {
                return Err(PolicyError { field, value: sum, rule: "more than 0 in sum" });
            }
        }
        let order = &self.pattern;
        Range::Below(f64::from(order.highly_engaged)).check("pattern.moderately_engaged", f64::from(order.moderately_engaged))?;
        Range::Below(f64::from(order.moderately_engaged)).check("pattern.low_engaged", f64::from(order.low_engaged))?;
        let hours = &self.quality;
        Range::Below(hours.response_none_hours).check("quality.response_full_hours", hours.response_full_hours)?;
        self.recommendations.check_amounts()?;
        self.sponsors.check_order(self.signals.sponsor_intervals)
    }

    /// Every number of the policy with what it may hold.
    fn ranges(&self) -> Vec<(&'static str, f64, Range)> {
        use Range::{Count, Points, Positive, Share, Weight};
        let Self { weights, frequency, quality, breadth, product, signals, .. } = self;
        let points = &frequency.points;
        let mut ranges = vec![
            ("weights.frequency", weights.frequency, Weight),
            ("weights.quality", weights.quality, Weight),
            ("weights.breadth", weights.breadth, Weight),
            ("weights.product", weights.product, Weight),
            ("frequency.written_share", frequency.written_share, Share),
            ("frequency.points.email", points.email, Weight),
            ("frequency.points.forum_post", points.forum_post, Weight),
            ("frequency.points.call", points.call, Weight),
            ("frequency.points.community_event", points.community_event, Weight),
            ("frequency.points.training", points.training, Weight),
            ("frequency.points.certification", points.certification, Weight),
            ("frequency.points.meeting", points.meeting, Weight),
            ("frequency.points.strategic_check_in", points.strategic_check_in, Weight),
            ("frequency.points.reference", points.reference, Weight),
            ("frequency.points.referral", points.referral, Weight),
            ("frequency.points.internal_advocacy", points.internal_advocacy, Weight),
            ("frequency.points.executive_dinner", points.executive_dinner, Weight),
            ("frequency.points.qbr", points.qbr, Weight),
            ("quality.response_rate_weight", quality.response_rate_weight, Weight),
            ("quality.response_time_weight", quality.response_time_weight, Weight),
            ("quality.meeting_participation_weight", quality.meeting_participation_weight, Weight),
            ("quality.strategic_share_weight", quality.strategic_share_weight, Weight),
            ("quality.response_grace_hours", quality.response_grace_hours, Weight),
            ("quality.response_full_hours", quality.response_full_hours, Weight),
            ("quality.response_none_hours", quality.response_none_hours, Positive),
            ("quality.min_outreaches", f64::from(quality.min_outreaches), Count),
            ("quality.min_meetings_due", f64::from(quality.min_meetings_due), Count),
            ("quality.min_classified", f64::from(quality.min_classified), Count),
            ("quality.min_classified_share", quality.min_classified_share, Share),
            ("quality.strategic_share", quality.strategic_share, Positive),
            ("breadth.stakeholders_weight", breadth.stakeholders_weight, Weight),
            ("breadth.departments_weight", breadth.departments_weight, Weight),
            ("breadth.executives_weight", breadth.executives_weight, Weight),
            ("product.feature_adoption_weight", product.feature_adoption_weight, Weight),
            ("product.power_users_weight", product.power_users_weight, Weight),
            ("product.adoption_share", product.adoption_share, Positive),
            ("product.power_user_days", product.power_user_days, Positive),
            ("product.power_user_features", f64::from(product.power_user_features), Count),
            ("coverage.minimum", self.coverage.minimum, Points),
            ("coverage.dimension_share", self.coverage.dimension_share, Share),
            ("coverage.new_account_days", f64::from(self.coverage.new_account_days), Weight),
            ("pattern.highly_engaged", f64::from(self.pattern.highly_engaged), Points),
            ("pattern.moderately_engaged", f64::from(self.pattern.moderately_engaged), Points),
            ("pattern.low_engaged", f64::from(self.pattern.low_engaged), Points),
            ("pattern.trend", f64::from(self.pattern.trend), Count),
            ("signals.unanswered", f64::from(signals.unanswered), Count),
            ("signals.unanswered_critical", f64::from(signals.unanswered_critical), Count),
            ("signals.canceled", f64::from(signals.canceled), Count),
            ("signals.canceled_high", f64::from(signals.canceled_high), Count),
            ("signals.response_hours", signals.response_hours, Positive),
            ("signals.response_factor", signals.response_factor, Positive),
            ("signals.response_answers", f64::from(signals.response_answers), Count),
            ("signals.response_fast_hours", signals.response_fast_hours, Positive),
            ("signals.sponsor_intervals", signals.sponsor_intervals, Positive),
            ("signals.decline", signals.decline, Share),
            ("signals.decline_critical", signals.decline_critical, Share),
            ("signals.support_requests", signals.support_requests, Positive),
            ("signals.support_factor", signals.support_factor, Weight),
            ("signals.support_usage_share", signals.support_usage_share, Share),
            ("signals.year_ago_tolerance", signals.year_ago_tolerance, Share),
            ("signals.year_ago_share", signals.year_ago_share, Share),
        ];
        ranges.extend(self.standing.ranges());
        ranges.extend(self.sponsors.ranges());
        ranges.extend(self.guardrails.ranges());
        ranges.extend(self.alerts.ranges());
        ranges.extend(self.portfolio.ranges());
        ranges.extend(self.recommendations.ranges());
        ranges.extend(self.retention.ranges(self.guardrails.fall_days));
        let tiers = [
            (
                ["frequency.benchmark.enterprise", "frequency.benchmark.mid_market", "frequency.benchmark.smb"],
                &frequency.benchmark,
                Positive,
            ),
            (
                ["breadth.stakeholders.enterprise", "breadth.stakeholders.mid_market", "breadth.stakeholders.smb"],
                &breadth.stakeholders,
                Positive,
            ),
            (
                ["breadth.departments.enterprise", "breadth.departments.mid_market", "breadth.departments.smb"],
                &breadth.departments,
                Positive,
            ),
            (["breadth.executives.enterprise", "breadth.executives.mid_market", "breadth.executives.smb"], &breadth.executives, Positive),
            (
                ["product.power_users.enterprise", "product.power_users.mid_market", "product.power_users.smb"],
                &product.power_users,
                Positive,
            ),
            (["sponsors.cadence.enterprise", "sponsors.cadence.mid_market", "sponsors.cadence.smb"], &self.sponsors.cadence, Positive),
            (["target.enterprise", "target.mid_market", "target.smb"], &self.target, Points),
        ];
        for ([enterprise, mid_market, smb], values, range) in tiers {
            ranges.extend([(enterprise, values.enterprise, range), (mid_market, values.mid_market, range), (smb, values.smb, range)]);
        }
        ranges
    }
}

/// More than any weight, benchmark or threshold needs; far from where sums of them overflow.
const MOST: f64 = 1_000_000.0;

/// What a number may be.
#[derive(Debug, Clone, Copy)]
enum Range {
    /// From 0 up.
    Weight,
    /// Above 0.
    Positive,
    /// From 0 to 1.
    Share,
    /// From 0 to 100.
    Points,
    /// From 1 up.
    Count,
    /// From 1 to the number of a sponsor's factors.
    Factors,
    /// At least as far back as others look.
    Reach(f64),
    /// Less than another field.
    Below(f64),
}

impl Range {
    fn check(self, field: &'static str, value: f64) -> Result<(), PolicyError> {
        let (holds, rule) = match self {
            Self::Weight => ((0.0..=MOST).contains(&value), "a number from 0 to 1,000,000"),
            Self::Positive => (value > 0.0 && value <= MOST, "a number above 0, at most 1,000,000"),
            Self::Share => ((0.0..=1.0).contains(&value), "a number from 0 to 1"),
            Self::Points => ((0.0..=100.0).contains(&value), "a number from 0 to 100"),
            Self::Count => (value >= 1.0, "a whole number from 1 up"),
            Self::Factors => ((1.0..=SponsorFactor::ALL.len() as f64).contains(&value), "a whole number from 1 to 4"),
            Self::Reach(least) => (
                value >= least && value <= MOST,
                "at least 60, and at least 15 more than guardrails.fall_days: scores are compared over that long",
            ),
            Self::Below(limit) => (value < limit, "less than the field that follows it in rank"),
        };
        // Infinity is above 0, but nothing can be weighed with it.
        if holds && value.is_finite() { Ok(()) } else { Err(PolicyError { field, value, rule }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(Policy::default().validate(), Ok(()));
    }

    #[test]
    fn a_number_out_of_range_is_named() {
        let refused = |change: fn(&mut Policy)| {
            let mut policy = Policy::default();
            change(&mut policy);
            policy.validate().map_err(|e| e.field)
        };
        assert_eq!(refused(|p| p.weights.quality = -0.1), Err("weights.quality"));
        assert_eq!(refused(|p| p.weights.quality = f64::NAN), Err("weights.quality"));
        assert_eq!(refused(|p| p.weights.quality = 1e308), Err("weights.quality"));
        let nothing = DimensionWeights { frequency: 0.0, quality: 0.0, breadth: 0.0, product: 0.0 };
        assert_eq!(Policy { weights: nothing, ..Policy::default() }.validate().map_err(|e| e.field), Err("weights"));
        assert_eq!(refused(|p| (p.product.feature_adoption_weight, p.product.power_users_weight) = (0.0, 0.0)), Err("product.*_weight"));
        assert_eq!(refused(|p| p.frequency.benchmark.smb = 0.0), Err("frequency.benchmark.smb"));
        assert_eq!(refused(|p| p.frequency.benchmark.smb = f64::INFINITY), Err("frequency.benchmark.smb"));
        assert_eq!(refused(|p| p.quality.min_outreaches = 0), Err("quality.min_outreaches"));
        assert_eq!(refused(|p| p.pattern.low_engaged = 70), Err("pattern.low_engaged"));
        assert_eq!(refused(|p| p.target.mid_market = 101.0), Err("target.mid_market"));
        assert_eq!(refused(|p| p.quality.response_full_hours = 72.0), Err("quality.response_full_hours"));
        assert_eq!(refused(|p| p.sponsors.champion_factors = 5), Err("sponsors.champion_factors"));
        assert_eq!(refused(|p| p.sponsors.tenure_short_months = 48), Err("sponsors.tenure_short_months"));
    }

    #[test]
    fn the_ladder_of_silence_has_its_steps_in_order() {
        let refused = |change: fn(&mut Policy)| {
            let mut policy = Policy::default();
            change(&mut policy);
            policy.validate().map_err(|e| e.field)
        };
        assert_eq!(refused(|p| p.sponsors.overdue_intervals = 1.5), Err("sponsors.overdue_intervals"));
        assert_eq!(refused(|p| p.signals.sponsor_intervals = 1.5), Err("sponsors.engaged_intervals"));
        assert_eq!(refused(|p| p.signals.sponsor_intervals = 3.0), Err("signals.sponsor_intervals"));
        assert_eq!(refused(|p| p.sponsors.delegated_intervals = 3.0), Err("sponsors.disengaged_intervals"));
    }

    #[test]
    fn every_number_of_the_policy_has_a_range() {
        fn paths(prefix: &str, value: &serde_json::Value, out: &mut Vec<String>) {
            match value {
                serde_json::Value::Object(fields) => fields.iter().for_each(|(k, v)| paths(&format!("{prefix}.{k}"), v, out)),
                serde_json::Value::Number(_) => out.push(prefix.trim_start_matches('.').to_owned()),
                _ => {}
            }
        }
        let policy = Policy::default();
        let mut written = vec![];
        paths("", &serde_json::to_value(&policy).unwrap(), &mut written);
        let mut checked: Vec<String> = policy.ranges().iter().map(|(field, ..)| (*field).to_owned()).collect();
        written.sort();
        checked.sort();
        assert_eq!(written, checked);
    }
}
