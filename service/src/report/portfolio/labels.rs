//! What the accounts and people are called that a portfolio names: three statements, whatever the book.

use std::collections::HashMap;

use engagement::id::{AccountId, ContactId};
use engagement::report::portfolio::PortfolioReport;
use engagement::vocabulary::TeamRole;
use entity::{app_user, team_member};
use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::record::{account, contact};
use crate::sql::dialect::{id_in, sort_key};

/// Names of what a report names.
pub(super) struct Names {
    pub(super) accounts: HashMap<AccountId, String>,
    pub(super) csms: HashMap<AccountId, String>,
    pub(super) contacts: HashMap<ContactId, String>,
}

/// Reads them; who is gone has none.
pub(super) async fn names(db: &Db, access: &Access, report: &PortfolioReport) -> Result<Names, ServiceError> {
    let accounts = account::by_ids(db, access, &report.accounts()).await?;
    let at_risk: Vec<AccountId> = report
        .at_risk_accounts
        .iter()
        .map(|named| named.account)
        .collect();
    let contacts = contact::by_ids(db, access, &report.contacts()).await?;
    Ok(Names {
        accounts: accounts
            .into_iter()
            .map(|(id, account)| (id, account.name))
            .collect(),
        csms: csms(db, access, &at_risk).await?,
        contacts: contacts
            .into_iter()
            .map(|(id, contact)| (id, contact.name))
            .collect(),
    })
}

/// The first customer success manager of each account's team, by name.
async fn csms(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, String>, ServiceError> {
    use team_member::{Column, Entity};
    let operation = "reading who looks after accounts";
    let account = (Entity, Column::AccountId).into_column_ref();
    let select = Query::select()
        .column((Entity, Column::AccountId))
        .column((app_user::Entity, app_user::Column::Name))
        .from(Entity)
        .inner_join(
            app_user::Entity,
            Expr::col((app_user::Entity, app_user::Column::Id)).equals((Entity, Column::UserId)),
        )
        .and_where(Column::TeamRole.eq(TeamRole::Csm.as_str()))
        .and_where(id_in(
            db.backend(),
            account.clone(),
            accounts.iter().map(|id| id.uuid()),
        ))
        .cond_where(visible_accounts(access, account))
        .order_by_expr(
            sort_key(db.backend(), (app_user::Entity, app_user::Column::Name)),
            Order::Asc,
        )
        .order_by((app_user::Entity, app_user::Column::Id), Order::Asc)
        .to_owned();
    let mut csms = HashMap::new();
    for row in db.read().query_all(&select).await.during(operation)? {
        let account: Uuid = row.try_get_by_index(0).during(operation)?;
        let name: String = row.try_get_by_index(1).during(operation)?;
        csms.entry(account.into()).or_insert(name);
    }
    Ok(csms)
}
