//! What `rapport doctor` asks the database, each question by itself: one that has no answer must not keep the others from theirs.
//! The questions are the operator's, who has the database: they ask for no rights.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use crate::clock::instant;
use crate::db::Db;
use crate::error::{During, ServiceError};

/// What the database was installed with, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Hash of the policy in force.
    pub policy_hash: String,
    /// The organisation's zone.
    pub time_zone: String,
    /// Since when.
    pub installed_at: DateTime<Utc>,
}

/// People and mail, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Headcount {
    pub users: u64,
    /// Users whom mail does not reach.
    pub unreachable: u64,
    /// Users with the role CSM in no team: they see nothing.
    pub csms_without_team: u64,
    /// Users with the role VIEWER who see every account.
    pub viewers_of_everything: u64,
    /// Users with the role VIEWER who see nothing: they are in no team, and not said to see everything.
    pub viewers_of_nothing: u64,
    /// Active accounts.
    pub accounts: u64,
    /// Active accounts that nobody is responsible for.
    pub accounts_without_team: u64,
    /// Messages that were given up and are still kept.
    pub failed_messages: u64,
    /// When the last token of an admin ends; absent without one that is valid.
    pub last_admin_token_ends: Option<DateTime<Utc>>,
    /// An admin has a token without an end.
    pub endless_admin_token: bool,
}

/// The database's own name and version.
///
/// # Errors
/// Those of the database.
pub async fn version(db: &Db) -> Result<String, ServiceError> {
    let (statement, product) = match db.backend() {
        DbBackend::Postgres => ("SHOW server_version", "PostgreSQL"),
        _ => ("SELECT sqlite_version()", "SQLite"),
    };
    let version: String = one(db, statement, "asking for the database's version").await?;
    Ok(format!("{product} {version}"))
}

/// Whether the database takes writes; nothing is changed.
///
/// # Errors
/// Those of the database.
pub async fn probe_write(db: &Db) -> Result<(), ServiceError> {
    db.write_tx(async |tx| {
        tx.execute_unprepared("DELETE FROM seaql_migrations WHERE version IS NULL")
            .await
            .map(drop)
            .during("probing for write access")
    })
    .await
}

/// What the database was installed with; absent before that.
///
/// # Errors
/// Those of the database.
pub async fn stored(db: &Db) -> Result<Option<Stored>, ServiceError> {
    let operation = "reading the installation";
    let statement = Statement::from_string(
        db.backend(),
        "SELECT policy_hash, time_zone, installed_at FROM installation",
    );
    let Some(row) = db.read().query_one_raw(statement).await.during(operation)? else {
        return Ok(None);
    };
    Ok(Some(Stored {
        policy_hash: row.try_get_by_index(0).during(operation)?,
        time_zone: row.try_get_by_index(1).during(operation)?,
        installed_at: instant(row.try_get_by_index(2).during(operation)?),
    }))
}

/// When a run last began.
///
/// # Errors
/// Those of the database.
pub async fn last_run_began(db: &Db) -> Result<Option<DateTime<Utc>>, ServiceError> {
    let latest: Option<i64> = one(
        db,
        "SELECT max(started_at) FROM job_run",
        "looking for the last run",
    )
    .await?;
    Ok(latest.map(instant))
}

/// The worker that began a run last whose clock and the database's were further apart than `most` since an instant; and how far
/// its own was ahead.
///
/// # Errors
/// Those of the database.
pub async fn worker_apart(
    db: &Db,
    since: DateTime<Utc>,
    most: TimeDelta,
) -> Result<Option<(String, TimeDelta)>, ServiceError> {
    let operation = "looking for workers whose clocks are wrong";
    let text = "SELECT worker, clock_ahead FROM job_run WHERE started_at > $1 AND (clock_ahead > $2 OR clock_ahead < -$2)
        ORDER BY started_at DESC LIMIT 1";
    let values = [
        since.timestamp_micros().into(),
        most.num_microseconds().unwrap_or(i64::MAX).into(),
    ];
    let row = db
        .read()
        .query_one_raw(Statement::from_sql_and_values(db.backend(), text, values))
        .await
        .during(operation)?;
    let worker = |row: QueryResult| {
        let ahead: i64 = row.try_get_by_index(1).during(operation)?;
        Ok((
            row.try_get_by_index(0).during(operation)?,
            TimeDelta::microseconds(ahead),
        ))
    };
    row.map(worker).transpose()
}

/// Counts people and what was given up, in one statement.
///
/// # Errors
/// Those of the database.
pub async fn headcount(db: &Db, now: DateTime<Utc>) -> Result<Headcount, ServiceError> {
    let operation = "counting people";
    let of_viewers = "SELECT count(*) FROM app_user u
        WHERE u.role = 'VIEWER' AND NOT EXISTS (SELECT 1 FROM team_member m WHERE m.user_id = u.id)";
    let text = format!(
        "SELECT
        (SELECT count(*) FROM app_user),
        (SELECT count(*) FROM app_user WHERE mail_disabled_at IS NOT NULL),
        (SELECT count(*) FROM app_user u WHERE u.role = 'CSM' AND NOT EXISTS (SELECT 1 FROM team_member m WHERE m.user_id = u.id)),
        (SELECT count(*) FROM account WHERE status = 'ACTIVE'),
        (SELECT count(*) FROM account a WHERE a.status = 'ACTIVE' AND NOT EXISTS (SELECT 1 FROM team_member m WHERE m.account_id = a.id)),
        (SELECT count(*) FROM outbox WHERE status = 'FAILED'),
        (SELECT max(t.expires_at) FROM api_token t JOIN app_user u ON u.id = t.user_id
          WHERE u.role = 'ADMIN' AND t.revoked_at IS NULL AND t.expires_at > $1),
        (SELECT count(*) FROM api_token t JOIN app_user u ON u.id = t.user_id
          WHERE u.role = 'ADMIN' AND t.revoked_at IS NULL AND t.expires_at IS NULL),
        ({of_viewers} AND u.sees_everything),
        ({of_viewers} AND NOT u.sees_everything)"
    );
    let statement = Statement::from_sql_and_values(db.backend(), text, [now.timestamp_micros().into()]);
    let Some(row) = db.read().query_one_raw(statement).await.during(operation)? else {
        return Ok(Headcount::default());
    };
    let count = |place| {
        row.try_get_by_index::<i64>(place)
            .map(|count| u64::try_from(count).unwrap_or(0))
            .during(operation)
    };
    Ok(Headcount {
        users: count(0)?,
        unreachable: count(1)?,
        csms_without_team: count(2)?,
        accounts: count(3)?,
        accounts_without_team: count(4)?,
        failed_messages: count(5)?,
        last_admin_token_ends: row
            .try_get_by_index::<Option<i64>>(6)
            .during(operation)?
            .map(instant),
        endless_admin_token: count(7)? > 0,
        viewers_of_everything: count(8)?,
        viewers_of_nothing: count(9)?,
    })
}

async fn one<T: sea_orm::TryGetable>(
    db: &Db,
    statement: &str,
    operation: &'static str,
) -> Result<T, ServiceError> {
    let row = db
        .read()
        .query_one_raw(Statement::from_string(db.backend(), statement))
        .await
        .during(operation)?;
    let row = row.ok_or_else(|| ServiceError::internal(operation, "there was no answer"))?;
    row.try_get_by_index(0).during(operation)
}
