//! Reasons that signals, the score and the number of people give.

use super::grounds::Grounds;
use super::reason::Reason;
use crate::row::ContactIndex;
use crate::signal::{RaisedSignal, is_grave};
use crate::vocabulary::{AccountTier, Pattern, Severity, Signal, StandingReason};

impl Grounds<'_> {
    pub(super) fn hangs_on_one(&self) -> Option<Reason> {
        let people = self.current.too_few_people(self.policy)?;
        if self.rows.account.tier == AccountTier::Smb {
            return None;
        }
        // Whoever carries most of it; of equals the first by external id.
        let external_id = |contact: &usize| {
            self.rows
                .contacts
                .get(*contact)
                .map(|contact| contact.external_id.as_str())
        };
        let most = (0..self.touches.len())
            .filter(|contact| self.touches[*contact].in_conversation())
            .max_by(|a, b| {
                self.touches[*a]
                    .days
                    .cmp(&self.touches[*b].days)
                    .then_with(|| external_id(b).cmp(&external_id(a)))
            });
        let touch = most.map(|contact| self.touches[contact]);
        Some(Reason {
            contact: most.and_then(|contact| self.id(contact as ContactIndex)),
            on: touch.and_then(|touch| touch.last_touch_on),
            number: Some(people),
            ..Reason::about(StandingReason::HangsOnOne)
        })
    }

    /// HIGH and CRITICAL signals other than the missing sponsor.
    pub(super) fn several_signals(&self) -> Option<Reason> {
        let grave =
            |raised: &&RaisedSignal| is_grave(raised.severity) && raised.signal != Signal::SponsorMissing;
        let signals: Vec<(Signal, Severity)> = self
            .signals
            .iter()
            .filter(grave)
            .map(|s| (s.signal, s.severity))
            .collect();
        let enough = signals.len() >= self.policy.standing.signals as usize;
        enough.then(|| Reason {
            number: Some(signals.len() as f64),
            signals,
            ..Reason::about(StandingReason::Signals)
        })
    }

    pub(super) fn support(&self) -> Option<Reason> {
        let surge = self
            .signals
            .iter()
            .find(|raised| raised.signal == Signal::SupportSurge)?;
        Some(Reason {
            number: Some(self.current.support_rate()),
            against: Some(self.previous.support_rate()),
            signals: vec![(surge.signal, surge.severity)],
            ..Reason::about(StandingReason::Support)
        })
    }

    pub(super) fn low_score(&self) -> Option<Reason> {
        let low = matches!(
            self.assessment.pattern,
            Some(Pattern::LowEngaged | Pattern::Disengaged)
        );
        let overall = self.assessment.rounded().filter(|_| low)?;
        Some(Reason {
            number: Some(f64::from(overall)),
            ..Reason::about(StandingReason::Score)
        })
    }

    pub(super) fn one_signal(&self) -> Option<Reason> {
        let signals: Vec<(Signal, Severity)> = self
            .graves()
            .map(|raised| (raised.signal, raised.severity))
            .collect();
        (!signals.is_empty()).then(|| Reason {
            signals,
            ..Reason::about(StandingReason::Signal)
        })
    }
}
