//! Reads what scoring needs of a batch of accounts, from a pool or within a transaction.

use chrono::NaiveDate;
use engagement::id::AccountId;
use engagement::row::AccountRows;
use engagement::windows::Windows;
use entity::account;
use sea_orm::sea_query::IntoColumnRef;
use sea_orm::{DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::assembly::Assembly;
use super::organisation::Organisation;
use super::reach::Reach;
use super::source::Source;
use super::{postgres, sqlite};
use crate::access::{Access, visible_accounts};
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::money::Money;
use crate::sql::dialect::id_in;
use crate::sql::stored::parse;

/// Reads the rows of accounts, for one evaluation of each; those that do not exist or may not be seen are left out.
///
/// # Errors
/// Those of the database; [`ServiceError::Stored`] for a value that this binary does not know.
pub async fn load(
    db: &Db,
    access: &Access,
    organisation: &Organisation,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<Vec<AccountRows>, ServiceError> {
    read(Source::Pool(db), access, organisation, windows, accounts).await
}

/// The same, with what a transaction has written: for few accounts.
pub(crate) async fn load_within(
    tx: &Tx,
    organisation: &Organisation,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<Vec<AccountRows>, ServiceError> {
    read(Source::Tx(tx), &Access::system(), organisation, windows, accounts).await
}

pub(super) async fn read(
    source: Source<'_>,
    access: &Access,
    organisation: &Organisation,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<Vec<AccountRows>, ServiceError> {
    let visible = read_accounts(source, access, accounts).await?;
    let ids: Vec<Uuid> = visible.iter().map(|account| account.id.uuid()).collect();
    let mut assembly = Assembly::new(visible, organisation, windows);
    if !ids.is_empty() {
        let reach = Reach::of(windows);
        match source.backend() {
            DbBackend::Postgres => postgres::read(source, &ids, &reach, &mut assembly).await?,
            _ => sqlite::read(source, &ids, &reach, &mut assembly).await?,
        }
    }
    let mut rows = assembly.into_rows();
    match source {
        Source::Pool(db) => organisation.silent.mark(db.read(), windows, &mut rows).await?,
        Source::Tx(tx) => organisation.silent.mark(tx, windows, &mut rows).await?,
    }
    Ok(rows)
}

async fn read_accounts(
    source: Source<'_>,
    access: &Access,
    accounts: &[AccountId],
) -> Result<Vec<engagement::row::Account>, ServiceError> {
    use account::Column;
    let select = account::Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::Tier,
            Column::Status,
            Column::ChurnedOn,
            Column::RenewalDate,
            Column::ServedBy,
        ])
        .columns([Column::ArrMinor, Column::Currency])
        .filter(id_in(
            source.backend(),
            Column::Id,
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(visible_accounts(access, Column::Id.into_column_ref()))
        .order_by_asc(Column::Id)
        .into_tuple::<(
            Uuid,
            String,
            String,
            Option<NaiveDate>,
            Option<NaiveDate>,
            String,
            Option<i64>,
            Option<String>,
        )>();
    let rows = match source {
        Source::Pool(db) => select.all(db.read()).await,
        Source::Tx(tx) => select.all(tx).await,
    };
    let rows = rows.during("reading accounts to score")?;
    rows.into_iter()
        .map(
            |(id, tier, status, churned_on, renewal_on, served_by, arr, currency)| {
                Ok(engagement::row::Account {
                    id: id.into(),
                    tier: parse("account", "tier", &tier)?,
                    status: parse("account", "status", &status)?,
                    churned_on,
                    served_by: parse("account", "served_by", &served_by)?,
                    renewal_on,
                    arr: arr.map(|minor| Money::new(minor, currency)),
                })
            },
        )
        .collect()
}
