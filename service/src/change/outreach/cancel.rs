//! Calls a plan off: its message is canceled, or the team is told.

use engagement::id::{OutreachId, UserId};
use engagement::vocabulary::OutreachStatus;
use entity::outreach;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::list::expect;
use super::model::{Outreach, message_key, record};
use crate::access::Access;
use crate::access::audit::difference;
use crate::access::rights::{Action, require};
use crate::clock::Moment;
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::outbox::cancel as cancel_messages;
use crate::record::account;

/// Calls a plan off. What was not sent of it yet is not sent.
///
/// # Errors
/// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`]; [`ServiceError::Conflict`] for one that was called off already.
pub async fn cancel(
    db: &Db,
    access: &Access,
    moment: Moment,
    id: OutreachId,
) -> Result<Outreach, ServiceError> {
    use outreach::Column;
    db.write_tx(async |tx| {
        let found = expect(tx, access, id).await?;
        account::hold(tx, access, "outreachId", found.account_id).await?;
        require(access, Action::CancelOutreach)?;
        // Read again: somebody else may just have called it off.
        let before = expect(tx, access, id).await?;
        if before.status == OutreachStatus::Canceled {
            return Err(ServiceError::Conflict(
                "the plan was called off already".to_owned(),
            ));
        }
        let after = Outreach {
            status: OutreachStatus::Canceled,
            canceled_at: Some(moment.now),
            canceled_by: access.user(),
            ..before.clone()
        };
        outreach::Entity::update_many()
            .col_expr(Column::Status, Expr::value(after.status.as_str()))
            .col_expr(Column::CanceledAt, Expr::value(moment.now.timestamp_micros()))
            .col_expr(Column::CanceledBy, Expr::value(access.user().map(UserId::uuid)))
            .filter(Column::AccountId.eq(after.account_id.uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .exec(tx)
            .await
            .during("calling a plan off")?;
        cancel_messages(tx, moment.now, after.account_id, &message_key(id)).await?;
        let (old, new) = difference(&before.values(), &after.values());
        record(
            tx,
            access,
            moment,
            Action::CancelOutreach,
            &after,
            (Some(old), Some(new)),
        )
        .await?;
        Ok(after)
    })
    .await
}
