//! The ledger of job runs: one row per job and slot, and the row is the lock.
//!
//! Whoever inserts the row runs the slot; nobody else can, and no other slot of the job is begun while it is under way. A run
//! is its worker's for a minute at a time ([`LEASE`]): a worker that is alive renews it, one that stops hands it back (the row
//! goes), and what a worker leaves behind that was killed is taken over by the next one that looks. Each holder has a number,
//! so that one that comes back late changes nothing. What time it is says the shared clock ([`crate::shared_clock`]). A run that
//! several workers share has no lease: its batches have (`job_batch`), and whoever finishes the last of them settles it.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{job_batch, job_run};
use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};
use uuid::Uuid;

use crate::clock::instant;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::shared_clock::shared_now;

/// How long a run, or a batch of one, is its worker's without a sign of life.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// What a run counted, by name.
pub type RunCounts = BTreeMap<String, u64>;

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunOutcome {
    /// It is under way, or waits for somebody to go on with it.
    Running,
    /// It did its work.
    Done,
    /// It did its work but for what its error names.
    Partial,
    /// It could not.
    Failed,
    /// Its slot was too long ago to be made up for.
    Missed,
}

impl RunOutcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [Self::Running, Self::Done, Self::Partial, Self::Failed, Self::Missed];

    /// As the column holds it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Done => "DONE",
            Self::Partial => "PARTIAL",
            Self::Failed => "FAILED",
            Self::Missed => "MISSED",
        }
    }

    fn parse(text: &str) -> Result<Self, ServiceError> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text).ok_or_else(|| ServiceError::Stored {
            table: "job_run",
            column: "outcome",
            value: text.to_owned(),
        })
    }
}

/// One run, as the ledger has it.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRun {
    /// Which row.
    pub id: Uuid,
    /// Which job.
    pub job: String,
    /// Which slot.
    pub slot_at: DateTime<Utc>,
    /// Who began it, or had it last.
    pub worker: String,
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// Until when.
    pub finished_at: Option<DateTime<Utc>>,
    /// What became of it.
    pub outcome: RunOutcome,
    /// What it counted.
    pub counts: RunCounts,
    /// What failed.
    pub error: Option<String>,
    /// How often it was begun.
    pub attempts: u32,
    /// Until when its worker has it; absent for one that is shared, and for one that waits to be gone on with.
    pub leased_until: Option<DateTime<Utc>>,
}

/// A run that is ours, until it is settled, handed back, or taken from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    id: Uuid,
    attempt: i32,
}

impl Claim {
    /// The run's row.
    pub const fn run(&self) -> Uuid {
        self.id
    }
}

/// Claims a slot of a job for a worker; `None` when somebody else has it, or is at another slot of the job. Runs of earlier
/// slots that nobody goes on with are closed: this one makes up for them.
///
/// # Errors
/// Those of the database.
pub async fn claim(db: &Db, job: &str, slot_at: DateTime<Utc>, worker: &str, now: DateTime<Utc>) -> Result<Option<Claim>, ServiceError> {
    let ahead = db.clock_ahead();
    db.write_tx(async |tx| {
        let now = shared_now(tx, now).await?;
        close_abandoned(tx, job, job_run::Column::SlotAt.lt(slot_at.timestamp_micros()), now).await?;
        if is_under_way(tx, job, Some(slot_at), now).await? {
            return Ok(None);
        }
        let claim = Claim { id: new_id(now), attempt: 1 };
        let row = job_run::ActiveModel {
            leased_until: Set(Some(lease(now))),
            ..row_of(claim.id, job, slot_at, (worker, ahead), RunOutcome::Running, now)
        };
        if insert(tx, row).await? { Ok(Some(claim)) } else { take_over(tx, job, slot_at, (worker, ahead), now).await }
    })
    .await
}

