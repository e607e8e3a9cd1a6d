//! Runs that several workers share: cut into batches when they begin, each batch claimed by one worker at a time for as long
//! as it gives a sign of life, and settled by whoever finishes the last batch. A worker that is killed costs its run a minute
//! at most, and its batch; one that comes back late finds that it changes nothing here, and what it scored is what the next
//! one scores.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use engagement::id::AccountId;
use entity::{job_batch, job_run};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Statement,
};
use uuid::Uuid;

use crate::clock::instant;
use crate::db::{Db, Tx};
use crate::dialect::{claim_batch, rows_per_insert};
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::job_run::{LEASE, RunCounts, RunOutcome, close, has_lapsed, insert, is_under_way, longest_lease, row_of, write_outcome};
use crate::recompute::{Portion, SetAside, Which, portions};
use crate::shared_clock::shared_now;

/// How often a batch is begun before it counts as one that kills its workers.
pub const MOST_ATTEMPTS: u32 = 5;
/// As many accounts are named that could not be scored.
const NAMED: usize = 10;

/// What a run is to cover: which accounts of which day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// The day.
    pub day: NaiveDate,
    /// Which accounts.
    pub which: Which,
}

/// A batch that is ours, until it is settled, handed back, or taken from us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchClaim {
    run: Uuid,
    number: i32,
    token: String,
    /// The slot of its run.
    pub slot_at: DateTime<Utc>,
    /// What is to be done.
    pub portion: Portion,
    /// How often it was begun, this time included.
    pub attempts: u32,
}

impl BatchClaim {
    /// The run's row.
    pub const fn run(&self) -> Uuid {
        self.run
    }
}

/// A run that has come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// What became of it.
    pub outcome: RunOutcome,
    /// What its batches counted, in sum.
    pub counts: RunCounts,
    /// What was left out, and why.
    pub error: Option<String>,
}

/// What settling a batch did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It was not ours any more.
    Fenced,
    /// There are others left.
    More,
    /// It was the last one.
    Last(Finished),
}

/// What came of beginning a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Somebody else has the slot, or is at another one.
    Taken,
    /// It has batches.
    Batches(Uuid),
    /// There was nothing to do.
    Empty,
}

/// Begins a run: its row and all its batches in one transaction.
///
/// # Errors
/// Those of the database.
pub async fn begin(
    db: &Db,
    job: &str,
    slot_at: DateTime<Utc>,
    worker: &str,
    coverage: &[Coverage],
    now: DateTime<Utc>,
) -> Result<Begun, ServiceError> {
    let ahead = db.clock_ahead();
    db.write_tx(async |tx| {
        let shared = shared_now(tx, now).await?;
        if is_under_way(tx, job, None, shared).await? {
            return Ok(Begun::Taken);
        }
        let id = new_id(now);
        if !insert(tx, row_of(id, job, slot_at, (worker, ahead), RunOutcome::Running, shared)).await? {
            return Ok(Begun::Taken);
        }
        let mut all = Vec::new();
        for Coverage { day, which } in coverage {
            all.extend(portions(tx, *day, *which, now).await?);
        }
        if all.is_empty() {
            write_outcome(tx, of_run(id), RunOutcome::Done, &RunCounts::new(), None, shared).await?;
            return Ok(Begun::Empty);
        }
        write_batches(tx, id, &all).await?;
        Ok(Begun::Batches(id))
    })
    .await
}

async fn write_batches(tx: &Tx, run: Uuid, portions: &[Portion]) -> Result<(), ServiceError> {
    use sea_orm::ConnectionTrait;
    let mut numbers = 0..;
    for some in portions.chunks(rows_per_insert(tx.get_database_backend(), 6)) {
        let rows = some.iter().zip(numbers.by_ref()).map(|(portion, number)| job_batch::ActiveModel {
            run_id: Set(run),
            number: Set(number),
            day: Set(portion.day),
            which: Set(portion.which.as_str().to_owned()),
            after_account: Set(portion.after.map(AccountId::uuid)),
            until_account: Set(portion.until.map(AccountId::uuid)),
            attempts: NotSet,
            leased_by: NotSet,
            leased_until: NotSet,
            done_at: NotSet,
            counts: NotSet,
            set_aside: NotSet,
        });
        job_batch::Entity::insert_many(rows).exec_without_returning(tx).await.during("writing the batches of a run")?;
    }
    Ok(())
}

