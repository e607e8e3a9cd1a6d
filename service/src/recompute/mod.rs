//! Scores accounts and stores the result: batch by batch, in memory that does not grow with the book, the next batch
//! being read while the last one is scored and written. Running it twice changes nothing.

mod batch;
mod selection;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use engagement::id::AccountId;
use engagement::score::{Assessment, round};
use engagement::vocabulary::Pattern;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::access::Access;
use crate::account::external_ids;
use crate::alert::evaluation::AlertCounts;
use crate::db::Db;
use crate::error::ServiceError;
use crate::settings::Settings;
pub(crate) use batch::ScoredAccount;
use batch::{Batch, Keep, Scoring};
pub use selection::{Portion, Which};
use selection::{Span, count};
pub(crate) use selection::{is_active, portions, scored_on};

/// Which accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All that are customers on the day.
    All,
    /// Those that are customers on the day and have no score for it.
    Missing,
    /// Those that changed since they were last scored.
    Touched,
    /// These.
    Accounts(Vec<AccountId>),
}

/// What to score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recompute {
    /// The instant of the evaluation.
    pub as_of: DateTime<Utc>,
    /// The last day that counts.
    pub ending_on: NaiveDate,
    /// Which accounts.
    pub scope: Scope,
}

/// An account that could not be scored, while others were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Which; absent for all of a batch.
    pub account: Option<AccountId>,
    /// For which day.
    pub day: NaiveDate,
    /// As imports call it.
    pub name: String,
    /// Why; the log says more.
    pub reason: String,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recomputed {
    /// Accounts that were scored and stored.
    pub accounts: u64,
    /// Of these, accounts without a pattern: not enough data.
    pub without_pattern: u64,
    /// Of these, accounts whose score is provisional.
    pub provisional: u64,
    /// Accounts of each pattern, in the order of [`Pattern::ALL`].
    pub patterns: [u64; 4],
    /// Coverage of the accounts without a pattern, least and most, in whole percent.
    pub thin_coverage: Option<(i32, i32)>,
    /// What became of the accounts' alerts.
    pub alerts: AlertCounts,
    /// Accounts that could not be scored.
    pub set_aside: Vec<SetAside>,
}

impl Recomputed {
    fn count(&mut self, assessment: &Assessment) {
        self.accounts += 1;
        self.provisional += u64::from(assessment.provisional.is_some());
        if let Some(at) = assessment.pattern.and_then(|pattern| Pattern::ALL.iter().position(|one| *one == pattern)) {
            self.patterns[at] += 1;
        } else {
            self.without_pattern += 1;
            let coverage = round(assessment.coverage);
            self.widen((coverage, coverage));
        }
    }

    fn widen(&mut self, (least, most): (i32, i32)) {
        self.thin_coverage = Some(self.thin_coverage.map_or((least, most), |(a, b)| (Ord::min(a, least), Ord::max(b, most))));
    }

    /// Adds what another batch, or another run, did.
    pub fn add(&mut self, other: &Self) {
        self.accounts += other.accounts;
        self.without_pattern += other.without_pattern;
        self.provisional += other.provisional;
        for (sum, more) in self.patterns.iter_mut().zip(other.patterns) {
            *sum += more;
        }
        if let Some(coverage) = other.thin_coverage {
            self.widen(coverage);
        }
        self.alerts.add(&other.alerts);
        self.set_aside.extend(other.set_aside.iter().cloned());
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Accounts stored so far.
    pub done: u64,
    /// Accounts to store.
    pub total: u64,
}

/// Scores accounts for the policy's standard period and stores one row for each. Where it is the present score, the
/// accounts' alerts follow it in the same transaction. An account that cannot be scored keeps no other from its score.
///
/// # Errors
/// Those of the database, and what keeps many accounts from being scored. Batches that were stored before stay.
pub async fn recompute(
    db: &Db,
    access: &Access,
    settings: &Settings,
    request: &Recompute,
    progress: impl Fn(Progress),
) -> Result<Recomputed, ServiceError> {
    run(db, access, settings, request, Span::default(), Keep::Scores, progress).await
}

/// Scores a portion of a shared run.
///
/// # Errors
/// As [`recompute()`].
pub async fn recompute_portion(
    db: &Db,
    access: &Access,
    settings: &Settings,
    portion: &Portion,
    as_of: DateTime<Utc>,
) -> Result<Recomputed, ServiceError> {
    run(db, access, settings, &portion.request(as_of), portion.span(), Keep::Scores, |_| {}).await
}

/// Lets the alerts of all customers follow what is true now, without storing a score.
///
/// # Errors
/// As [`recompute()`].
pub(crate) async fn examine(db: &Db, access: &Access, settings: &Settings, as_of: DateTime<Utc>) -> Result<Recomputed, ServiceError> {
    let request = Recompute { as_of, ending_on: settings.day_of(as_of), scope: Scope::All };
    run(db, access, settings, &request, Span::default(), Keep::Alerts, |_| {}).await
}

async fn run(
    db: &Db,
    access: &Access,
    settings: &Settings,
    request: &Recompute,
    span: Span,
    keep: Keep,
    progress: impl Fn(Progress),
) -> Result<Recomputed, ServiceError> {
    let scoring = Arc::new(Scoring::prepare(db, access, settings, request, keep).await?);
    scoring.forget_former().await?;
    let total = count(db, access, request, span).await?;
    let mut done = Recomputed::default();
    progress(Progress { done: 0, total });
    // One batch waits while another is scored and written: the database reads ahead by no more than that.
    let (sender, mut batches) = mpsc::channel(1);
    let reading = tokio::spawn(read_on(Arc::clone(&scoring), span, sender));
    while let Some(read) = batches.recv().await {
        let Read { ids, batch } = read?;
        match scoring.finish(batch).await {
            Ok(part) => done.add(&part),
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => done.add(&scoring.set_aside(ids, error, done.set_aside.len()).await?),
        }
        progress(Progress { done: done.accounts, total });
    }
    // It has ended, or the channel would be open; a panic in it is a bug that must not look like the end of the list.
    reading.await.map_err(|error| ServiceError::internal("reading accounts to score", error))?;
    name(db, access, &mut done.set_aside).await?;
    Ok(done)
}

/// A batch, read or not.
struct Read {
    ids: Vec<AccountId>,
    batch: Result<Batch, ServiceError>,
}

/// Reads batch after batch of a span.
async fn read_on(scoring: Arc<Scoring>, mut span: Span, batches: mpsc::Sender<Result<Read, ServiceError>>) {
    loop {
        let read = match scoring.next(span).await {
            Ok(ids) => {
                let Some(last) = ids.last() else { return };
                span.after = Some(*last);
                let batch = scoring.read(&ids).await;
                Ok(Read { ids, batch })
            }
            Err(error) => Err(error),
        };
        let failed = read.is_err();
        // Nobody listens any more when a write has failed.
        if batches.send(read).await.is_err() || failed {
            return;
        }
    }
}

/// Says of accounts what imports call them.
async fn name(db: &Db, access: &Access, set_aside: &mut [SetAside]) -> Result<(), ServiceError> {
    if set_aside.is_empty() {
        return Ok(());
    }
    let ids: Vec<AccountId> = set_aside.iter().filter_map(|one| one.account).collect();
    let names = external_ids(db, access, &ids).await?;
    for one in set_aside {
        if let Some(name) = one.account.and_then(|account| names.get(&account)) {
            name.clone_into(&mut one.name);
        }
    }
    Ok(())
}