/// Begins a run of a job that has no slots and of which there may be several at once: its slot is when it began. Runs that
/// nobody has any more are closed.
///
/// # Errors
/// Those of the database.
pub async fn begin_burst(db: &Db, job: &str, worker: &str, now: DateTime<Utc>) -> Result<Claim, ServiceError> {
    let ahead = db.clock_ahead();
    db.write_tx(async |tx| {
        let now = shared_now(tx, now).await?;
        close_abandoned(tx, job, job_run::Column::SlotAt.lte(now.timestamp_micros()), now).await?;
        let claim = Claim { id: new_id(now), attempt: 1 };
        // Another worker may have begun one in the same microsecond.
        for later in 0..MOST_AT_ONCE {
            let slot_at = now + TimeDelta::microseconds(later);
            let row = job_run::ActiveModel {
                leased_until: Set(Some(lease(now))),
                ..row_of(claim.id, job, slot_at, (worker, ahead), RunOutcome::Running, now)
            };
            if insert(tx, row).await? {
                return Ok(claim);
            }
        }
        Err(ServiceError::internal("beginning a run", format!("{MOST_AT_ONCE} runs of {job} began at once")))
    })
    .await
}

/// As many workers may begin a run of a job without slots in the same microsecond.
const MOST_AT_ONCE: i64 = 1_000;

fn lease(now: DateTime<Utc>) -> i64 {
    (now + LEASE).timestamp_micros()
}

fn micros(span: TimeDelta) -> i64 {
    span.num_microseconds().unwrap_or(i64::MAX)
}

