//! Reviews a suspected change: confirms it, or dismisses it.

use engagement::id::{OrgChangeId, UserId};
use engagement::vocabulary::{AuditTarget, Certainty};
use entity::org_change;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::conclude::{conclude, told_before};
use super::list::expect;
use super::model::{Consequences, OrgChange};
use crate::access::audit::{Change, difference};
use crate::access::rights::{Action, require};
use crate::access::{Access, idempotency};
use crate::clock::Moment;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::record::account;
use crate::record::spoken::{self, NOTE};
use crate::settings::Settings;

/// Says that a person has looked at a change: what it means for us, and whether what seemed to have happened did.
///
/// # Errors
/// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`]; [`ServiceError::Conflict`] for one that was reviewed already;
/// [`ServiceError::BadInput`] for a doubt about what is confirmed.
pub async fn review(
    db: &Db,
    access: &Access,
    settings: &Settings,
    moment: Moment,
    id: OrgChangeId,
    impact: Option<String>,
    confirm: Option<bool>,
) -> Result<Consequences, ServiceError> {
    db.write_tx(async |tx| {
        if let Some(made) = idempotency::done_before(tx, access, Action::ReviewOrgChange, moment.now).await? {
            return told_before(tx, access, made).await;
        }
        let impact = spoken::optional("impact", impact.clone(), NOTE)?;
        let found = expect(tx, access, id).await?;
        account::hold(tx, access, "orgChangeId", found.account_id).await?;
        require(access, Action::ReviewOrgChange)?;
        // Read again: somebody else may just have reviewed it.
        let before = expect(tx, access, id).await?;
        if let Some(at) = before.reviewed_at {
            let day = settings.day_of(at);
            return Err(ServiceError::Conflict(format!(
                "the change was reviewed already, on {day}"
            )));
        }
        if before.certainty == Certainty::Confirmed && confirm == Some(false) {
            return Err(ServiceError::bad_input(
                "confirm",
                "the change is confirmed; only a suspected one can be doubted",
            ));
        }
        let after = OrgChange {
            certainty: if confirm == Some(true) {
                Certainty::Confirmed
            } else {
                before.certainty
            },
            impact: impact.or_else(|| before.impact.clone()),
            reviewed_at: Some(moment.now),
            reviewed_by: access.user(),
            ..before.clone()
        };
        update(tx, &after).await?;
        let (old, new) = difference(&before.values(), &after.values());
        let log = Change {
            action: Action::ReviewOrgChange,
            target: AuditTarget::OrgChange,
            id: Some(id.uuid()),
            account: Some(after.account_id),
            before: Some(old),
            after: Some(new),
        };
        conclude(tx, access, settings, moment, after, log).await
    })
    .await
}

pub(super) async fn update(tx: &Tx, change: &OrgChange) -> Result<(), ServiceError> {
    use org_change::Column;
    org_change::Entity::update_many()
        .col_expr(Column::Certainty, Expr::value(change.certainty.as_str()))
        .col_expr(Column::Impact, Expr::value(change.impact.clone()))
        .col_expr(
            Column::ReviewedAt,
            Expr::value(change.reviewed_at.map(|at| at.timestamp_micros())),
        )
        .col_expr(
            Column::ReviewedBy,
            Expr::value(change.reviewed_by.map(UserId::uuid)),
        )
        .filter(Column::AccountId.eq(change.account_id.uuid()))
        .filter(Column::Id.eq(change.id.uuid()))
        .exec(tx)
        .await
        .map(drop)
        .during("reviewing an organisational change")
}