/// Closes runs whose slot was before an instant and whose batches nobody has: there is no more making up for them.
///
/// # Errors
/// Those of the database.
pub async fn close_abandoned(db: &Db, job: &str, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), ServiceError> {
    let now = shared_now(db.read(), now).await?;
    let of_run = |which: Condition| {
        Query::select()
            .expr(Expr::val(1))
            .from(job_batch::Entity)
            .and_where(Expr::col((job_batch::Entity, job_batch::Column::RunId)).equals((job_run::Entity, job_run::Column::Id)))
            .cond_where(which)
            .to_owned()
    };
    let held = has_lapsed((job_batch::Entity, job_batch::Column::LeasedUntil), now).not();
    let done = Expr::col((job_batch::Entity, job_batch::Column::DoneAt)).gt((now - LEASE).timestamp_micros());
    let abandoned = Condition::all()
        .add(job_run::Column::Job.eq(job))
        .add(job_run::Column::Outcome.eq(RunOutcome::Running.as_str()))
        .add(job_run::Column::SlotAt.lt(before.timestamp_micros()))
        // Between two batches nobody has any.
        .add(job_run::Column::StartedAt.lt((now - LEASE).timestamp_micros()))
        .add(Expr::exists(of_run(Condition::all())))
        .add(Expr::exists(of_run(Condition::any().add(held).add(done))).not());
    // Most looks find nothing, and lock nothing.
    let found = job_run::Entity::find().filter(abandoned.clone()).count(db.read()).await.during("looking for abandoned runs")?;
    if found > 0 {
        db.write_tx(async |tx| {
            close(tx, abandoned.clone(), now).await?;
            let over = Query::select()
                .column(job_run::Column::Id)
                .from(job_run::Entity)
                .and_where(Expr::col(job_run::Column::Outcome).ne(RunOutcome::Running.as_str()))
                .and_where(Expr::col(job_run::Column::Job).eq(job))
                .to_owned();
            let batches = job_batch::Entity::delete_many().filter(Expr::col(job_batch::Column::RunId).in_subquery(over));
            batches.exec(tx).await.during("removing the batches of abandoned runs")
        })
        .await?;
    }
    Ok(())
}

/// Claims a batch of a run of the job that is under way; `None` when nothing is free. Looking costs one statement and locks
/// nothing.
///
/// # Errors
/// Those of the database.
pub async fn claim(db: &Db, job: &str, worker: &str, now: DateTime<Utc>) -> Result<Option<BatchClaim>, ServiceError> {
    let operation = "claiming a batch";
    let looked_at = shared_now(db.read(), now).await?;
    let free = Condition::all()
        .add(job_batch::Column::DoneAt.is_null())
        .add(has_lapsed((job_batch::Entity, job_batch::Column::LeasedUntil), looked_at))
        .add(Expr::exists(
            Query::select()
                .expr(Expr::val(1))
                .from(job_run::Entity)
                .and_where(Expr::col((job_run::Entity, job_run::Column::Id)).equals((job_batch::Entity, job_batch::Column::RunId)))
                .and_where(Expr::col((job_run::Entity, job_run::Column::Job)).eq(job))
                .and_where(Expr::col((job_run::Entity, job_run::Column::Outcome)).eq(RunOutcome::Running.as_str()))
                .to_owned(),
        ));
    if job_batch::Entity::find().filter(free).count(db.read()).await.during(operation)? == 0 {
        return Ok(None);
    }
    let token = format!("{worker}/{}", new_id(now).simple());
    db.write_tx(async |tx| {
        let now = shared_now(tx, now).await?;
        let values = [
            job.into(),
            now.timestamp_micros().into(),
            longest_lease(now).timestamp_micros().into(),
            token.as_str().into(),
            (now + LEASE).timestamp_micros().into(),
        ];
        let statement = Statement::from_sql_and_values(db.backend(), claim_batch(db.backend()), values);
        let Some(row) = job_batch::Entity::find().from_raw_sql(statement).one(tx).await.during(operation)? else { return Ok(None) };
        let run = job_run::Entity::find_by_id(row.run_id).one(tx).await.during(operation)?;
        run.map(|run| from_row(&row, token.clone(), &run)).transpose()
    })
    .await
}

