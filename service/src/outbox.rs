//! What is to be sent: written in the transaction that decided on it, so that it is neither lost nor sent for something
//! that never was. One row is one message to one person; its natural key makes deciding twice the same as once.

use chrono::{DateTime, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, AlertId, UserId};
use entity::outbox;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, Func, OnConflict};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable, QueryFilter};
use serde_json::Value;

use crate::db::Tx;
use crate::dialect::rows_per_insert;
use crate::error::{During, ServiceError};
use crate::ids::new_id;

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// A sponsor has left.
    SponsorDeparted,
    /// An alert that nobody has taken up, or several of them.
    Alert,
    /// Somebody plans to reach out to a contact.
    OutreachPlanned,
}

impl MessageKind {
    /// As the database holds it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SponsorDeparted => "SPONSOR_DEPARTED",
            Self::Alert => "ALERT",
            Self::OutreachPlanned => "OUTREACH_PLANNED",
        }
    }
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewMessage {
    /// What it is about.
    pub(crate) kind: MessageKind,
    /// What makes it the same message.
    pub(crate) natural_key: String,
    /// To whom.
    pub(crate) recipient: EmailAddress,
    /// The recipient, where they are a user.
    pub(crate) user: Option<UserId>,
    /// The account it is about.
    pub(crate) account: Option<AccountId>,
    /// The alert it is about.
    pub(crate) alert: Option<AlertId>,
    /// What was known when it was decided: ids and numbers, no names.
    pub(crate) context: Value,
    /// Not before.
    pub(crate) due_at: DateTime<Utc>,
}

/// Queues messages; those that are queued, or were sent, already are left alone.
///
/// # Errors
/// Those of the database.
pub(crate) async fn enqueue(tx: &Tx, now: DateTime<Utc>, messages: Vec<NewMessage>) -> Result<u64, ServiceError> {
    let columns = outbox::Column::iter().count();
    let size = rows_per_insert(tx.get_database_backend(), columns);
    let mut queued = 0;
    let mut rows = messages.into_iter().map(|message| row(now, message)).peekable();
    while rows.peek().is_some() {
        let known = OnConflict::column(outbox::Column::NaturalKey).do_nothing().to_owned();
        queued += outbox::Entity::insert_many(rows.by_ref().take(size))
            .on_conflict(known)
            .exec_without_returning(tx)
            .await
            .during("queueing messages")?;
    }
    Ok(queued)
}

/// Cancels what is queued about an account under natural keys that begin so, and that nobody is sending at the moment.
///
/// # Errors
/// Those of the database.
pub(crate) async fn cancel(tx: &Tx, now: DateTime<Utc>, account: AccountId, prefix: &str) -> Result<(), ServiceError> {
    use outbox::Column;
    let length = i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX);
    let free = Condition::any().add(Column::LeasedUntil.is_null()).add(Column::LeasedUntil.lte(now.timestamp_micros()));
    outbox::Entity::update_many()
        .col_expr(Column::Status, Expr::value("CANCELED"))
        .col_expr(Column::FinishedAt, Expr::value(now.timestamp_micros()))
        .filter(Column::AccountId.eq(account.uuid()))
        // Not LIKE, in which an underscore means any character.
        .filter(Func::cust("substr").args([Expr::col(Column::NaturalKey), Expr::val(1), Expr::val(length)]).eq(prefix))
        .filter(Column::Status.eq("QUEUED"))
        .filter(free)
        .exec(tx)
        .await
        .map(drop)
        .during("canceling messages")
}

fn row(now: DateTime<Utc>, message: NewMessage) -> outbox::ActiveModel {
    outbox::ActiveModel {
        id: Set(new_id(now)),
        channel: Set("MAIL".to_owned()),
        kind: Set(message.kind.as_str().to_owned()),
        natural_key: Set(message.natural_key),
        recipient: Set(message.recipient.expose().to_owned()),
        user_id: Set(message.user.map(UserId::uuid)),
        account_id: Set(message.account.map(AccountId::uuid)),
        alert_id: Set(message.alert.map(AlertId::uuid)),
        context: Set(message.context.to_string()),
        status: Set("QUEUED".to_owned()),
        queued_at: Set(now.timestamp_micros()),
        due_at: Set(message.due_at.timestamp_micros()),
        leased_by: Set(None),
        leased_until: Set(None),
        attempts: Set(0),
        message_id: Set(None),
        message: Set(None),
        error: Set(None),
        finished_at: Set(None),
    }
}
