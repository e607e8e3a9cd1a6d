//! Scores accounts and stores the result: batch by batch, in memory that does not grow with the book, the next batch
//! being read while the last one is scored and written. Running it twice changes nothing.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use engagement::evaluation::{Evaluation, evaluate};
use engagement::id::AccountId;
use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::row::AccountRows;
use engagement::score::{Assessment, round};
use engagement::sponsor::{Sponsors, sponsors};
use engagement::vocabulary::{AccountStatus, Pattern};
use engagement::windows::Windows;
use entity::{account, assessment, touched_account};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::alert::evaluation::{self, AlertCounts, Examined, Round};
use crate::alert::feed::StaleFeeds;
use crate::alert::stored::hold;
use crate::assessment::{Run, store, to_row};
use crate::db::Db;
use crate::dialect::id_in;
use crate::engagement_rows::{Organisation, load};
use crate::error::{During, ServiceError};
use crate::policy::hash;
use crate::settings::Settings;
use crate::sponsor_level;
use crate::touched;

/// Accounts of a batch: enough that statements cost nothing beside rows, few enough that a batch fits in a few megabytes.
const BATCH: u64 = 500;

/// Which accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All that are customers on the day.
    All,
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

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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
/// accounts' alerts follow it in the same transaction.
///
/// # Errors
/// Those of the database. Batches that were stored before stay.
pub async fn recompute(
    db: &Db,
    access: &Access,
    settings: &Settings,
    request: &Recompute,
    progress: impl Fn(Progress),
) -> Result<Recomputed, ServiceError> {
    run(db, access, settings, request, Keep::Scores, progress).await
}

/// Lets the alerts of all customers follow what is true now, without storing a score.
///
/// # Errors
/// Those of the database. Batches that were written before stay.
pub(crate) async fn examine(db: &Db, access: &Access, settings: &Settings, as_of: DateTime<Utc>) -> Result<Recomputed, ServiceError> {
    let request = Recompute { as_of, ending_on: settings.day_of(as_of), scope: Scope::All };
    run(db, access, settings, &request, Keep::Alerts, |_| {}).await
}

/// What of an evaluation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// The scores, and the alerts.
    Scores,
    /// The alerts.
    Alerts,
}

async fn run(
    db: &Db,
    access: &Access,
    settings: &Settings,
    request: &Recompute,
    keep: Keep,
    progress: impl Fn(Progress),
) -> Result<Recomputed, ServiceError> {
    let windows = settings.windows(request.ending_on, request.as_of);
    let organisation = Arc::new(Organisation::read(db, access, &windows).await?);
    let run = Run { as_of: windows.at, data_through: organisation.data_through, policy_hash: hash(&settings.policy) };
    // Only what is about today settles the notes of changes, and only that do alerts follow.
    let present = request.ending_on == settings.day_of(request.as_of);
    let stale = if present { StaleFeeds::read(db.read(), settings, request.ending_on).await? } else { StaleFeeds::default() };
    let total = count(db, access, request).await?;
    let mut done = Recomputed::default();
    progress(Progress { done: 0, total });
    // One batch waits while another is scored and written: the database reads ahead by no more than that.
    let (sender, mut batches) = mpsc::channel(1);
    let reader = Reader {
        db: db.clone(),
        access: access.clone(),
        request: request.clone(),
        organisation: Arc::clone(&organisation),
        windows,
        present,
    };
    let reading = tokio::spawn(reader.run(sender));
    while let Some(batch) = batches.recv().await {
        let Batch { rows, over, notes } = batch?;
        let scored = score(rows, &organisation, &settings.policy, windows).await?;
        let alerts = db
            .write_tx(async |tx| {
                let customers = scored.accounts.iter().map(|account| account.rows.account.id);
                let accounts: Vec<AccountId> = customers.chain(over.iter().copied()).collect();
                // Accounts before everything else, as everywhere: so nobody waits for somebody who waits for them.
                hold(tx, &accounts).await?;
                if keep == Keep::Scores {
                    store(tx, scored.accounts.iter().map(|account| account.to_row(&run)).collect()).await?;
                    let levels = scored.accounts.iter().map(|account| (&account.rows, &account.sponsors));
                    sponsor_level::record(tx, request.ending_on, levels).await?;
                }
                if !present {
                    return Ok(AlertCounts::default());
                }
                let renewed = touched::renewed(tx, &accounts, &notes).await?;
                if keep == Keep::Scores {
                    touched::settle(tx, &notes).await?;
                }
                let customers = scored.accounts.iter().map(Examined::Customer);
                // What has changed since it was read is examined in a minute, when that is read.
                let examined: Vec<Examined<'_>> = customers
                    .chain(over.iter().map(|account| Examined::Over(*account)))
                    .filter(|examined| !renewed.contains(&examined.account()))
                    .collect();
                let round = Round { day: request.ending_on, at: request.as_of, stale: &stale.feeds, only: None };
                Ok(evaluation::follow(tx, settings, &round, &examined).await?.counts)
            })
            .await?;
        done.add(&scored.counts);
        done.alerts.add(&alerts);
        progress(Progress { done: done.accounts, total });
    }
    // It has ended, or the channel would be open; a panic in it is a bug that must not look like the end of the list.
    reading.await.map_err(|_| ServiceError::Conflict("reading accounts to score was cut short".to_owned()))?;
    Ok(done)
}

/// A batch that has been read.
struct Batch {
    /// Customers.
    rows: Vec<AccountRows>,
    /// Accounts that are no customers any more.
    over: Vec<AccountId>,
    notes: HashMap<Uuid, i64>,
}

