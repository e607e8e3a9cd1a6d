//! Customer accounts: one by one, in bulk, and as lists.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use engagement::id::AccountId;
use engagement::row::customer_on;
use engagement::vocabulary::{AccountStatus, AccountTier, ServedBy};
use entity::account;
use sea_orm::sea_query::{Expr, IntoColumnRef, LockType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::clock::instant;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::money::Money;
use crate::sql::dialect::{id_in, text_in};
use crate::sql::stored::parse;

/// A customer account.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The key in the customer's own systems.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// How large it is.
    pub tier: AccountTier,
    /// Its internet domain.
    pub domain: Option<String>,
    /// Customer or not.
    pub status: AccountStatus,
    /// Since when not.
    pub churned_on: Option<NaiveDate>,
    /// As imported.
    pub industry: Option<String>,
    /// As imported.
    pub region: Option<String>,
    /// Annual recurring revenue.
    pub arr: Option<Money>,
    /// First day of the contract.
    pub contract_start: Option<NaiveDate>,
    /// The day it renews.
    pub renewal_date: Option<NaiveDate>,
    /// Who serves it.
    pub served_by: ServedBy,
    /// Since when we know it.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Account {
    /// Whether it is a customer on a day.
    pub fn is_active_on(&self, day: NaiveDate) -> bool {
        customer_on(self.status, self.churned_on, day)
    }
}

/// Accounts by id; those that do not exist or may not be seen are absent.
pub async fn by_ids(
    db: &Db,
    access: &Access,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, Account>, ServiceError> {
    let among = id_in(db.backend(), account::Column::Id, ids.iter().map(|id| id.uuid()));
    let rows = read(db, access, among).await?;
    Ok(rows.into_iter().map(|account| (account.id, account)).collect())
}

/// What imports call some accounts, and nothing else of them: also where a row holds what this binary does not know.
pub(crate) async fn external_ids(
    db: &Db,
    access: &Access,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, String>, ServiceError> {
    let rows: Vec<(Uuid, String)> = account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::ExternalId])
        .filter(id_in(
            db.backend(),
            account::Column::Id,
            ids.iter().map(|id| id.uuid()),
        ))
        .filter(visible_accounts(access, account::Column::Id.into_column_ref()))
        .into_tuple()
        .all(db.read())
        .await
        .during("reading what accounts are called")?;
    Ok(rows
        .into_iter()
        .map(|(id, external_id)| (id.into(), external_id))
        .collect())
}

/// Accounts by external id.
pub async fn by_external_ids(
    db: &Db,
    access: &Access,
    ids: &[String],
) -> Result<HashMap<String, Account>, ServiceError> {
    let among = text_in(db.backend(), account::Column::ExternalId, ids.iter().cloned());
    let rows = read(db, access, among).await?;
    Ok(rows
        .into_iter()
        .map(|account| (account.external_id.clone(), account))
        .collect())
}

/// The account that a person names, by external id or by id.
pub async fn find(db: &Db, access: &Access, named: &str) -> Result<Option<Account>, ServiceError> {
    let found = by_external_ids(db, access, &[named.to_owned()])
        .await?
        .into_values()
        .next();
    match (found, named.parse::<AccountId>()) {
        (None, Ok(id)) => Ok(by_ids(db, access, &[id]).await?.into_values().next()),
        (found, _) => Ok(found),
    }
}

async fn read(db: &Db, access: &Access, which: Expr) -> Result<Vec<Account>, ServiceError> {
    let rows = account::Entity::find()
        .filter(which)
        .filter(visible_accounts(access, account::Column::Id.into_column_ref()))
        .all(db.read())
        .await
        .during("reading accounts")?;
    rows.into_iter().map(from_row).collect()
}

/// The account that a change is about, which nobody else changes until the change is done.
///
/// # Errors
/// [`ServiceError::NotFound`] for one that is not there or may not be seen; `field` is what the caller calls its id.
pub(crate) async fn hold(
    tx: &Tx,
    access: &Access,
    field: &str,
    id: AccountId,
) -> Result<Account, ServiceError> {
    let row = account::Entity::find_by_id(id.uuid())
        .filter(visible_accounts(access, account::Column::Id.into_column_ref()))
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await
        .during("looking for an account to change")?;
    row.map_or_else(|| Err(ServiceError::not_found(field, "account")), from_row)
}

/// Locks these accounts until the transaction ends ([`hold_where`]).
pub(crate) async fn hold_all(tx: &Tx, accounts: &[AccountId]) -> Result<(), ServiceError> {
    let ids = accounts.iter().map(|id| id.uuid());
    hold_where(
        tx,
        Condition::all().add(id_in(tx.get_database_backend(), account::Column::Id, ids)),
    )
    .await
}

/// Locks some accounts until the transaction ends, always in the order of their ids: of two transactions that lock the same
/// ones neither waits for the other while that one waits for it. SQLite has one writer, who has everything.
pub(crate) async fn hold_where(tx: &Tx, which: Condition) -> Result<(), ServiceError> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(which)
        .order_by_asc(account::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<Uuid>()
        .all(tx)
        .await
        .map(drop)
        .during("holding accounts")
}

pub(crate) fn from_row(row: account::Model) -> Result<Account, ServiceError> {
    Ok(Account {
        id: row.id.into(),
        external_id: row.external_id,
        name: row.name,
        tier: parse("account", "tier", &row.tier)?,
        domain: row.domain,
        status: parse("account", "status", &row.status)?,
        churned_on: row.churned_on,
        industry: row.industry,
        region: row.region,
        arr: row.arr_minor.map(|minor| Money::new(minor, row.currency)),
        contract_start: row.contract_start,
        renewal_date: row.renewal_date,
        served_by: parse("account", "served_by", &row.served_by)?,
        created_at: instant(row.created_at),
        updated_at: instant(row.updated_at),
    })
}

/// Whether an account is a customer on a day.
pub(crate) fn is_active(day: NaiveDate) -> Condition {
    use account::Column;
    Condition::any().add(Column::ChurnedOn.gt(day)).add(
        Condition::all()
            .add(Column::ChurnedOn.is_null())
            .add(Column::Status.eq(AccountStatus::Active.as_str())),
    )
}