/// Writes a row unless its slot has one.
pub(crate) async fn insert(tx: &Tx, row: job_run::ActiveModel) -> Result<bool, ServiceError> {
    let inserted = job_run::Entity::insert(row)
        .on_conflict(OnConflict::columns([job_run::Column::Job, job_run::Column::SlotAt]).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await
        .during("claiming a job's slot")?;
    Ok(inserted > 0)
}

/// Whether somebody is at a run of the job, of another slot than this one.
pub(crate) async fn is_under_way(tx: &Tx, job: &str, but: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<bool, ServiceError> {
    let found = job_run::Entity::find()
        .select_only()
        .column(job_run::Column::Id)
        .filter(job_run::Column::Job.eq(job))
        .filter(job_run::Column::Outcome.eq(RunOutcome::Running.as_str()))
        .filter(is_free(now).not())
        .filter(but.map_or_else(Condition::all, |slot| Condition::all().add(job_run::Column::SlotAt.ne(slot.timestamp_micros()))))
        .limit(1)
        .into_tuple::<Uuid>()
        .one(tx)
        .await
        .during("looking for a run under way")?;
    Ok(found.is_some())
}

/// Takes over a run that nobody has any more. Its number changes: that fences the old worker off.
async fn take_over(
    tx: &Tx,
    job: &str,
    slot_at: DateTime<Utc>,
    (worker, ahead): (&str, TimeDelta),
    now: DateTime<Utc>,
) -> Result<Option<Claim>, ServiceError> {
    let of_slot = Condition::all().add(job_run::Column::Job.eq(job)).add(job_run::Column::SlotAt.eq(slot_at.timestamp_micros()));
    let taken = job_run::Entity::update_many()
        .col_expr(job_run::Column::Worker, Expr::value(worker))
        .col_expr(job_run::Column::StartedAt, Expr::value(now.timestamp_micros()))
        .col_expr(job_run::Column::ClockAhead, Expr::value(micros(ahead)))
        .col_expr(job_run::Column::Attempts, Expr::col(job_run::Column::Attempts).add(1))
        .col_expr(job_run::Column::LeasedUntil, Expr::value(lease(now)))
        .col_expr(job_run::Column::Error, Expr::value(None::<String>))
        .filter(of_slot.clone().add(is_free(now)))
        .exec(tx)
        .await
        .during("taking over an abandoned run")?;
    if taken.rows_affected == 0 {
        return Ok(None);
    }
    let row = job_run::Entity::find().filter(of_slot).one(tx).await.during("reading an abandoned run")?;
    Ok(row.map(|row| Claim { id: row.id, attempt: row.attempts }))
}

/// A run that is not finished and that nobody has: never given to anybody else, its lease run out, or longer than any lease
/// is (the clock was set back since). One that is shared is never free: its batches are.
fn is_free(now: DateTime<Utc>) -> Condition {
    let batches = Query::select()
        .expr(Expr::val(1))
        .from(job_batch::Entity)
        .and_where(Expr::col((job_batch::Entity, job_batch::Column::RunId)).equals((job_run::Entity, job_run::Column::Id)))
        .to_owned();
    Condition::all()
        .add(job_run::Column::Outcome.eq(RunOutcome::Running.as_str()))
        .add(has_lapsed((job_run::Entity, job_run::Column::LeasedUntil), now))
        .add(Expr::exists(batches).not())
}

/// Whether a lease is over, or none.
pub(crate) fn has_lapsed(column: impl IntoColumnRef, now: DateTime<Utc>) -> Condition {
    let until = Expr::col(column);
    Condition::any()
        .add(until.clone().is_null())
        .add(until.clone().lte(now.timestamp_micros()))
        .add(until.gt(longest_lease(now).timestamp_micros()))
}

/// No lease that is running reaches further, unless the clock was set back.
pub(crate) fn longest_lease(now: DateTime<Utc>) -> DateTime<Utc> {
    now + LEASE * 2
}

/// Closes runs that nobody has any more and nobody will go on with: so an abandoned run is seen.
async fn close_abandoned(tx: &Tx, job: &str, which: Expr, now: DateTime<Utc>) -> Result<(), ServiceError> {
    close(tx, Condition::all().add(job_run::Column::Job.eq(job)).add(which).add(is_free(now)), now).await
}

/// Closes runs as abandoned.
pub(crate) async fn close(tx: &Tx, which: Condition, now: DateTime<Utc>) -> Result<(), ServiceError> {
    let why = Expr::cust(
        "'abandoned: ' || worker || ' was not heard of any more, and nobody went on in time' || coalesce('; before that: ' || error, '')",
    );
    let closed = job_run::Entity::update_many()
        .col_expr(job_run::Column::Outcome, Expr::value(RunOutcome::Failed.as_str()))
        .col_expr(job_run::Column::FinishedAt, Expr::value(now.timestamp_micros()))
        .col_expr(job_run::Column::LeasedUntil, Expr::value(None::<i64>))
        .col_expr(job_run::Column::Error, why)
        .filter(which)
        .exec(tx)
        .await
        .during("closing abandoned runs")?;
    if closed.rows_affected > 0 {
        tracing::warn!(runs = closed.rows_affected, "runs were abandoned by their workers, and are closed as failed");
    }
    Ok(())
}

/// Renews our lease; `false` when the run is no longer ours.
///
/// # Errors
/// Those of the database.
pub async fn renew(db: &Db, claim: Claim, now: DateTime<Utc>) -> Result<bool, ServiceError> {
    let renewed = db
        .write_tx(async |tx| {
            let now = shared_now(tx, now).await?;
            job_run::Entity::update_many()
                .col_expr(job_run::Column::LeasedUntil, Expr::value(lease(now)))
                .filter(is_ours(claim))
                .exec(tx)
                .await
                .during("renewing the lease of a run")
        })
        .await?;
    Ok(renewed.rows_affected > 0)
}

/// Writes what became of a claimed slot. `false` when the slot is no longer ours.
///
/// # Errors
/// Those of the database.
pub async fn settle(
    db: &Db,
    claim: Claim,
    outcome: RunOutcome,
    counts: &RunCounts,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, ServiceError> {
    db.write_tx(async |tx| {
        let now = shared_now(tx, now).await?;
        write_outcome(tx, is_ours(claim), outcome, counts, error, now).await
    })
    .await
}

/// Writes what became of a run; `false` where there is no such run.
pub(crate) async fn write_outcome(
    tx: &Tx,
    run: Condition,
    outcome: RunOutcome,
    counts: &RunCounts,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, ServiceError> {
    let settled = job_run::Entity::update_many()
        .col_expr(job_run::Column::FinishedAt, Expr::value(now.timestamp_micros()))
        .col_expr(job_run::Column::Outcome, Expr::value(outcome.as_str()))
        .col_expr(job_run::Column::Counts, Expr::value(serde_json::json!(counts).to_string()))
        // PostgreSQL keeps no NUL in a text.
        .col_expr(job_run::Column::Error, Expr::value(error.map(|error| error.replace('\0', ""))))
        .col_expr(job_run::Column::LeasedUntil, Expr::value(None::<i64>))
        .filter(run)
        .exec(tx)
        .await
        .during("settling a job's run")?;
    Ok(settled.rows_affected > 0)
}

/// Hands a claimed slot back, so that the next worker that looks runs it at once, as if it had never been begun.
///
/// # Errors
/// Those of the database.
pub async fn hand_back(db: &Db, claim: Claim) -> Result<(), ServiceError> {
    db.write_tx(async |tx| job_run::Entity::delete_many().filter(is_ours(claim)).exec(tx).await.during("handing a job's slot back"))
        .await?;
    Ok(())
}

/// Lets go of a claimed slot after something that will pass, and says what: the next worker that looks goes on at once.
///
/// # Errors
/// Those of the database.
pub async fn let_go(db: &Db, claim: Claim, error: &str) -> Result<(), ServiceError> {
    db.write_tx(async |tx| {
        job_run::Entity::update_many()
            .col_expr(job_run::Column::LeasedUntil, Expr::value(None::<i64>))
            .col_expr(job_run::Column::Error, Expr::value(error.replace('\0', "")))
            .filter(is_ours(claim))
            .exec(tx)
            .await
            .during("letting go of a run")
    })
    .await?;
    Ok(())
}

fn is_ours(claim: Claim) -> Condition {
    Condition::all()
        .add(job_run::Column::Id.eq(claim.id))
        .add(job_run::Column::Attempts.eq(claim.attempt))
        .add(job_run::Column::Outcome.eq(RunOutcome::Running.as_str()))
}

/// Writes down a slot that nobody ran and nobody will; one that was begun and abandoned is closed.
///
/// # Errors
/// Those of the database.
pub async fn record_missed(db: &Db, job: &str, slot_at: DateTime<Utc>, worker: &str, now: DateTime<Utc>) -> Result<(), ServiceError> {
    let ahead = db.clock_ahead();
    db.write_tx(async |tx| {
        let now = shared_now(tx, now).await?;
        let row = job_run::ActiveModel {
            finished_at: Set(Some(now.timestamp_micros())),
            ..row_of(new_id(now), job, slot_at, (worker, ahead), RunOutcome::Missed, now)
        };
        close_abandoned(tx, job, job_run::Column::SlotAt.lte(slot_at.timestamp_micros()), now).await?;
        insert(tx, row.clone()).await
    })
    .await
    .map(drop)
}

/// A row of the ledger, by a worker whose clock is so far ahead.
pub(crate) fn row_of(
    id: Uuid,
    job: &str,
    slot_at: DateTime<Utc>,
    (worker, ahead): (&str, TimeDelta),
    outcome: RunOutcome,
    now: DateTime<Utc>,
) -> job_run::ActiveModel {
    job_run::ActiveModel {
        id: Set(id),
        job: Set(job.to_owned()),
        slot_at: Set(slot_at.timestamp_micros()),
        worker: Set(worker.to_owned()),
        started_at: Set(now.timestamp_micros()),
        finished_at: Set(None),
        outcome: Set(outcome.as_str().to_owned()),
        counts: Set("{}".to_owned()),
        error: Set(None),
        attempts: Set(1),
        leased_until: Set(None),
        clock_ahead: Set(micros(ahead)),
    }
}

/// The latest slot of a job that is done, under way or given up; one that was abandoned is none of these. Slots of a future that a
/// clock has seen which was ahead do not count, or nothing would run until then; when they come, their rows keep them from running
/// twice.
///
/// # Errors
/// Those of the database.
pub async fn last_slot(db: &Db, job: &str, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, ServiceError> {
    #[derive(FromQueryResult)]
    struct Latest {
        slot_at: Option<i64>,
    }
    let now = shared_now(db.read(), now).await?;
    let latest = job_run::Entity::find()
        .select_only()
        .column_as(job_run::Column::SlotAt.max(), "slot_at")
        .filter(job_run::Column::Job.eq(job))
        .filter(job_run::Column::SlotAt.lte(now.timestamp_micros()))
        .filter(is_free(now).not())
        .into_model::<Latest>()
        .one(db.read())
        .await
        .during("looking for a job's last slot")?;
    Ok(latest.and_then(|latest| latest.slot_at).map(instant))
}

/// How a job stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// The latest slot that a run has ended for, however, or that was given up.
    pub last_ended_slot: Option<DateTime<Utc>>,
    /// When the run of the latest slot ended that ended well, or well but for what it names.
    pub last_success_at: Option<DateTime<Utc>>,
}

/// How some jobs stand at an instant, in one statement; two looks into an index for each. Later slots do not count.
///
/// # Errors
/// Those of the database.
pub async fn standings(db: &Db, jobs: &[&str], now: DateTime<Utc>) -> Result<HashMap<String, Standing>, ServiceError> {
    let operation = "reading how jobs stand";
    if jobs.is_empty() {
        return Ok(HashMap::new());
    }
    let now = now.timestamp_micros();
    let names: Vec<String> = (1..=jobs.len()).map(|place| format!("SELECT CAST(${place} AS text) AS name")).collect();
    let text = format!(
        "SELECT job.name,
            (SELECT r.slot_at FROM job_run r WHERE r.job = job.name AND r.outcome <> 'RUNNING' AND r.slot_at <= {now} ORDER BY r.slot_at DESC LIMIT 1),
            (SELECT r.finished_at FROM job_run r WHERE r.job = job.name AND r.outcome IN ('DONE', 'PARTIAL') AND r.slot_at <= {now} ORDER BY r.slot_at DESC LIMIT 1)
         FROM ({}) job",
        names.join(" UNION ALL ")
    );
    let statement = Statement::from_sql_and_values(db.backend(), text, jobs.iter().map(|job| (*job).into()));
    let rows = db.read().query_all_raw(statement).await.during(operation)?;
    rows.iter()
        .map(|row| {
            let at = |place| row.try_get_by_index::<Option<i64>>(place).map(|micros| micros.map(instant)).during(operation);
            let name = row.try_get_by_index(0).during(operation)?;
            Ok((name, Standing { last_ended_slot: at(1)?, last_success_at: at(2)? }))
        })
        .collect()
}

/// The latest runs of a job, newest first.
///
/// # Errors
/// Those of the database.
pub async fn latest(db: &Db, job: &str, limit: u64) -> Result<Vec<JobRun>, ServiceError> {
    let rows = job_run::Entity::find()
        .filter(job_run::Column::Job.eq(job))
        .order_by(job_run::Column::StartedAt, Order::Desc)
        .limit(limit)
        .all(db.read())
        .await
        .during("listing a job's runs")?;
    rows.into_iter().map(from_row).collect()
}

/// One run.
///
/// # Errors
/// Those of the database.
pub async fn find(db: &Db, id: Uuid) -> Result<Option<JobRun>, ServiceError> {
    let row = job_run::Entity::find_by_id(id).one(db.read()).await.during("reading a run")?;
    row.map(from_row).transpose()
}

fn from_row(row: job_run::Model) -> Result<JobRun, ServiceError> {
    Ok(JobRun {
        id: row.id,
        outcome: RunOutcome::parse(&row.outcome)?,
        counts: serde_json::from_str(&row.counts).map_err(|_| ServiceError::Stored {
            table: "job_run",
            column: "counts",
            value: row.counts.clone(),
        })?,
        job: row.job,
        slot_at: instant(row.slot_at),
        worker: row.worker,
        started_at: instant(row.started_at),
        finished_at: row.finished_at.map(instant),
        error: row.error,
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        leased_until: row.leased_until.map(instant),
    })
}
