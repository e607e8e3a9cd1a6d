//! The present standing of each account, kept with the account because lists sort and filter by it: a page costs the same
//! whatever the book. It follows the latest stored score in the transaction that stores one, and can be made anew from them at
//! any time; who is no customer any more has none.

use chrono::NaiveDate;
use engagement::id::AccountId;
use engagement::vocabulary::StandingState;
use entity::{account, assessment};
use sea_orm::sea_query::{BinOper, CaseStatement, Expr, ExprTrait, IntoColumnRef, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::record::account::is_active;
use crate::sql::dialect::id_in;

/// Keeps with each account the standing of its latest stored score; none with those that are no customers on `today`. Rows
/// that say it already are left alone.
pub(crate) async fn keep(tx: &Tx, today: NaiveDate, accounts: &[AccountId]) -> Result<(), ServiceError> {
    let of_account = Expr::col((assessment::Entity, assessment::Column::AccountId))
        .equals((account::Entity, account::Column::Id));
    let rank = StandingState::ALL
        .iter()
        .fold(CaseStatement::new(), |rank, state| {
            rank.case(
                Expr::col((assessment::Entity, assessment::Column::Standing)).eq(state.as_str()),
                *state as i32,
            )
        });
    let latest = Query::select()
        .expr(rank)
        .from(assessment::Entity)
        .and_where(of_account)
        .order_by((assessment::Entity, assessment::Column::Day), Order::Desc)
        .limit(1)
        .to_owned();
    let kept = Expr::expr(
        CaseStatement::new().case(is_active(today), Expr::SubQuery(None, Box::new(latest.into()))),
    );
    account::Entity::update_many()
        .col_expr(account::Column::StandingRank, kept.clone())
        .filter(id_in(
            tx.get_database_backend(),
            (account::Entity, account::Column::Id),
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(Expr::col(account::Column::StandingRank).binary(BinOper::Custom("IS DISTINCT FROM"), kept))
        .exec(tx)
        .await
        .map(drop)
        .during("keeping standings with accounts")
}

/// Accounts that are kept with a standing and are no customers any more: nobody touched them, their last day went by.
pub(crate) async fn outlived(
    db: &Db,
    access: &Access,
    today: NaiveDate,
) -> Result<Vec<AccountId>, ServiceError> {
    let ids: Vec<Uuid> = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::StandingRank.is_not_null())
        .filter(is_active(today).not())
        .filter(visible_accounts(access, account::Column::Id.into_column_ref()))
        .into_tuple()
        .all(db.read())
        .await
        .during("looking for standings of former customers")?;
    Ok(ids.into_iter().map(AccountId::from).collect())
}
