//! From an evaluation to its standing: which reasons hold, and what follows from them. Pure conditions, in the order of
//! docs/scoring.md § 4.

use super::account_standing::Standing;
use super::grounds::Grounds;
use super::reason::Reason;
use crate::signal::RaisedSignal;
use crate::sponsor::Executive;
use crate::vocabulary::tolerance::TOLERANCE;
use crate::vocabulary::{Dimension, Pattern, ServedBy, Severity, Signal, StandingReason, StandingState};

/// The standing of a customer; none for an account that is none any more.
pub(crate) fn decide(grounds: &Grounds<'_>) -> Option<Standing> {
    let day = grounds.windows.ending_on;
    grounds.rows.account.is_active_on(day).then(|| {
        let reasons = grounds.reasons();
        Standing {
            state: grounds.state(&reasons),
            reasons,
        }
    })
}

impl Grounds<'_> {
    fn reasons(&self) -> Vec<Reason> {
        let known = self.known();
        let sponsor_changed = self.sponsor_changed();
        let cold = if sponsor_changed.is_none() && known {
            self.sponsor_cold()
        } else {
            None
        };
        let signals = self.several_signals().filter(|_| known);
        let support = self.support().filter(|_| known);
        let signal = if known && signals.is_none() && support.is_none() {
            self.one_signal()
        } else {
            None
        };
        [
            self.organisation(),
            sponsor_changed,
            self.sponsor_declines(),
            cold,
            self.fell().filter(|_| known),
            self.usage_fell(),
            self.hangs_on_one().filter(|_| known),
            signals,
            support,
            self.low_score().filter(|_| known),
            signal,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn state(&self, reasons: &[Reason]) -> StandingState {
        let known = self.known();
        let decisive = reasons.iter().filter(|reason| reason.reason.decides()).count();
        let weighs = |reason: &&Reason| {
            reason.reason.decides() && !(reason.reason == StandingReason::Organisation && self.settled())
        };
        let at_renewal = reasons.iter().filter(weighs).count();
        let day = self.windows.ending_on;
        let no_renewal_ahead = self.rows.account.renewal_on.is_none_or(|renewal| renewal < day);
        let pattern = self.assessment.pattern;
        let critical = |signal: &&RaisedSignal| {
            signal.severity == Severity::Critical && signal.signal != Signal::SponsorMissing
        };
        if (known
            && (pattern == Some(Pattern::Disengaged) || self.signals.iter().any(|signal| critical(&signal))))
            || (at_renewal >= 1 && self.current.renewal_near)
            || (decisive >= 2 && no_renewal_ahead)
        {
            StandingState::AtRisk
        } else if decisive >= 1 {
            StandingState::Watch
        } else if !known {
            if self.served_by_the_product() {
                StandingState::OnTrack
            } else {
                StandingState::NotKnown
            }
        } else if pattern == Some(Pattern::LowEngaged) || self.graves().next().is_some() {
            StandingState::Watch
        } else {
            StandingState::OnTrack
        }
    }

    /// The primary sponsor is with us, and was so after the latest merger, acquisition or layoffs.
    fn settled(&self) -> bool {
        let well = matches!(
            self.assessment.pattern,
            Some(Pattern::HighlyEngaged | Pattern::ModeratelyEngaged)
        );
        let latest = self.upheavals().map(|change| change.observed_on).max();
        let spoken = |primary: &Executive| {
            primary.level.is_engaged()
                && primary
                    .last_contact_on
                    .is_some_and(|contact| latest.is_none_or(|latest| contact > latest))
        };
        self.known() && well && self.sponsors.primary().is_some_and(spoken)
    }

    /// Who is served by the product is judged by it.
    fn served_by_the_product(&self) -> bool {
        let unmeasured = |dimension| self.assessment.dimension(dimension).is_none_or(|d| !d.measured);
        let product = self
            .assessment
            .dimension(Dimension::Product)
            .and_then(|d| d.score);
        let (now, before) = self.usage();
        let rule = &self.policy.standing;
        self.rows.account.served_by == ServedBy::Pooled
            && unmeasured(Dimension::Frequency)
            && unmeasured(Dimension::Breadth)
            && product.is_some_and(|score| score + TOLERANCE >= rule.served_by_product)
            && before > 0.0
            && now + TOLERANCE >= rule.served_by_product_usage * before
    }
}
