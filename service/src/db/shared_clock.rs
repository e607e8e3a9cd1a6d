//! The one clock for what several processes share: leases, due times, and which slot of a job has come.
//!
//! On PostgreSQL it is the database's: a worker whose own clock is wrong neither takes what another has nor keeps what it has
//! lost. On SQLite all processes are on one machine and its clock is theirs. What is computed, scores above all, is computed as
//! of the instant that the caller gives; only what is compared with what another process wrote goes through here.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::clock::{Clock, instant};
use crate::db::Db;
use crate::error::{During, ServiceError};

/// How far apart this process's clock and the database's may be before it is said.
pub const MOST_APART: TimeDelta = TimeDelta::seconds(5);

/// What time it is for everybody. Within a transaction the answer is always the same. The function of the database is made by
/// the migrations; it is told the caller's time so that a test can make it believe that.
///
/// # Errors
/// Those of the database.
pub async fn shared_now(
    connection: &impl ConnectionTrait,
    own: DateTime<Utc>,
) -> Result<DateTime<Utc>, ServiceError> {
    if connection.get_database_backend() != DbBackend::Postgres {
        return Ok(own);
    }
    let operation = "asking for the database's time";
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT shared_now($1)",
        [own.timestamp_micros().into()],
    );
    let row = connection.query_one_raw(statement).await.during(operation)?;
    let row = row.ok_or_else(|| ServiceError::internal(operation, "there was no answer"))?;
    Ok(instant(row.try_get_by_index(0).during(operation)?))
}

/// How far this process's clock is ahead of the database's; negative where it is behind, zero where the answer took longer than
/// they differ. It is remembered for the ledger of runs ([`Db::clock_ahead`]).
///
/// # Errors
/// Those of the database.
pub async fn measure(db: &Db, clock: &Clock) -> Result<TimeDelta, ServiceError> {
    let before = clock.now();
    let theirs = shared_now(db.read(), before).await?;
    let ahead = ahead(before, theirs, clock.now());
    db.note_clock_ahead(ahead);
    Ok(ahead)
}

/// An instant that was read between two others is within them, as far as one can tell.
fn ahead(before: DateTime<Utc>, theirs: DateTime<Utc>, after: DateTime<Utc>) -> TimeDelta {
    if theirs < before {
        before - theirs
    } else if theirs > after {
        after - theirs
    } else {
        TimeDelta::zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_took_long_says_nothing_about_the_clock() {
        let at = |seconds: i64| instant(seconds * 1_000_000);
        assert_eq!(ahead(at(10), at(15), at(20)), TimeDelta::zero());
        assert_eq!(ahead(at(100), at(15), at(101)), TimeDelta::seconds(85));
        assert_eq!(ahead(at(10), at(115), at(20)), TimeDelta::seconds(-95));
    }
}
