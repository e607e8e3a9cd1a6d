//! The policy in force: all its parts in the order in which they are written, and the checks that no part can do alone.

use serde::{Deserialize, Serialize};

use super::alert::AlertPolicy;
use super::breadth::BreadthPolicy;
use super::coverage::CoveragePolicy;
use super::currency::CurrencyPolicy;
use super::frequency::FrequencyPolicy;
use super::guardrail::GuardrailPolicy;
use super::pattern::PatternPolicy;
use super::portfolio::PortfolioPolicy;
use super::product::ProductPolicy;
use super::quality::QualityPolicy;
use super::range::{Bounded, PolicyError, Range};
use super::recommendation::RecommendationPolicy;
use super::retention::RetentionPolicy;
use super::signal::SignalPolicy;
use super::sponsor::SponsorPolicy;
use super::standing::StandingPolicy;
use super::tier::PerTier;
use super::weights::DimensionWeights;
use crate::vocabulary::tolerance::TOLERANCE;
use crate::vocabulary::{AccountTier, Component, Dimension, Period};

/// Days of a year, for cadence intervals.
pub(crate) const DAYS_OF_A_YEAR: f64 = 365.0;

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
    Calendar,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            standard_period: Period::Quarterly,
            response_clock: ResponseClock::Weekdays,
            weights: DimensionWeights::default(),
            frequency: FrequencyPolicy::default(),
            quality: QualityPolicy::default(),
            breadth: BreadthPolicy::default(),
            product: ProductPolicy::default(),
            coverage: CoveragePolicy::default(),
            pattern: PatternPolicy::default(),
            signals: SignalPolicy::default(),
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
    fn cadence_days(&self, tier: AccountTier) -> i64 {
        (self.cadence_interval(tier) + TOLERANCE).floor() as i64
    }

    /// Days between two touchpoints that a tier's cadence asks for.
    pub fn cadence_interval(&self, tier: AccountTier) -> f64 {
        DAYS_OF_A_YEAR / self.sponsors.cadence.of(tier)
    }

    /// Days that are looked back over for activity and people: the cadence interval in whole days, rounded up, so that who
    /// is to be met twice a year is not judged by a quarter.
    pub fn activity_days(&self, tier: AccountTier) -> u32 {
        (self.cadence_interval(tier) - TOLERANCE)
            .ceil()
            .clamp(1.0, f64::from(u16::MAX)) as u32
    }

    /// Checks every range.
    ///
    /// # Errors
    /// The first field that is out of range, by its path.
    pub fn validate(&self) -> Result<(), PolicyError> {
        for (field, value, range) in self.ranges() {
            range.check(field, value)?;
        }
        // Nothing could be weighed with a group that sums to nothing.
        let sums = [
            ("weights", self.weights.sum()),
            ("quality.*_weight", self.quality.weight_sum()),
            ("breadth.*_weight", self.breadth.weight_sum()),
            ("product.*_weight", self.product.weight_sum()),
        ];
        for (field, sum) in sums {
            if sum <= 0.0 {
                return Err(PolicyError {
                    field,
                    value: sum,
                    rule: "more than 0 in sum",
                });
            }
        }
        self.pattern.check_order()?;
        self.quality.check_order()?;
        self.recommendations.check_amounts()?;
        self.sponsors.check_order(self.signals.sponsor_intervals)
    }

    /// Every number of the policy with what it may hold. The order counts: of several that are out of range the first is named.
    fn ranges(&self) -> Vec<Bounded> {
        let mut ranges: Vec<Bounded> = Vec::new();
        ranges.extend(self.weights.ranges());
        ranges.extend(self.frequency.ranges());
        ranges.extend(self.quality.ranges());
        ranges.extend(self.breadth.ranges());
        ranges.extend(self.product.ranges());
        ranges.extend(self.coverage.ranges());
        ranges.extend(self.pattern.ranges());
        ranges.extend(self.signals.ranges());
        ranges.extend(self.standing.ranges());
        ranges.extend(self.sponsors.ranges());
        ranges.extend(self.guardrails.ranges());
        ranges.extend(self.alerts.ranges());
        ranges.extend(self.portfolio.ranges());
        ranges.extend(self.recommendations.ranges());
        ranges.extend(self.retention.ranges(self.guardrails.fall_days));
        ranges.extend(self.frequency.tiers().into_iter().flatten());
        ranges.extend(self.breadth.tiers().into_iter().flatten());
        ranges.extend(self.product.tiers().into_iter().flatten());
        ranges.extend(self.sponsors.tiers().into_iter().flatten());
        ranges.extend(Range::Points.of_tiers(
            ["target.enterprise", "target.mid_market", "target.smb"],
            &self.target,
        ));
        ranges
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
        let nothing = DimensionWeights {
            frequency: 0.0,
            quality: 0.0,
            breadth: 0.0,
            product: 0.0,
        };
        assert_eq!(
            Policy {
                weights: nothing,
                ..Policy::default()
            }
            .validate()
            .map_err(|e| e.field),
            Err("weights")
        );
        assert_eq!(
            refused(|p| (p.product.feature_adoption_weight, p.product.power_users_weight) = (0.0, 0.0)),
            Err("product.*_weight")
        );
        assert_eq!(
            refused(|p| p.frequency.benchmark.smb = 0.0),
            Err("frequency.benchmark.smb")
        );
        assert_eq!(
            refused(|p| p.frequency.benchmark.smb = f64::INFINITY),
            Err("frequency.benchmark.smb")
        );
        assert_eq!(
            refused(|p| p.quality.min_outreaches = 0),
            Err("quality.min_outreaches")
        );
        assert_eq!(
            refused(|p| p.pattern.low_engaged = 70),
            Err("pattern.low_engaged")
        );
        assert_eq!(refused(|p| p.target.mid_market = 101.0), Err("target.mid_market"));
        assert_eq!(
            refused(|p| p.quality.response_full_hours = 72.0),
            Err("quality.response_full_hours")
        );
        assert_eq!(
            refused(|p| p.sponsors.champion_factors = 5),
            Err("sponsors.champion_factors")
        );
        assert_eq!(
            refused(|p| p.sponsors.tenure_short_months = 48),
            Err("sponsors.tenure_short_months")
        );
    }

    #[test]
    fn the_ladder_of_silence_has_its_steps_in_order() {
        let refused = |change: fn(&mut Policy)| {
            let mut policy = Policy::default();
            change(&mut policy);
            policy.validate().map_err(|e| e.field)
        };
        assert_eq!(
            refused(|p| p.sponsors.overdue_intervals = 1.5),
            Err("sponsors.overdue_intervals")
        );
        assert_eq!(
            refused(|p| p.signals.sponsor_intervals = 1.5),
            Err("sponsors.engaged_intervals")
        );
        assert_eq!(
            refused(|p| p.signals.sponsor_intervals = 3.0),
            Err("signals.sponsor_intervals")
        );
        assert_eq!(
            refused(|p| p.sponsors.delegated_intervals = 3.0),
            Err("sponsors.disengaged_intervals")
        );
    }

    #[test]
    fn every_number_of_the_policy_has_a_range() {
        fn paths(prefix: &str, value: &serde_json::Value, out: &mut Vec<String>) {
            match value {
                serde_json::Value::Object(fields) => fields
                    .iter()
                    .for_each(|(k, v)| paths(&format!("{prefix}.{k}"), v, out)),
                serde_json::Value::Number(_) => out.push(prefix.trim_start_matches('.').to_owned()),
                _ => {}
            }
        }
        let policy = Policy::default();
        let mut written = vec![];
        paths("", &serde_json::to_value(&policy).unwrap(), &mut written);
        let mut checked: Vec<String> = policy
            .ranges()
            .iter()
            .map(|(field, ..)| (*field).to_owned())
            .collect();
        written.sort();
        checked.sort();
        assert_eq!(written, checked);
    }
}
