//! The numbers of executive sponsors (docs/scoring.md § 7).

use serde::{Deserialize, Serialize};

use super::range::{Bounded, PolicyError, Range};
use super::tier::PerTier;

/// Cadence, levels and succession of executive sponsors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SponsorPolicy {
    /// Touchpoints a year that a sponsor needs at least. All intervals below are 365 days / cadence.
    pub cadence: PerTier,
    /// Intervals of silence from which a touchpoint is overdue.
    pub overdue_intervals: f64,
    /// Intervals up to which a sponsor can be ENGAGED or CHAMPION. `signals.sponsor_intervals` comes next on this ladder.
    pub engaged_intervals: f64,
    /// Intervals from which a sponsor is DISENGAGED.
    pub disengaged_intervals: f64,
    /// Intervals from which a silent sponsor no longer counts as delegating.
    pub delegated_intervals: f64,
    /// Days of contact with their department that delegating takes at least.
    pub delegated_days: u32,
    /// Days since the beginning of a sponsorship below which a sponsor without any contact is UNKNOWN.
    pub new_days: u32,
    /// Days of executive contact within the factors' span that CHAMPION and ENGAGED take.
    pub contact_days: u32,
    /// Factor score from which a sponsor can be a CHAMPION.
    pub champion_score: i32,
    /// Measured factors that it takes.
    pub champion_factors: u32,
    /// Factor score from which a sponsor can be ENGAGED.
    pub engaged_score: i32,
    /// Measured factors that it takes.
    pub engaged_factors: u32,
    /// Days since the beginning of a sponsorship below which one factor is enough for ENGAGED.
    pub few_factors_days: u32,
    /// Highest score that is shown for a PASSIVE sponsor.
    pub passive_cap: i32,
    /// Highest score that is shown for a DISENGAGED one.
    pub disengaged_cap: i32,
    /// Mature outreaches from which responsiveness is measured.
    pub min_outreaches: u32,
    /// An answer within these days earns the full credit.
    pub response_full_days: f64,
    /// An answer after these days earns none; linear between.
    pub response_none_days: f64,
    /// What an initiative of MEDIUM alignment is worth; HIGH is worth 1, LOW 0.
    pub medium_alignment: f64,
    /// Months in their role below which succession is at risk.
    pub tenure_short_months: u32,
    /// Months in their role above which it is at risk.
    pub tenure_long_months: u32,
    /// Share by which a metric has moved against its previous observation to be worth a word.
    pub metric_change: f64,
    /// Days without a view of the executives' dashboard that are a concern.
    pub dashboard_days: u32,
}

impl Default for SponsorPolicy {
    fn default() -> Self {
        Self {
            cadence: PerTier::new(12.0, 4.0, 2.0),
            overdue_intervals: 1.0,
            engaged_intervals: 1.5,
            disengaged_intervals: 3.0,
            delegated_intervals: 6.0,
            delegated_days: 2,
            new_days: 30,
            contact_days: 2,
            champion_score: 80,
            champion_factors: 3,
            engaged_score: 60,
            engaged_factors: 2,
            few_factors_days: 90,
            passive_cap: 59,
            disengaged_cap: 39,
            min_outreaches: 3,
            response_full_days: 1.0,
            response_none_days: 7.0,
            medium_alignment: 0.5,
            tenure_short_months: 6,
            tenure_long_months: 48,
            metric_change: 0.20,
            dashboard_days: 60,
        }
    }
}

impl SponsorPolicy {
    /// Every number with what it may hold; those by tier are told apart.
    pub(super) fn ranges(&self) -> [Bounded; 22] {
        use Range::{Count, Factors, Points, Positive, Share, Weight};
        [
            ("sponsors.overdue_intervals", self.overdue_intervals, Positive),
            ("sponsors.engaged_intervals", self.engaged_intervals, Positive),
            (
                "sponsors.disengaged_intervals",
                self.disengaged_intervals,
                Positive,
            ),
            ("sponsors.delegated_intervals", self.delegated_intervals, Positive),
            ("sponsors.delegated_days", f64::from(self.delegated_days), Count),
            ("sponsors.new_days", f64::from(self.new_days), Weight),
            ("sponsors.contact_days", f64::from(self.contact_days), Weight),
            ("sponsors.champion_score", f64::from(self.champion_score), Points),
            (
                "sponsors.champion_factors",
                f64::from(self.champion_factors),
                Factors,
            ),
            ("sponsors.engaged_score", f64::from(self.engaged_score), Points),
            (
                "sponsors.engaged_factors",
                f64::from(self.engaged_factors),
                Factors,
            ),
            (
                "sponsors.few_factors_days",
                f64::from(self.few_factors_days),
                Weight,
            ),
            ("sponsors.passive_cap", f64::from(self.passive_cap), Points),
            ("sponsors.disengaged_cap", f64::from(self.disengaged_cap), Points),
            ("sponsors.min_outreaches", f64::from(self.min_outreaches), Count),
            ("sponsors.response_full_days", self.response_full_days, Weight),
            ("sponsors.response_none_days", self.response_none_days, Positive),
            ("sponsors.medium_alignment", self.medium_alignment, Share),
            (
                "sponsors.tenure_short_months",
                f64::from(self.tenure_short_months),
                Weight,
            ),
            (
                "sponsors.tenure_long_months",
                f64::from(self.tenure_long_months),
                Count,
            ),
            ("sponsors.metric_change", self.metric_change, Share),
            ("sponsors.dashboard_days", f64::from(self.dashboard_days), Count),
        ]
    }

    /// Every number by tier with what it may hold.
    pub(super) fn tiers(&self) -> [[Bounded; 3]; 1] {
        let cadence = [
            "sponsors.cadence.enterprise",
            "sponsors.cadence.mid_market",
            "sponsors.cadence.smb",
        ];
        [Range::Positive.of_tiers(cadence, &self.cadence)]
    }

    /// Checks what must rise: the ladder of silence above all, on which `missing` (`signals.sponsor_intervals`) is a step,
    /// so that levels and signals never contradict each other.
    pub(super) fn check_order(&self, missing: f64) -> Result<(), PolicyError> {
        Range::Below(self.engaged_intervals).check("sponsors.overdue_intervals", self.overdue_intervals)?;
        Range::Below(missing).check("sponsors.engaged_intervals", self.engaged_intervals)?;
        Range::Below(self.disengaged_intervals).check("signals.sponsor_intervals", missing)?;
        Range::Below(self.delegated_intervals)
            .check("sponsors.disengaged_intervals", self.disengaged_intervals)?;
        Range::Below(f64::from(self.champion_score))
            .check("sponsors.engaged_score", f64::from(self.engaged_score))?;
        Range::Below(f64::from(self.engaged_score))
            .check("sponsors.passive_cap", f64::from(self.passive_cap))?;
        Range::Below(f64::from(self.passive_cap))
            .check("sponsors.disengaged_cap", f64::from(self.disengaged_cap))?;
        Range::Below(self.response_none_days)
            .check("sponsors.response_full_days", self.response_full_days)?;
        let (short, long) = (
            f64::from(self.tenure_short_months),
            f64::from(self.tenure_long_months),
        );
        Range::Below(long).check("sponsors.tenure_short_months", short)
    }
}