/// Reads batch after batch.
struct Reader {
    db: Db,
    access: Access,
    request: Recompute,
    organisation: Arc<Organisation>,
    windows: Windows,
    /// Whether it is about today.
    present: bool,
}

impl Reader {
    async fn run(self, batches: mpsc::Sender<Result<Batch, ServiceError>>) {
        let mut last = None;
        loop {
            let batch = self.next(&mut last).await.transpose();
            let Some(batch) = batch else { return };
            let failed = batch.is_err();
            // Nobody listens any more when a write has failed.
            if batches.send(batch).await.is_err() || failed {
                return;
            }
        }
    }

    async fn next(&self, last: &mut Option<Uuid>) -> Result<Option<Batch>, ServiceError> {
        let ids = next_accounts(&self.db, &self.access, &self.request, *last).await?;
        let Some(newest) = ids.last() else { return Ok(None) };
        *last = Some(newest.uuid());
        let notes = if self.present { touched::notes(&self.db, &ids, self.request.as_of).await? } else { HashMap::new() };
        let mut rows = load(&self.db, &self.access, &self.organisation, &self.windows, &ids).await?;
        let is_over = |rows: &AccountRows| !rows.account.is_active_on(self.request.ending_on);
        let over = rows.iter().filter(|rows| is_over(rows)).map(|rows| rows.account.id).collect();
        rows.retain(|rows| !is_over(rows));
        Ok(Some(Batch { rows, over, notes }))
    }
}

struct Scored {
    accounts: Vec<ScoredAccount>,
    counts: Recomputed,
}

/// One account with what follows from its rows: everything that is written in the batch's transaction starts from it.
#[derive(Debug)]
pub(crate) struct ScoredAccount {
    pub(crate) rows: AccountRows,
    pub(crate) evaluation: Evaluation,
    pub(crate) sponsors: Sponsors,
}

impl ScoredAccount {
    /// Scores an account. An alert names the rows behind it; most accounts raise none, and nobody asks for theirs.
    pub(crate) fn of(rows: AccountRows, organisation: &Organisation, policy: &Policy, windows: &Windows) -> Self {
        let mut evaluation = evaluate(&rows, organisation.catalogue(), policy, windows, Collect::Numbers);
        if !evaluation.signals.is_empty() || evaluation.current.measures.single_threaded() {
            evaluation = evaluate(&rows, organisation.catalogue(), policy, windows, Collect::Evidence);
        }
        let sponsors = sponsors(&rows, policy, windows);
        Self { rows, evaluation, sponsors }
    }

    fn to_row(&self, run: &Run) -> assessment::ActiveModel {
        to_row(run, self.rows.account.id, &self.evaluation, &self.sponsors)
    }
}

/// Scores a batch, off the threads that serve requests.
async fn score(
    rows: Vec<AccountRows>,
    organisation: &Arc<Organisation>,
    policy: &Arc<Policy>,
    windows: Windows,
) -> Result<Scored, ServiceError> {
    let (organisation, policy) = (Arc::clone(organisation), Arc::clone(policy));
    let scoring = tokio::task::spawn_blocking(move || {
        let mut scored = Scored { accounts: Vec::with_capacity(rows.len()), counts: Recomputed::default() };
        for rows in rows {
            let account = ScoredAccount::of(rows, &organisation, &policy, &windows);
            scored.counts.count(&account.evaluation.assessment);
            scored.accounts.push(account);
        }
        scored
    });
    scoring.await.map_err(|_| ServiceError::Conflict("scoring a batch of accounts was cut short".to_owned()))
}

/// The accounts of a request, and the column that names them: a list of their own for those that changed.
fn accounts(db: &Db, access: &Access, request: &Recompute) -> SelectStatement {
    let id = (account::Entity, account::Column::Id);
    let mut select = Query::select();
    select.from(account::Entity).cond_where(visible_accounts(access, id));
    match &request.scope {
        Scope::All => select.cond_where(is_active(request.ending_on)),
        Scope::Accounts(accounts) => {
            select.cond_where(is_active(request.ending_on)).and_where(id_in(db.backend(), id, accounts.iter().map(|id| id.uuid())))
        }
        // Also those that are no customers any more: their notes are settled without a score.
        Scope::Touched => {
            select.inner_join(touched_account::Entity, Expr::col((touched_account::Entity, touched_account::Column::AccountId)).equals(id))
        }
    };
    select
}

pub(crate) fn is_active(day: NaiveDate) -> Condition {
    use account::Column;
    Condition::any()
        .add(Column::ChurnedOn.gt(day))
        .add(Condition::all().add(Column::ChurnedOn.is_null()).add(Column::Status.eq(AccountStatus::Active.as_str())))
}

async fn count(db: &Db, access: &Access, request: &Recompute) -> Result<u64, ServiceError> {
    let mut select = accounts(db, access, request);
    select.expr_as(Expr::cust("count(*)"), Alias::new("accounts"));
    let row = db.read().query_one(&select).await.during("counting accounts to score")?;
    let total: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0)).during("counting accounts to score")?;
    Ok(u64::try_from(total).unwrap_or(0))
}

async fn next_accounts(db: &Db, access: &Access, request: &Recompute, last: Option<Uuid>) -> Result<Vec<AccountId>, ServiceError> {
    let id = (account::Entity, account::Column::Id);
    let mut select = accounts(db, access, request);
    select.column(id).order_by(id, Order::Asc).limit(BATCH);
    if let Some(last) = last {
        select.and_where(Expr::col(id).gt(last));
    }
    let operation = "listing accounts to score";
    let rows = db.read().query_all(&select).await.during(operation)?;
    rows.iter().map(|row| row.try_get_by_index::<Uuid>(0).map(AccountId::from)).collect::<Result<_, _>>().during(operation)
}
