//! Puts messages back that have failed or were canceled, for the operator.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use engagement::delivery::patience;
use engagement::id::MessageId;
use engagement::vocabulary::{MessageKind, MessageStatus};
use entity::{app_user, outbox};
use outbox::Column as C;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, UpdateMany};

use super::undeliverable::resolve_undeliverable;
use crate::access::Access;
use crate::access::rights::{Action, require};
use crate::alert::joining;
use crate::alert::stored::hold_installation;
use crate::db::shared_clock::shared_now;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::outbox::announce;
use crate::record::mail_switch;
use crate::sql::dialect::id_in;

/// Puts messages back that were given up or canceled: they are due now, and are tried for as long as new ones. Mail to
/// recipients that were thought unknown is tried again. Returns those that were put back; the others are queued or sent.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who may not; those of the database.
pub async fn retry(
    db: &Db,
    access: &Access,
    ids: &[MessageId],
    now: DateTime<Utc>,
) -> Result<Vec<MessageId>, ServiceError> {
    require(access, Action::RetryMail)?;
    db.write_tx(async |tx| {
        let wanted = id_in(db.backend(), C::Id, ids.iter().map(|id| id.uuid()));
        put_back(
            tx,
            access,
            Condition::all()
                .add(wanted)
                .add(C::Status.is_in([MessageStatus::Failed.as_str(), MessageStatus::Canceled.as_str()])),
            now,
        )
        .await
    })
    .await
}

/// Puts every message back that was given up.
///
/// # Errors
/// As [`retry`].
pub async fn retry_failed(
    db: &Db,
    access: &Access,
    now: DateTime<Utc>,
) -> Result<Vec<MessageId>, ServiceError> {
    require(access, Action::RetryMail)?;
    db.write_tx(async |tx| {
        put_back(
            tx,
            access,
            Condition::all().add(C::Status.eq(MessageStatus::Failed.as_str())),
            now,
        )
        .await
    })
    .await
}

async fn put_back(
    tx: &Tx,
    access: &Access,
    wanted: Condition,
    now: DateTime<Utc>,
) -> Result<Vec<MessageId>, ServiceError> {
    let operation = "putting messages back";
    // Before users, as whoever settles mail does.
    hold_installation(tx).await?;
    let shared = shared_now(tx, now).await?;
    let addresses = Query::select()
        .column(C::Recipient)
        .from(outbox::Entity)
        .cond_where(wanted.clone())
        .to_owned();
    let recipients = Condition::all().add(Expr::col(app_user::Column::Email).in_subquery(addresses));
    mail_switch::let_through(tx, access, now, Action::RetryMail, recipients).await?;
    let (mut back, mut reached) = (Vec::new(), HashSet::new());
    // One statement for each patience there is.
    for escalation in [true, false] {
        let kinds: Vec<&str> = MessageKind::ALL
            .iter()
            .filter(|kind| kind.is_escalation() == escalation)
            .map(|kind| kind.as_str())
            .collect();
        let Some(longest) = MessageKind::ALL
            .iter()
            .find(|kind| kind.is_escalation() == escalation)
            .map(|kind| patience(*kind))
        else {
            continue;
        };
        let update: UpdateMany<outbox::Entity> = outbox::Entity::update_many()
            .col_expr(C::Status, Expr::value(MessageStatus::Queued.as_str()))
            .col_expr(C::DueAt, Expr::value(shared.timestamp_micros()))
            .col_expr(C::GiveUpAt, Expr::value((shared + longest).timestamp_micros()))
            .col_expr(C::Attempts, Expr::value(0))
            .col_expr(C::FinishedAt, Expr::value(None::<i64>))
            .filter(wanted.clone())
            .filter(C::Kind.is_in(kinds));
        for row in update.exec_with_returning(tx).await.during(operation)? {
            back.push(MessageId::from(row.id));
            reached.insert(row.recipient);
        }
    }
    if !back.is_empty() {
        // Somebody has looked after it; if it fails again, that is news.
        let messages = resolve_undeliverable(tx, now, &reached).await?;
        joining::queue(tx, now, messages).await?;
        announce(tx).await?;
    }
    Ok(back)
}
