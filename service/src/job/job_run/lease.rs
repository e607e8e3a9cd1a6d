//! How long a run, or a batch of one, is its worker's.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{job_batch, job_run};
use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, Query};
use sea_orm::{ColumnTrait, Condition};

use super::outcome::RunOutcome;

/// How long a run, or a batch of one, is its worker's without a sign of life.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// As many workers may begin a run of a job without slots in the same microsecond.
pub(super) const MOST_AT_ONCE: i64 = 1_000;

pub(super) fn lease(now: DateTime<Utc>) -> i64 {
    (now + LEASE).timestamp_micros()
}

pub(super) fn micros(span: TimeDelta) -> i64 {
    span.num_microseconds().unwrap_or(i64::MAX)
}

/// A run that is not finished and that nobody has: never given to anybody else, its lease run out, or longer than any lease
/// is (the clock was set back since). One that is shared is never free: its batches are.
pub(super) fn is_free(now: DateTime<Utc>) -> Condition {
    let batches = Query::select()
        .expr(Expr::val(1))
        .from(job_batch::Entity)
        .and_where(
            Expr::col((job_batch::Entity, job_batch::Column::RunId))
                .equals((job_run::Entity, job_run::Column::Id)),
        )
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
