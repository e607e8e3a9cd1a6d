//! Reasons that lie in what changed: the organisation, the score, the usage.

use super::grounds::Grounds;
use super::reason::Reason;
use crate::vocabulary::StandingReason;
use crate::vocabulary::tolerance::TOLERANCE;

impl Grounds<'_> {
    pub(super) fn organisation(&self) -> Option<Reason> {
        let latest = self
            .upheavals()
            .max_by_key(|change| (change.observed_on, change.kind))?;
        Some(Reason {
            change: Some(latest.kind),
            ..Reason::on(StandingReason::Organisation, latest.observed_on, self.windows)
        })
    }

    pub(super) fn fell(&self) -> Option<Reason> {
        let rule = &self.policy.standing;
        let change = self.change.filter(|change| *change <= -rule.fall_points)?;
        if !self.assessment.measured_the_same(self.previous_assessment) || self.season.all {
            return None;
        }
        let pairs = self
            .assessment
            .dimensions
            .iter()
            .zip(&self.previous_assessment.dimensions);
        let lower = pairs.filter(|(now, before)| {
            now.score
                .zip(before.score)
                .is_some_and(|(now, before)| before - now > 1.0 + TOLERANCE)
        });
        if lower.count() < rule.fall_dimensions as usize {
            return None;
        }
        let now = self.assessment.rounded()?;
        let reason = Reason::about(StandingReason::Fell);
        let before = self.windows.previous().ending_on;
        Some(Reason {
            on: Some(before),
            number: Some(f64::from(now)),
            against: Some(f64::from(now - change)),
            ..reason
        })
    }

    pub(super) fn usage_fell(&self) -> Option<Reason> {
        let rule = &self.policy.standing;
        let (now, before) = self.usage();
        let feed_alive = self
            .catalogue
            .last_usage_on()
            .is_some_and(|day| self.within(day, rule.usage_feed_days));
        let fell = before + TOLERANCE >= rule.usage_days && now <= rule.usage_share * before + TOLERANCE;
        if !fell || !feed_alive || self.season.usage {
            return None;
        }
        let reason = Reason::about(StandingReason::UsageFell);
        let before_on = self.windows.previous().ending_on;
        Some(Reason {
            on: Some(before_on),
            number: Some(now),
            against: Some(before),
            ..reason
        })
    }
}
