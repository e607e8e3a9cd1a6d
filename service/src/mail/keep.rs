//! Keeps what was rendered in the rows before the first attempt, so that every attempt sends the same bytes.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use engagement::id::MessageId;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::shared_clock::shared_now;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::outbox::{Claimed, LEASE, OutboxContext, keep_messages};

/// A rendered message, to be kept before the first attempt.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// Of which row.
    pub row: &'a Claimed,
    /// Its Message-ID.
    pub message_id: &'a str,
    /// All of it, as it is sent.
    pub message: &'a str,
    /// What the row tells of from here on, where that is less than it did.
    pub narrowed: Option<&'a OutboxContext>,
}

/// Keeps rendered messages, and renews their leases. Returns the rows that were still ours, no other may be sent, and until when
/// they are.
///
/// # Errors
/// Those of the database.
pub async fn keep(
    db: &Db,
    rendered: &[Kept<'_>],
    now: DateTime<Utc>,
) -> Result<HashMap<MessageId, DateTime<Utc>>, ServiceError> {
    if rendered.is_empty() {
        return Ok(HashMap::new());
    }
    let line = |kept: &Kept<'_>| {
        let context = kept.narrowed.map(OutboxContext::to_json).transpose()?;
        Ok(json!({
            "id": hex(kept.row), "token": kept.row.token, "message_id": kept.message_id, "message": kept.message, "context": context,
        }))
    };
    let list: Vec<Value> = rendered.iter().map(line).collect::<Result<_, ServiceError>>()?;
    let list = Value::from(list).to_string();
    db.write_tx(async |tx| {
        let until = shared_now(tx, now).await? + LEASE;
        let values = [list.as_str().into(), until.timestamp_micros().into()];
        let statement = Statement::from_sql_and_values(db.backend(), keep_messages(db.backend()), values);
        Ok(ids_of(tx, statement, "keeping rendered messages")
            .await?
            .into_iter()
            .map(|id| (id, until))
            .collect())
    })
    .await
}

pub(super) fn hex(row: &Claimed) -> String {
    row.id.uuid().simple().to_string()
}

pub(super) async fn ids_of(
    tx: &Tx,
    statement: Statement,
    operation: &'static str,
) -> Result<HashSet<MessageId>, ServiceError> {
    let rows = tx.query_all_raw(statement).await.during(operation)?;
    rows.iter()
        .map(|row| row.try_get_by_index::<Uuid>(0).map(Into::into).during(operation))
        .collect()
}
