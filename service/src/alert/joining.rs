//! Nobody reads the thirtieth message of a bad hour. Beyond five escalations to one person within an hour, the rest of the
//! hour is one message that names all of them; it goes out when the hour is over.
//!
//! A transaction queues its escalations here, once, after everything else that it writes: the recipients are held in one
//! order, and nothing that somebody else may hold is waited for afterwards. Two transactions that each held some of
//! the other's recipients, and then asked for more, would wait for each other.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, DurationRound, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::AlertId;
use engagement::report::escalation::{JOINING_WINDOW, MOST_ALONE};
use engagement::vocabulary::MessageKind;
use entity::outbox;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use crate::db::Tx;
use crate::db::shared_clock::shared_now;
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::outbox::{EscalationContext, NewMessage, OutboxContext, enqueue};
use crate::sql::dialect::text_in;
use crate::sql::lock::hold_recipients;

/// How a joined message's natural key begins.
const JOINED: &str = "JOINED";

/// Queues what a transaction has to say, all of it at once; returns the number of new messages.
///
/// # Errors
/// Those of the database.
pub(crate) async fn queue(
    tx: &Tx,
    at: DateTime<Utc>,
    messages: Vec<NewMessage>,
) -> Result<u64, ServiceError> {
    if messages.is_empty() {
        return Ok(0);
    }
    let messages = join(tx, at, messages).await?;
    Ok(enqueue(tx, at, messages).await?.len() as u64)
}

/// Leaves a person's first messages of the hour as they are and joins the others. Departures come first. Messages that are
/// joined to one that waits already are written here; what is returned is still to be queued.
async fn join(
    tx: &Tx,
    at: DateTime<Utc>,
    mut messages: Vec<NewMessage>,
) -> Result<Vec<NewMessage>, ServiceError> {
    // Others have queued what is counted, and may join to what waits.
    let at = shared_now(tx, at).await?;
    messages.sort_by_key(|message| message.context.kind() != MessageKind::SponsorDeparted);
    // Counting and joining are one step: two transactions that begin the same joined message would lose what one of them has to say.
    hold_recipients(
        tx,
        messages
            .iter()
            .map(|message| message.recipient.expose().to_owned())
            .collect(),
    )
    .await?;
    let mut sent = sent_within_the_hour(tx, at, &messages).await?;
    let mut alone = Vec::with_capacity(messages.len());
    let mut rest: HashMap<EmailAddress, Vec<NewMessage>> = HashMap::new();
    for message in messages {
        let count = sent.entry(message.recipient.expose().to_owned()).or_default();
        if *count < MOST_ALONE {
            *count += 1;
            alone.push(message);
        } else {
            rest.entry(message.recipient.clone()).or_default().push(message);
        }
    }
    if !rest.is_empty() {
        alone.extend(joined(tx, at, rest).await?);
    }
    Ok(alone)
}

/// How many escalations of their own each recipient was sent within the last hour.
async fn sent_within_the_hour(
    tx: &Tx,
    at: DateTime<Utc>,
    messages: &[NewMessage],
) -> Result<HashMap<String, usize>, ServiceError> {
    use outbox::Column;
    let recipients = messages
        .iter()
        .map(|message| message.recipient.expose().to_owned());
    let rows: Vec<(String, i64)> = outbox::Entity::find()
        .select_only()
        .column(Column::Recipient)
        .expr(Expr::cust("count(*)"))
        .filter(Column::QueuedAt.gt((at - JOINING_WINDOW).timestamp_micros()))
        .filter(Column::AlertId.is_not_null())
        .filter(text_in(tx.get_database_backend(), Column::Recipient, recipients))
        .group_by(Column::Recipient)
        .into_tuple()
        .all(tx)
        .await
        .during("counting escalations")?;
    Ok(rows
        .into_iter()
        .map(|(recipient, count)| (recipient, usize::try_from(count).unwrap_or(0)))
        .collect())
}

/// One message for each person, with what waits for them already.
async fn joined(
    tx: &Tx,
    at: DateTime<Utc>,
    rest: HashMap<EmailAddress, Vec<NewMessage>>,
) -> Result<Vec<NewMessage>, ServiceError> {
    use outbox::Column;
    let due_at = at.duration_trunc(JOINING_WINDOW).unwrap_or(at) + JOINING_WINDOW;
    let key = |email: &EmailAddress| format!("{JOINED}:{}:{}", due_at.timestamp(), email.expose());
    let operation = "looking for a joined message";
    let of_theirs = || {
        text_in(
            tx.get_database_backend(),
            Column::NaturalKey,
            rest.keys().map(key),
        )
    };
    let known: HashSet<String> = outbox::Entity::find()
        .select_only()
        .column(Column::NaturalKey)
        .filter(of_theirs())
        .into_tuple()
        .all(tx)
        .await
        .during(operation)?
        .into_iter()
        .collect();
    // Whoever sends or settles such a message at the moment may be waiting for one of the recipients: they are not waited for.
    let ours = outbox::Entity::find()
        .filter(of_theirs())
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
        .all(tx)
        .await
        .during(operation)?;
    let mut ours: HashMap<String, outbox::Model> = ours
        .into_iter()
        .map(|row| (row.natural_key.clone(), row))
        .collect();
    let mut new = Vec::new();
    for (email, messages) in rest {
        let alerts = messages.iter().filter_map(|message| message.alert);
        let mut natural_key = key(&email);
        match ours.remove(&natural_key) {
            // It waits, and nobody has written it yet, or is about to.
            Some(row) if row.finished_at.is_none() && row.leased_by.is_none() && row.message_id.is_none() => {
                extend(tx, row, alerts).await?;
                continue;
            }
            // It was written before its time, was canceled, or is in somebody's hands: another one.
            None if !known.contains(&natural_key) => {}
            _ => natural_key = format!("{natural_key}:{}", new_id(at).simple()),
        }
        new.push(NewMessage {
            natural_key,
            user: messages.iter().find_map(|message| message.user),
            recipient: email,
            account: None,
            alert: None,
            context: OutboxContext::Alert(EscalationContext {
                alerts: alerts.collect(),
                ..EscalationContext::default()
            }),
            due_at: Some(due_at),
        });
    }
    Ok(new)
}

/// Adds alerts to a message that waits.
async fn extend(
    tx: &Tx,
    row: outbox::Model,
    alerts: impl Iterator<Item = AlertId>,
) -> Result<(), ServiceError> {
    let mut joined: EscalationContext = serde_json::from_str(&row.context).unwrap_or_default();
    for alert in alerts {
        if !joined.alerts.contains(&alert) {
            joined.alerts.push(alert);
        }
    }
    outbox::Entity::update_many()
        .col_expr(outbox::Column::Context, Expr::value(json!(joined).to_string()))
        .filter(outbox::Column::Id.eq(row.id))
        .exec(tx)
        .await
        .map(drop)
        .during("joining escalations")
}
