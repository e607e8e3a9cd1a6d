//! Queueing: the half of the outbox that everybody calls who decides that somebody is to be told.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use engagement::delivery::patience;
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, AlertId, MessageId, UserId};
use engagement::vocabulary::MessageStatus;
use entity::outbox::{Column, Entity};
use sea_orm::sea_query::{Expr, ExprTrait, Func, OnConflict, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Value};
use uuid::Uuid;

use super::context::OutboxContext;
use super::due::free;
use super::wake::announce;
use crate::db::Tx;
use crate::db::shared_clock::shared_now;
use crate::error::{During, ServiceError};
use crate::ids::NewIds;
use crate::sql::dialect::{contains, id_in, rows_per_insert, text_in};

/// The columns that queueing writes; the others are for sending.
const COLUMNS: [Column; 14] = [
    Column::Id,
    Column::Channel,
    Column::Kind,
    Column::NaturalKey,
    Column::Recipient,
    Column::UserId,
    Column::AccountId,
    Column::AlertId,
    Column::Context,
    Column::Status,
    Column::Priority,
    Column::QueuedAt,
    Column::DueAt,
    Column::GiveUpAt,
];

/// A message to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// What makes it the same message, whatever else about it differs: `alert:ALERT:EPISODE:RUNG:RECIPIENT`.
    pub natural_key: String,
    /// To whom.
    pub recipient: EmailAddress,
    /// The recipient, where they are a user.
    pub user: Option<UserId>,
    /// The account it is about.
    pub account: Option<AccountId>,
    /// The alert it is about.
    pub alert: Option<AlertId>,
    /// What it says, and by that its kind.
    pub context: OutboxContext,
    /// Not before, by the shared clock; at once where it does not say.
    pub due_at: Option<DateTime<Utc>>,
}

/// A message that was not there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its id.
    pub id: MessageId,
    /// What makes it the same message.
    pub natural_key: String,
    /// To whom.
    pub recipient: EmailAddress,
}

/// Queues messages, in as few statements as the database takes; says which were new. One whose natural key is there
/// already, sent or not, is left alone. Whoever delivers is woken once the transaction is committed.
///
/// # Errors
/// Those of the database.
pub async fn enqueue(
    tx: &Tx,
    now: DateTime<Utc>,
    messages: Vec<NewMessage>,
) -> Result<Vec<Queued>, ServiceError> {
    let (mut new, mut ids) = (Vec::new(), NewIds::at(now));
    let shared = if messages.is_empty() {
        now
    } else {
        shared_now(tx, now).await?
    };
    for some in messages.chunks(rows_per_insert(tx.get_database_backend(), COLUMNS.len())) {
        let mut insert = Query::insert().into_table(Entity).columns(COLUMNS).to_owned();
        let mut candidates = HashMap::with_capacity(some.len());
        for message in some {
            let id = ids.next();
            insert.values_panic(values_of(message, id, shared)?.map(Expr::val));
            candidates.insert(id, message);
        }
        insert
            .on_conflict(OnConflict::column(Column::NaturalKey).do_nothing().to_owned())
            .returning_col(Column::Id);
        for row in tx.query_all(&insert).await.during("queueing messages")? {
            let id: Uuid = row.try_get_by_index(0).during("queueing messages")?;
            new.extend(candidates.remove(&id).map(|message| Queued {
                id: id.into(),
                natural_key: message.natural_key.clone(),
                recipient: message.recipient.clone(),
            }));
        }
    }
    if !new.is_empty() {
        announce(tx).await?;
    }
    Ok(new)
}