fn from_row(row: &job_batch::Model, token: String, run: &job_run::Model) -> Result<BatchClaim, ServiceError> {
    let unknown = || ServiceError::Stored { table: "job_batch", column: "which", value: row.which.clone() };
    let which = Which::parse(&row.which).ok_or_else(unknown)?;
    Ok(BatchClaim {
        run: row.run_id,
        number: row.number,
        token,
        slot_at: instant(run.slot_at),
        portion: Portion { day: row.day, which, after: row.after_account.map(Into::into), until: row.until_account.map(Into::into) },
        attempts: u32::try_from(row.attempts).unwrap_or(0),
    })
}

fn is_ours(claim: &BatchClaim) -> Condition {
    Condition::all()
        .add(job_batch::Column::RunId.eq(claim.run))
        .add(job_batch::Column::Number.eq(claim.number))
        .add(job_batch::Column::LeasedBy.eq(claim.token.as_str()))
}

fn of_run(id: Uuid) -> Condition {
    Condition::all().add(job_run::Column::Id.eq(id)).add(job_run::Column::Outcome.eq(RunOutcome::Running.as_str()))
}

/// Renews our lease; `false` when the batch is no longer ours.
///
/// # Errors
/// Those of the database.
pub async fn renew(db: &Db, claim: &BatchClaim, now: DateTime<Utc>) -> Result<bool, ServiceError> {
    let renewed = db
        .write_tx(async |tx| {
            let now = shared_now(tx, now).await?;
            job_batch::Entity::update_many()
                .col_expr(job_batch::Column::LeasedUntil, Expr::value((now + LEASE).timestamp_micros()))
                .filter(is_ours(claim))
                .exec(tx)
                .await
                .during("renewing the lease of a batch")
        })
        .await?;
    Ok(renewed.rows_affected > 0)
}

/// Hands a batch back, for the next worker that looks; it does not count as an attempt.
///
/// # Errors
/// Those of the database.
pub async fn hand_back(db: &Db, claim: &BatchClaim) -> Result<(), ServiceError> {
    db.write_tx(async |tx| {
        job_batch::Entity::update_many()
            .col_expr(job_batch::Column::LeasedBy, Expr::value(None::<String>))
            .col_expr(job_batch::Column::LeasedUntil, Expr::value(None::<i64>))
            .col_expr(job_batch::Column::Attempts, Expr::col(job_batch::Column::Attempts).sub(1))
            .filter(is_ours(claim))
            .exec(tx)
            .await
            .during("handing a batch back")
    })
    .await
    .map(drop)
}

