//! Reading plans, as far as the asker may see their accounts.

use std::collections::HashMap;

use engagement::id::{AccountId, OutreachId};
use engagement::vocabulary::OutreachStatus;
use entity::outreach;
use sea_orm::sea_query::{Expr, IntoColumnRef};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::model::{Outreach, from_row};
use crate::access::{Access, visible_accounts};
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::record::by_ids;
use crate::record::pages_by_account::{self, List};
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place};

pub(super) async fn expect(tx: &Tx, access: &Access, id: OutreachId) -> Result<Outreach, ServiceError> {
    let row = outreach::Entity::find()
        .filter(outreach::Column::Id.eq(id.uuid()))
        .filter(visible_accounts(
            access,
            outreach::Column::AccountId.into_column_ref(),
        ))
        .one(tx)
        .await
        .during("looking for a plan")?;
    row.map_or_else(
        || Err(ServiceError::not_found("outreachId", "planned outreach")),
        from_row,
    )
}

/// Plans by id; those that do not exist or may not be seen are absent.
///
/// # Errors
/// Those of the database.
pub async fn by_ids(
    db: &Db,
    access: &Access,
    ids: &[OutreachId],
) -> Result<HashMap<OutreachId, Outreach>, ServiceError> {
    let visible = visible_accounts(access, outreach::Column::AccountId.into_column_ref());
    let ids = ids.iter().map(|id| id.uuid());
    by_ids::read::<outreach::Entity, _, _>(db, "reading plans", (outreach::Column::Id, visible), ids, |row| {
        from_row(row).map(|plan| (plan.id, plan))
    })
    .await
}

/// A page of the plans of each account, the latest first.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn pages_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    statuses: Option<&[OutreachStatus]>,
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<AccountId, Page<Outreach>>, ServiceError> {
    use outreach::{Column, Entity};
    let matching = statuses.map_or_else(Condition::all, |statuses| {
        Condition::all().add(Column::Status.is_in(statuses.iter().map(|status| status.as_str())))
    });
    let list = List::<Entity> {
        operation: "listing plans",
        account: Column::AccountId,
        matching,
        ordering: Ordering {
            key: Expr::col((Entity, Column::PlannedFor)),
            kind: KeyKind::Whole,
            descending: true,
            id: Expr::col((Entity, Column::Id)),
        },
    };
    pages_by_account::read(
        db,
        access,
        accounts,
        list,
        page,
        with_total,
        |row: outreach::Model, planned_for: i64| {
            Ok((
                Place {
                    key: Key::Whole(planned_for),
                    id: row.id,
                },
                from_row(row)?,
            ))
        },
    )
    .await
}
