//! Requests that are sent again because their answer was lost: done once, however often they come.
//!
//! A mutation that makes something may come under a key of its caller's ([`Access::under`]). In the transaction that does it
//! the key is taken before anything is looked at, and what was made is noted at its end; so of two that come at the same
//! moment the second waits, and finds what the first has made. A failure leaves nothing behind. For [`KEPT_FOR`] the same key
//! with the same body has the same answer, read anew from the rows with the rights of that moment: only ids and hashes are
//! kept, so that nothing here names anybody.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, Statement, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::asker::Access;
use super::once::Once;
use crate::access::rights::Action;
use crate::db::Tx;
use crate::error::{During, ServiceError};

/// How long a key means what it was first used for. A client that has had no answer asks again within minutes, a queue that
/// was stuck overnight within hours.
pub const KEPT_FOR: TimeDelta = TimeDelta::hours(24);

/// Takes the caller's key for a mutation, where they came under one; what the mutation made where it was done before.
///
/// Whoever gets nothing does it, and calls [`note`] in the same transaction.
///
/// # Errors
/// [`ServiceError::Conflict`] for a key that was used with another body.
pub(crate) async fn done_before<M: DeserializeOwned>(
    tx: &Tx,
    access: &Access,
    action: Action,
    now: DateTime<Utc>,
) -> Result<Option<M>, ServiceError> {
    const TAKE: &str = "
        INSERT INTO idempotency_key (user_id, mutation, key_hash, body_hash, used_at, result) VALUES ($1, $2, $3, $4, $5, '')
        ON CONFLICT (user_id, mutation, key_hash) DO UPDATE SET body_hash = excluded.body_hash, used_at = excluded.used_at, result = ''
        WHERE idempotency_key.used_at <= $6";
    const READ: &str = "SELECT body_hash, result FROM idempotency_key WHERE user_id = $1 AND mutation = $2 AND key_hash = $3";
    let operation = "looking for what was done under a key";
    let Some((once, key)) = key_of(access, action) else {
        return Ok(None);
    };
    let backend = tx.get_database_backend();
    let mut values = key.to_vec();
    values.extend([
        once.body_hash.as_str().into(),
        now.timestamp_micros().into(),
        (now - KEPT_FOR).timestamp_micros().into(),
    ]);
    let taken = tx
        .execute_raw(Statement::from_sql_and_values(backend, TAKE, values))
        .await
        .during(operation)?;
    if taken.rows_affected() > 0 {
        return Ok(None);
    }
    let row = tx
        .query_one_raw(Statement::from_sql_and_values(backend, READ, key))
        .await
        .during(operation)?;
    let Some(row) = row else { return Ok(None) };
    if row.try_get_by_index::<String>(0).during(operation)? != once.body_hash {
        let message = format!(
            "this idempotencyKey was used for another {} within the last {} hours: ask for something else under another key",
            action.name(),
            KEPT_FOR.num_hours()
        );
        return Err(ServiceError::Conflict(message));
    }
    let result: String = row.try_get_by_index(1).during(operation)?;
    match serde_json::from_str(&result) {
        Ok(made) => Ok(Some(made)),
        Err(_) => Err(ServiceError::Stored {
            table: "idempotency_key",
            column: "result",
            value: result,
        }),
    }
}

/// Notes what a mutation made, by id, for whoever asks for it again under the same key.
///
/// # Errors
/// Those of the database.
pub(crate) async fn note(
    tx: &Tx,
    access: &Access,
    action: Action,
    made: &impl Serialize,
) -> Result<(), ServiceError> {
    const NOTE: &str =
        "UPDATE idempotency_key SET result = $4 WHERE user_id = $1 AND mutation = $2 AND key_hash = $3";
    let Some((_, key)) = key_of(access, action) else {
        return Ok(());
    };
    let made =
        serde_json::to_string(made).map_err(|error| ServiceError::internal("noting what was made", error))?;
    let mut values = key.to_vec();
    values.push(made.into());
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), NOTE, values);
    tx.execute_raw(statement)
        .await
        .map(drop)
        .during("noting what was done under a key")
}

/// What a row is found by.
fn key_of(access: &Access, action: Action) -> Option<(&Once, [Value; 3])> {
    let (user, once) = (access.user()?, access.once()?);
    Some((
        once,
        [
            user.uuid().into(),
            action.name().into(),
            once.key_hash.as_str().into(),
        ],
    ))
}
