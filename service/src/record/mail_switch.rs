//! Whether mail is sent to a user: it is shut off when the mail server does not know them, and let through again by whoever has
//! looked after it. Both change who hears of an account, so both stand in the audit log.

use chrono::{DateTime, Utc};
use engagement::vocabulary::AuditTarget;
use entity::app_user::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use serde_json::json;

use crate::access::Access;
use crate::access::audit::{self, Change, values};
use crate::access::rights::Action;
use crate::db::Tx;
use crate::error::{During, ServiceError};

/// Sends no more mail to users.
///
/// # Errors
/// Those of the database.
pub(crate) async fn shut_off(tx: &Tx, now: DateTime<Utc>, who: Condition) -> Result<(), ServiceError> {
    let changed = Entity::update_many()
        .col_expr(Column::MailDisabledAt, Expr::value(now.timestamp_micros()))
        .filter(who)
        .filter(Column::MailDisabledAt.is_null())
        .exec_with_returning(tx)
        .await
        .during("disabling mail to a recipient")?;
    record(tx, &Access::system(), now, Action::DisableMail, &changed).await
}

/// Sends mail to users again.
///
/// # Errors
/// Those of the database.
pub(crate) async fn let_through(
    tx: &Tx,
    access: &Access,
    now: DateTime<Utc>,
    action: Action,
    who: Condition,
) -> Result<(), ServiceError> {
    let changed = Entity::update_many()
        .col_expr(Column::MailDisabledAt, Expr::value(None::<i64>))
        .filter(who)
        .filter(Column::MailDisabledAt.is_not_null())
        .exec_with_returning(tx)
        .await
        .during("letting mail through to a recipient")?;
    record(tx, access, now, action, &changed).await
}

async fn record(
    tx: &Tx,
    access: &Access,
    now: DateTime<Utc>,
    action: Action,
    changed: &[Model],
) -> Result<(), ServiceError> {
    let change = |user: &Model| {
        let off = user.mail_disabled_at.is_some();
        let said = |off: bool| Some(values([("mail_disabled", json!(off))]));
        Change {
            action,
            target: AuditTarget::User,
            id: Some(user.id),
            account: None,
            before: said(!off),
            after: said(off),
        }
    };
    audit::record(tx, access, now, changed.iter().map(change).collect()).await
}