/// Writes what came of a batch, and of its run if it was the last one.
///
/// # Errors
/// Those of the database.
pub async fn settle(
    db: &Db,
    claim: &BatchClaim,
    counts: &RunCounts,
    set_aside: &[SetAside],
    now: DateTime<Utc>,
) -> Result<Settled, ServiceError> {
    let operation = "settling a batch";
    let counts = serde_json::json!(counts).to_string();
    let set_aside = serde_json::json!(set_aside).to_string().replace("\\u0000", "");
    db.write_tx(async |tx| {
        let now = shared_now(tx, now).await?;
        // Holds the run: of two who settle its last two batches, the second one sees what the first has written.
        let held = job_run::Entity::update_many()
            .col_expr(job_run::Column::Worker, Expr::col(job_run::Column::Worker))
            .filter(of_run(claim.run))
            .exec(tx)
            .await
            .during(operation)?;
        if held.rows_affected == 0 {
            return Ok(Settled::Fenced);
        }
        let settled = job_batch::Entity::update_many()
            .col_expr(job_batch::Column::DoneAt, Expr::value(now.timestamp_micros()))
            .col_expr(job_batch::Column::LeasedBy, Expr::value(None::<String>))
            .col_expr(job_batch::Column::LeasedUntil, Expr::value(None::<i64>))
            .col_expr(job_batch::Column::Counts, Expr::value(counts.as_str()))
            .col_expr(job_batch::Column::SetAside, Expr::value(set_aside.as_str()))
            .filter(is_ours(claim))
            .exec(tx)
            .await
            .during(operation)?;
        if settled.rows_affected == 0 {
            return Ok(Settled::Fenced);
        }
        let of_it = || job_batch::Entity::find().filter(job_batch::Column::RunId.eq(claim.run));
        if of_it().filter(job_batch::Column::DoneAt.is_null()).count(tx).await.during(operation)? > 0 {
            return Ok(Settled::More);
        }
        let finished = sum(of_it().order_by_asc(job_batch::Column::Number).all(tx).await.during(operation)?)?;
        write_outcome(tx, of_run(claim.run), finished.outcome, &finished.counts, finished.error.as_deref(), now).await?;
        job_batch::Entity::delete_many().filter(job_batch::Column::RunId.eq(claim.run)).exec(tx).await.during(operation)?;
        Ok(Settled::Last(finished))
    })
    .await
}

/// How far a run has come, in batches. All are nothing once it is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Settled.
    pub done: u64,
    /// Some worker's, or that of one that was killed a moment ago.
    pub claimed: u64,
    /// Nobody's yet.
    pub free: u64,
}

/// How far a run has come.
///
/// # Errors
/// Those of the database.
pub async fn progress(db: &Db, run: Uuid) -> Result<Progress, ServiceError> {
    let of_it = job_batch::Entity::find().filter(job_batch::Column::RunId.eq(run));
    let mut progress = Progress::default();
    for batch in of_it.all(db.read()).await.during("reading how far a run has come")? {
        match (batch.done_at, batch.leased_until) {
            (Some(_), _) => progress.done += 1,
            (None, Some(_)) => progress.claimed += 1,
            (None, None) => progress.free += 1,
        }
    }
    Ok(progress)
}

/// What the batches of a run come to.
fn sum(batches: Vec<job_batch::Model>) -> Result<Finished, ServiceError> {
    let mut counts = RunCounts::new();
    let mut days = BTreeSet::new();
    let mut set_aside: Vec<SetAside> = Vec::new();
    for batch in batches {
        let stored = |column, value: &str| ServiceError::Stored { table: "job_batch", column, value: value.to_owned() };
        let of_batch: RunCounts = serde_json::from_str(&batch.counts).map_err(|_| stored("counts", &batch.counts))?;
        for (name, count) in of_batch {
            *counts.entry(name).or_default() += count;
        }
        set_aside.extend(serde_json::from_str::<Vec<SetAside>>(&batch.set_aside).map_err(|_| stored("set_aside", &batch.set_aside))?);
        days.insert(batch.day);
    }
    counts.insert("days".to_owned(), days.len() as u64);
    let error = left_out(&set_aside);
    let outcome = match &error {
        None => RunOutcome::Done,
        Some(_) if counts.get("accounts").is_none_or(|accounts| *accounts == 0) => RunOutcome::Failed,
        Some(_) => RunOutcome::Partial,
    };
    Ok(Finished { outcome, counts, error })
}

/// Names what could not be scored, each account once; nothing where all could.
pub fn left_out(set_aside: &[SetAside]) -> Option<String> {
    let mut by_name: BTreeMap<&str, &SetAside> = BTreeMap::new();
    for one in set_aside {
        by_name.entry(&one.name).or_insert(one);
    }
    if by_name.is_empty() {
        return None;
    }
    let named: Vec<String> = by_name.values().take(NAMED).map(|one| format!("{} ({})", one.name, one.reason)).collect();
    let more = by_name.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("could not be scored: {}{more}", named.join(", ")))
}
