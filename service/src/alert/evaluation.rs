//! What evaluations do to alerts: for a batch of accounts the stored alerts are read, the domain says what becomes of each
//! (`engagement::guardrail`, `engagement::alert`), and that is written, with the messages of the ladder, in the caller's
//! transaction. A fixed number of statements, whatever the number of accounts; running it again changes nothing.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use engagement::alert::Alert;
use engagement::alert::lifecycle::{Decision, EvaluationDay, Event, Step, steps};
use engagement::id::{AccountId, AlertId};

use super::escalation::{Told, escalate};
use super::facts::Facts;
use super::round::{Examined, Round};
use super::stored::{StoredAlert, note_first_evaluations, standing, write};
use crate::db::Tx;
use crate::error::ServiceError;
use crate::outbox::NewMessage;
use crate::settings::Settings;

/// What a round did.
#[derive(Debug, Default)]
pub(crate) struct RoundResult {
    /// How many alerts it opened, reopened, raised or resolved.
    pub(crate) counts: AlertCounts,
    /// Who is told of which alert.
    pub(crate) told: Told,
    /// What is to be queued once all alerts of the transaction are written ([`super::joining::queue`]).
    pub(crate) messages: Vec<NewMessage>,
}

impl RoundResult {
    /// Adds what another part of the same transaction did.
    pub(crate) fn add(&mut self, other: Self) {
        self.counts.add(&other.counts);
        self.told.extend(other.told);
        self.messages.extend(other.messages);
    }
}

/// What evaluations did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AlertCounts {
    /// New alerts.
    pub opened: u64,
    /// Resolved ones that came back.
    pub reopened: u64,
    /// Those that became worse.
    pub raised: u64,
    /// Those that resolved themselves.
    pub resolved: u64,
    /// Those that came back from a snooze.
    pub returned: u64,
    /// Messages queued.
    pub messages: u64,
}

impl AlertCounts {
    /// Adds what another batch, or another run, did.
    pub fn add(&mut self, other: &Self) {
        self.opened += other.opened;
        self.reopened += other.reopened;
        self.raised += other.raised;
        self.resolved += other.resolved;
        self.returned += other.returned;
        self.messages += other.messages;
    }

    pub(super) fn count(&mut self, decisions: &[Decision<AlertId>]) {
        for decision in decisions {
            match decision.step {
                Step::Open(_) => self.opened += 1,
                Step::Change(Event::Reopened, _) => self.reopened += 1,
                Step::Change(Event::Raised, _) => self.raised += 1,
                Step::Change(Event::Resolved, _) => self.resolved += 1,
                Step::Change(Event::Returned, _) => self.returned += 1,
                Step::Change(Event::Updated, _) | Step::Keep => {}
            }
        }
    }
}

/// Lets the alerts of a batch follow what was found. The caller holds the accounts, and queues the messages.
///
/// # Errors
/// Those of the database.
pub(crate) async fn follow(
    tx: &Tx,
    settings: &Settings,
    round: &Round<'_>,
    batch: &[Examined<'_>],
) -> Result<RoundResult, ServiceError> {
    let accounts: Vec<AccountId> = batch.iter().map(Examined::account).collect();
    if accounts.is_empty() {
        return Ok(RoundResult::default());
    }
    // A round that looks at some rules only is no evaluation of the account.
    let known = if round.only.is_none() {
        note_first_evaluations(tx, &accounts, round.day).await?
    } else {
        Vec::new()
    };
    let keys: Vec<Option<AccountId>> = accounts.iter().copied().map(Some).collect();
    let mut standing = standing(tx, &keys).await?;
    let facts = Facts::read(tx, settings, round, batch).await?;
    let mut next = Next::default();
    let mut result = RoundResult::default();
    for examined in batch {
        let account = examined.account();
        let stored = standing.remove(&Some(account)).unwrap_or_default();
        let alerts: Vec<(AlertId, Alert)> = stored
            .iter()
            .map(|stored| (stored.id, stored.alert.clone()))
            .collect();
        let first = round.only.is_none() && !known.contains(&account);
        let evaluation = EvaluationDay {
            day: round.day,
            at: round.at,
            first,
        };
        let found = facts.conditions(examined, &alerts, &evaluation, round, settings);
        let decisions = steps(&alerts, &found, &evaluation, &settings.policy.alerts);
        result.counts.count(&decisions);
        let from = next.alerts.len();
        next.take(Some(account), stored, decisions, round.at);
        if let Examined::Customer(scored) = examined {
            facts.draw_pictures(&mut next.alerts[from..], scored, settings);
        }
    }
    next.finish(tx, settings, round.at, &mut result).await?;
    Ok(result)
}

/// The alerts of a batch after their steps, and which of them are to be written.
#[derive(Default)]
pub(super) struct Next {
    alerts: Vec<StoredAlert>,
    changes: Vec<Change>,
}

/// What an evaluation did to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    Some,
    /// It opened, for the first time or again.
    Opened,
}

impl Next {
    /// Takes in the alerts of one account, with what is to become of them.
    pub(super) fn take(
        &mut self,
        account: Option<AccountId>,
        stored: Vec<StoredAlert>,
        decisions: Vec<Decision<AlertId>>,
        at: DateTime<Utc>,
    ) {
        let mut changes: HashMap<AlertId, (Change, Alert)> = HashMap::new();
        for Decision { id, step } in decisions {
            match (id, step) {
                (_, Step::Open(alert)) => self.push(StoredAlert::opened(account, *alert, at), Change::Opened),
                (Some(id), Step::Change(event, alert)) => {
                    let change = if event == Event::Reopened {
                        Change::Opened
                    } else {
                        Change::Some
                    };
                    changes.insert(id, (change, *alert));
                }
                (None, Step::Change(..)) | (_, Step::Keep) => {}
            }
        }
        for stored in stored {
            match changes.remove(&stored.id) {
                Some((change, alert)) => self.push(stored.changed(alert), change),
                None => self.push(stored, Change::None),
            }
        }
    }

    fn push(&mut self, stored: StoredAlert, change: Change) {
        self.alerts.push(stored);
        self.changes.push(change);
    }

    /// Those that opened, for the first time or again.
    pub(super) fn opened(&self) -> Vec<StoredAlert> {
        self.alerts
            .iter()
            .zip(&self.changes)
            .filter(|(_, change)| **change == Change::Opened)
            .map(|(stored, _)| stored.clone())
            .collect()
    }

    /// Lets them climb and writes what has changed.
    pub(super) async fn finish(
        mut self,
        tx: &Tx,
        settings: &Settings,
        at: DateTime<Utc>,
        result: &mut RoundResult,
    ) -> Result<(), ServiceError> {
        let climbed = escalate(tx, settings, at, &mut self.alerts).await?;
        for place in climbed.places {
            self.changes[place] = Change::Some;
        }
        let changed = self
            .alerts
            .into_iter()
            .zip(self.changes)
            .filter(|(_, change)| *change != Change::None)
            .map(|(stored, _)| stored);
        write(tx, changed.collect()).await?;
        result.messages.extend(climbed.messages);
        result.told.extend(climbed.told);
        Ok(())
    }
}