/// The messages that tell these people of an alert, queued at an instant of the shared clock or joined to one that waited then; in
/// their order.
///
/// # Errors
/// Those of the database.
pub(crate) async fn telling(
    tx: &Tx,
    alert: AlertId,
    recipients: &[EmailAddress],
    queued_at: DateTime<Utc>,
) -> Result<Vec<MessageId>, ServiceError> {
    if recipients.is_empty() {
        return Ok(Vec::new());
    }
    let backend = tx.get_database_backend();
    let alone = Condition::all()
        .add(Column::AlertId.eq(alert.uuid()))
        .add(Column::QueuedAt.eq(queued_at.timestamp_micros()));
    let joined = Condition::all()
        .add(Column::AlertId.is_null())
        .add(Column::Status.eq(MessageStatus::Queued.as_str()))
        .add(contains(backend, Column::Context, &alert.to_string()));
    let rows: Vec<(String, Uuid)> = Entity::find()
        .select_only()
        .columns([Column::Recipient, Column::Id])
        .filter(text_in(
            backend,
            Column::Recipient,
            recipients.iter().map(EmailAddress::expose),
        ))
        .filter(Condition::any().add(alone).add(joined))
        .into_tuple()
        .all(tx)
        .await
        .during("reading who is told of an alert")?;
    let messages: HashMap<String, Uuid> = rows.into_iter().collect();
    Ok(recipients
        .iter()
        .filter_map(|recipient| messages.get(recipient.expose()))
        .map(|id| MessageId::from(*id))
        .collect())
}

/// To whom messages go, in their order.
///
/// # Errors
/// Those of the database.
pub(crate) async fn recipients_of(
    tx: &Tx,
    messages: &[MessageId],
) -> Result<Vec<EmailAddress>, ServiceError> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Recipient])
        .filter(id_in(
            tx.get_database_backend(),
            Column::Id,
            messages.iter().map(|id| id.uuid()),
        ))
        .into_tuple()
        .all(tx)
        .await
        .during("reading to whom messages go")?;
    let recipients: HashMap<Uuid, String> = rows.into_iter().collect();
    Ok(messages
        .iter()
        .filter_map(|id| recipients.get(&id.uuid())?.parse().ok())
        .collect())
}

/// Cancels what is queued about an account under natural keys that begin so, and that nobody is sending at the moment.
///
/// # Errors
/// Those of the database.
pub(crate) async fn cancel(
    tx: &Tx,
    now: DateTime<Utc>,
    account: AccountId,
    prefix: &str,
) -> Result<(), ServiceError> {
    let now = shared_now(tx, now).await?;
    let length = i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX);
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(MessageStatus::Canceled.as_str()))
        .col_expr(Column::FinishedAt, Expr::value(now.timestamp_micros()))
        .col_expr(Column::LeasedBy, Expr::value(None::<String>))
        .col_expr(Column::LeasedUntil, Expr::value(None::<i64>))
        .filter(Column::AccountId.eq(account.uuid()))
        // Not LIKE, in which an underscore means any character.
        .filter(
            Func::cust("substr")
                .args([Expr::col(Column::NaturalKey), Expr::val(1), Expr::val(length)])
                .eq(prefix),
        )
        .filter(Column::Status.eq(MessageStatus::Queued.as_str()))
        .filter(free(now))
        .exec(tx)
        .await
        .map(drop)
        .during("canceling messages")
}

/// The row of a message that is queued at an instant of the shared clock.
fn values_of(
    message: &NewMessage,
    id: Uuid,
    queued_at: DateTime<Utc>,
) -> Result<[Value; COLUMNS.len()], ServiceError> {
    let (kind, due_at) = (message.context.kind(), message.due_at.unwrap_or(queued_at));
    Ok([
        id.into(),
        "MAIL".into(),
        kind.as_str().into(),
        message.natural_key.as_str().into(),
        message.recipient.expose().into(),
        message.user.map(UserId::uuid).into(),
        message.account.map(AccountId::uuid).into(),
        message.alert.map(AlertId::uuid).into(),
        message.context.to_json()?.into(),
        MessageStatus::Queued.as_str().into(),
        i32::from(!kind.is_escalation()).into(),
        queued_at.timestamp_micros().into(),
        due_at.timestamp_micros().into(),
        (due_at + patience(kind)).timestamp_micros().into(),
    ])
}
