//! Accounts that changed since they were last scored. Whoever writes a business row notes its account in the same
//! transaction; whoever scores an account settles the notes that it found before it read the account's rows.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use engagement::id::AccountId;
use entity::touched_account;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, LockType, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::clock::instant;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::sql::dialect::{id_in, pair_in, rows_per_insert};

/// How far ahead of a worker's clock somebody else's may be. A note that lies further ahead has been put off.
const SKEW: TimeDelta = TimeDelta::minutes(5);
/// For how long an account that cannot be scored is left alone, unless it changes.
const PUT_OFF: TimeDelta = TimeDelta::hours(1);

/// Notes that accounts changed.
///
/// # Errors
/// Those of the database.
pub async fn touch(tx: &Tx, accounts: &[AccountId], now: DateTime<Utc>) -> Result<(), ServiceError> {
    use sea_orm::ConnectionTrait;
    let again = OnConflict::column(touched_account::Column::AccountId)
        .update_column(touched_account::Column::TouchedAt)
        .to_owned();
    for chunk in accounts.chunks(rows_per_insert(tx.get_database_backend(), 2)) {
        let rows = chunk.iter().map(|account| touched_account::ActiveModel {
            account_id: Set(account.uuid()),
            touched_at: Set(now.timestamp_micros()),
        });
        touched_account::Entity::insert_many(rows)
            .on_conflict(again.clone())
            .exec_without_returning(tx)
            .await
            .during("noting touched accounts")?;
    }
    Ok(())
}

/// How many accounts wait to be scored.
///
/// # Errors
/// Those of the database.
pub async fn count(db: &Db, access: &Access) -> Result<u64, ServiceError> {
    touched_account::Entity::find()
        .filter(visible_accounts(
            access,
            touched_account::Column::AccountId.into_column_ref(),
        ))
        .count(db.read())
        .await
        .during("counting touched accounts")
}

/// Whether there are accounts to be scored now: those that were put off are not.
///
/// # Errors
/// Those of the database.
pub async fn any_due(db: &Db, access: &Access, now: DateTime<Utc>) -> Result<bool, ServiceError> {
    let found = touched_account::Entity::find()
        .select_only()
        .column(touched_account::Column::AccountId)
        .filter(visible_accounts(
            access,
            touched_account::Column::AccountId.into_column_ref(),
        ))
        .filter(is_due(now))
        .limit(1)
        .into_tuple::<Uuid>()
        .one(db.read())
        .await
        .during("looking for touched accounts")?;
    Ok(found.is_some())
}

/// A note that asks for a score now.
pub(crate) fn is_due(now: DateTime<Utc>) -> Expr {
    Expr::col((touched_account::Entity, touched_account::Column::TouchedAt))
        .lte((now + SKEW).timestamp_micros())
}

/// Puts off an account that cannot be scored: it would be tried in vain every minute. A change brings it back at once.
pub(crate) async fn put_off(db: &Db, account: AccountId, now: DateTime<Utc>) -> Result<(), ServiceError> {
    db.write_tx(async |tx| {
        touched_account::Entity::update_many()
            .col_expr(
                touched_account::Column::TouchedAt,
                Expr::value((now + PUT_OFF).timestamp_micros()),
            )
            .filter(touched_account::Column::AccountId.eq(account.uuid()))
            .filter(touched_account::Column::TouchedAt.lte(now.timestamp_micros()))
            .exec(tx)
            .await
            .during("putting off an account")
    })
    .await
    .map(drop)
}

/// Accounts that wait to be scored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many, those that were put off included.
    pub accounts: u64,
    /// Since when the one that has waited longest.
    pub oldest: Option<DateTime<Utc>>,
}

/// How many accounts wait to be scored, and since when.
///
/// # Errors
/// Those of the database.
pub async fn waiting(db: &Db, access: &Access) -> Result<Waiting, ServiceError> {
    let row: Option<(i64, Option<i64>)> = touched_account::Entity::find()
        .select_only()
        .column_as(touched_account::Column::AccountId.count(), "accounts")
        .column_as(touched_account::Column::TouchedAt.min(), "oldest")
        .filter(visible_accounts(
            access,
            touched_account::Column::AccountId.into_column_ref(),
        ))
        .into_tuple()
        .one(db.read())
        .await
        .during("counting touched accounts")?;
    let (accounts, oldest) = row.unwrap_or_default();
    Ok(Waiting {
        accounts: u64::try_from(accounts).unwrap_or(0),
        oldest: oldest.map(instant),
    })
}

/// The notes about some accounts, up to an instant: read before the accounts' rows.
pub(crate) async fn notes(
    db: &Db,
    accounts: &[AccountId],
    until: DateTime<Utc>,
) -> Result<HashMap<Uuid, i64>, ServiceError> {
    let notes = touched_account::Entity::find()
        .select_only()
        .columns([
            touched_account::Column::AccountId,
            touched_account::Column::TouchedAt,
        ])
        .filter(id_in(
            db.backend(),
            touched_account::Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(touched_account::Column::TouchedAt.lte(until.timestamp_micros()))
        .into_tuple::<(Uuid, i64)>()
        .all(db.read())
        .await
        .during("reading touched accounts")?;
    Ok(notes.into_iter().collect())
}

/// Which of some accounts have changed since their notes were read. The notes are held, in the order of their accounts: whoever
/// imports the catalogue notes all accounts and holds none.
pub(crate) async fn renewed(
    tx: &Tx,
    accounts: &[AccountId],
    notes: &HashMap<Uuid, i64>,
) -> Result<HashSet<AccountId>, ServiceError> {
    use sea_orm::ConnectionTrait;
    let now = touched_account::Entity::find()
        .select_only()
        .columns([
            touched_account::Column::AccountId,
            touched_account::Column::TouchedAt,
        ])
        .filter(id_in(
            tx.get_database_backend(),
            touched_account::Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .order_by_asc(touched_account::Column::AccountId)
        .lock(LockType::Update)
        .into_tuple::<(Uuid, i64)>()
        .all(tx)
        .await
        .during("reading touched accounts")?;
    Ok(now
        .into_iter()
        .filter(|(id, at)| notes.get(id) != Some(at))
        .map(|(id, _)| id.into())
        .collect())
}

/// Removes exactly these notes: one that was renewed in the meantime stays, because what renewed it was not read.
pub(crate) async fn settle(tx: &Tx, notes: &HashMap<Uuid, i64>) -> Result<(), ServiceError> {
    use sea_orm::ConnectionTrait;
    if notes.is_empty() {
        return Ok(());
    }
    let columns = (
        touched_account::Column::AccountId,
        touched_account::Column::TouchedAt,
    );
    touched_account::Entity::delete_many()
        .filter(pair_in(
            tx.get_database_backend(),
            columns,
            notes.iter().map(|(id, at)| (*id, *at)),
        ))
        .exec(tx)
        .await
        .map(drop)
        .during("settling touched accounts")
}
