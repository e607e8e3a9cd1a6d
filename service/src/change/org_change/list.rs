//! Reading changes of organisations.

use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::id::{AccountId, OrgChangeId};
use entity::org_change;
use sea_orm::sea_query::{Expr, IntoColumnRef};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::model::{OrgChange, from_row};
use crate::access::{Access, visible_accounts};
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::record::by_ids;
use crate::record::pages_by_account::{self, List};
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place};

pub(super) async fn expect(tx: &Tx, access: &Access, id: OrgChangeId) -> Result<OrgChange, ServiceError> {
    let row = org_change::Entity::find()
        .filter(org_change::Column::Id.eq(id.uuid()))
        .filter(visible_accounts(
            access,
            org_change::Column::AccountId.into_column_ref(),
        ))
        .one(tx)
        .await
        .during("looking for an organisational change")?;
    row.map_or_else(
        || Err(ServiceError::not_found("orgChangeId", "organisational change")),
        from_row,
    )
}

/// Changes by id; those that do not exist or may not be seen are absent.
///
/// # Errors
/// Those of the database.
pub async fn by_ids(
    db: &Db,
    access: &Access,
    ids: &[OrgChangeId],
) -> Result<HashMap<OrgChangeId, OrgChange>, ServiceError> {
    let visible = visible_accounts(access, org_change::Column::AccountId.into_column_ref());
    let ids = ids.iter().map(|id| id.uuid());
    by_ids::read::<org_change::Entity, _, _>(
        db,
        "reading organisational changes",
        (org_change::Column::Id, visible),
        ids,
        |row| from_row(row).map(|change| (change.id, change)),
    )
    .await
}

/// A page of the changes of each account, the latest observed first.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn pages_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    reviewed: Option<bool>,
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<AccountId, Page<OrgChange>>, ServiceError> {
    use org_change::{Column, Entity};
    let matching = reviewed.map_or_else(Condition::all, |reviewed| {
        let reviewed = if reviewed {
            Column::ReviewedAt.is_not_null()
        } else {
            Column::ReviewedAt.is_null()
        };
        Condition::all().add(reviewed)
    });
    let list = List::<Entity> {
        operation: "listing organisational changes",
        account: Column::AccountId,
        matching,
        ordering: Ordering {
            key: Expr::col((Entity, Column::ObservedOn)),
            kind: KeyKind::Day,
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
        |row: org_change::Model, observed_on: NaiveDate| {
            Ok((
                Place {
                    key: Key::Day(observed_on),
                    id: row.id,
                },
                from_row(row)?,
            ))
        },
    )
    .await
}
