//! The signals as people are told of them. A report shows the severity and the words that the alert has.

use super::executive_contact;
use super::one_cause::raise;
use crate::evaluation::Evaluation;
use crate::policy::Policy;
use crate::row::AccountRows;
use crate::signal::RaisedSignal;
use crate::vocabulary::Signal;

/// The signals as people are told of them: as severe as their alerts, and in the same words.
pub(crate) fn told_signals(
    rows: &AccountRows,
    evaluation: &Evaluation,
    policy: &Policy,
) -> Vec<RaisedSignal> {
    let mut signals = evaluation.signals.clone();
    if let Some(missing) = signals
        .iter_mut()
        .find(|raised| raised.signal == Signal::SponsorMissing)
        && let Some(silent) = executive_contact::check(rows, evaluation, policy)
    {
        raise(&mut missing.severity, &mut missing.message, &silent);
    }
    signals
}
