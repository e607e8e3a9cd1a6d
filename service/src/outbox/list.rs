//! The outbox as an operator sees it: lists, one message, putting messages back, how much waits and since when. Reading is the
//! operator's, who has the database: it asks for no rights.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::MessageId;
use engagement::vocabulary::{MessageKind, MessageStatus};
use entity::outbox;
use outbox::Column as C;
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::clock::instant;
use crate::db::Db;
use crate::db::shared_clock::shared_now;
use crate::error::{During, ServiceError};
use crate::sql::stored::parse;

/// Which messages to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListFilter {
    /// Only those.
    pub status: Option<MessageStatus>,
    /// Only those.
    pub kind: Option<MessageKind>,
}

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub id: MessageId,
    /// What it is about.
    pub kind: MessageKind,
    /// What makes it the same message.
    pub natural_key: String,
    /// To whom; absent for a text that is no address.
    pub recipient: Option<EmailAddress>,
    /// What became of it.
    pub status: MessageStatus,
    /// When it was decided on.
    pub queued_at: DateTime<Utc>,
    /// Not before.
    pub due_at: DateTime<Utc>,
    /// A failed attempt after this is the last.
    pub give_up_at: DateTime<Utc>,
    /// The worker that is at it, and until when it may be.
    pub lease: Option<(String, DateTime<Utc>)>,
    /// How often it was tried.
    pub attempts: u32,
    /// Its Message-ID, once rendered.
    pub message_id: Option<String>,
    /// All of it, once rendered; a list leaves it out.
    pub message: Option<String>,
    /// What it was rendered from: JSON.
    pub context: String,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it was sent, given up or canceled.
    pub finished_at: Option<DateTime<Utc>>,
}

/// The newest messages first, at most `limit`, without their bodies; and how many there are.
///
/// # Errors
/// Those of the database.
pub async fn list(db: &Db, filter: ListFilter, limit: u64) -> Result<(Vec<Message>, u64), ServiceError> {
    let operation = "listing messages";
    let mut wanted = Condition::all();
    if let Some(status) = filter.status {
        wanted = wanted.add(C::Status.eq(status.as_str()));
    }
    if let Some(kind) = filter.kind {
        wanted = wanted.add(C::Kind.eq(kind.as_str()));
    }
    let found = outbox::Entity::find().filter(wanted);
    let total = found.clone().count(db.read()).await.during(operation)?;
    let rows = found
        .order_by(C::QueuedAt, Order::Desc)
        .order_by(C::Id, Order::Desc)
        .limit(limit)
        .all(db.read())
        .await
        .during(operation)?;
    let messages = rows
        .into_iter()
        .map(|row| from_row(outbox::Model { message: None, ..row }))
        .collect::<Result<_, _>>()?;
    Ok((messages, total))
}

/// One message.
///
/// # Errors
/// Those of the database.
pub async fn find(db: &Db, id: MessageId) -> Result<Option<Message>, ServiceError> {
    let row = outbox::Entity::find_by_id(id.uuid())
        .one(db.read())
        .await
        .during("reading a message")?;
    row.map(from_row).transpose()
}

/// How much waits to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Queued, due or not.
    pub queued: u64,
    pub due: u64,
    /// Due for how long: since when the longest due one is.
    pub oldest_due_at: Option<DateTime<Utc>>,
}

impl Depth {
    /// This and another together.
    fn and(self, other: Self) -> Self {
        let oldest_due_at = self.oldest_due_at.into_iter().chain(other.oldest_due_at).min();
        Self {
            queued: self.queued + other.queued,
            due: self.due + other.due,
            oldest_due_at,
        }
    }
}

/// How much waits to be sent.
///
/// # Errors
/// Those of the database.
pub async fn depth(db: &Db, now: DateTime<Utc>) -> Result<Depth, ServiceError> {
    let now = shared_now(db.read(), now).await?;
    Ok(depth_by_kind(db, now)
        .await?
        .into_values()
        .fold(Depth::default(), Depth::and))
}

/// How much waits to be sent of each kind at an instant of the shared clock; kinds of which nothing waits are absent.
///
/// # Errors
/// Those of the database.
pub async fn depth_by_kind(db: &Db, now: DateTime<Utc>) -> Result<HashMap<MessageKind, Depth>, ServiceError> {
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        queued: i64,
        due: i64,
        oldest: Option<i64>,
    }
    let due = || C::DueAt.lte(now.timestamp_micros());
    let rows = outbox::Entity::find()
        .select_only()
        .column(C::Kind)
        .column_as(C::Id.count(), "queued")
        .expr_as(Func::count(Expr::case(due(), 1)), "due")
        .expr_as(Func::min(Expr::case(due(), Expr::col(C::DueAt))), "oldest")
        .filter(C::Status.eq(MessageStatus::Queued.as_str()))
        .group_by(C::Kind)
        .into_model::<Row>()
        .all(db.read())
        .await
        .during("counting queued messages")?;
    rows.into_iter()
        .map(|row| {
            let depth = Depth {
                queued: u64::try_from(row.queued).unwrap_or(0),
                due: u64::try_from(row.due).unwrap_or(0),
                oldest_due_at: row.oldest.map(instant),
            };
            Ok((parse("outbox", "kind", &row.kind)?, depth))
        })
        .collect()
}

/// How many messages of a kind ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The kind.
    pub kind: MessageKind,
    /// What became of them.
    pub status: MessageStatus,
    /// How many.
    pub messages: u64,
}

/// How many messages of each kind ended how, of those that are still kept.
///
/// # Errors
/// Those of the database.
pub async fn tally(db: &Db) -> Result<Vec<Tally>, ServiceError> {
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        status: String,
        messages: i64,
    }
    let rows = outbox::Entity::find()
        .select_only()
        .column(C::Kind)
        .column(C::Status)
        .column_as(C::Id.count(), "messages")
        .group_by(C::Kind)
        .group_by(C::Status)
        .order_by(C::Kind, Order::Asc)
        .order_by(C::Status, Order::Asc)
        .into_model::<Row>()
        .all(db.read())
        .await
        .during("counting messages")?;
    rows.into_iter()
        .map(|row| {
            Ok(Tally {
                kind: parse("outbox", "kind", &row.kind)?,
                status: parse("outbox", "status", &row.status)?,
                messages: u64::try_from(row.messages).unwrap_or(0),
            })
        })
        .collect()
}

fn from_row(row: outbox::Model) -> Result<Message, ServiceError> {
    Ok(Message {
        id: row.id.into(),
        kind: parse("outbox", "kind", &row.kind)?,
        natural_key: row.natural_key,
        recipient: row.recipient.parse().ok(),
        status: parse("outbox", "status", &row.status)?,
        queued_at: instant(row.queued_at),
        due_at: instant(row.due_at),
        give_up_at: instant(row.give_up_at),
        lease: row
            .leased_by
            .zip(row.leased_until)
            .map(|(worker, until)| (worker, instant(until))),
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        message_id: row.message_id,
        message: row.message,
        context: row.context,
        error: row.error,
        finished_at: row.finished_at.map(instant),
    })
}
