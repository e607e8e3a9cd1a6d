//! The same page of a list for many accounts at once: two statements, whatever the number of accounts.

use std::collections::HashMap;

use engagement::id::AccountId;
use sea_orm::sea_query::{Alias, ColumnRef, Expr, ExprTrait, IntoColumnRef, Order, OverStatement, Query, SelectStatement, WindowStatement};
use sea_orm::{Condition, ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, Iterable, TryGetable};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::dialect::id_in;
use crate::error::{During, ServiceError};
use crate::page::{Ordering, Page, PageRequest, Place, into_page};

/// Most rows of a list that is read whole: what lies beyond is not shown.
pub(crate) const MOST_AT_HAND: u32 = 1_000;

/// Of each group of rows the first so many, in their order; the rows' own columns come first.
pub(crate) fn first_of_each(
    mut rows: SelectStatement,
    group: impl IntoIterator<Item = ColumnRef>,
    order: impl IntoIterator<Item = (Expr, Order)>,
    most: u32,
) -> SelectStatement {
    let mut window = WindowStatement::new();
    for column in group {
        window.partition_by(column);
    }
    for (expr, direction) in order {
        window.order_by_expr(expr, direction);
    }
    rows.expr_window_as(Expr::cust("row_number()"), window, Alias::new("nth"));
    Query::select()
        .expr(Expr::cust("*"))
        .from_subquery(rows, Alias::new("numbered"))
        .and_where(Expr::col(Alias::new("nth")).lte(i64::from(most)))
        .order_by(Alias::new("nth"), Order::Asc)
        .to_owned()
}

/// A list that every account has one of.
pub(crate) struct List<E: EntityTrait> {
    /// What to say when reading it fails.
    pub(crate) operation: &'static str,
    /// The column that names the account.
    pub(crate) account: E::Column,
    /// Which rows are in it.
    pub(crate) matching: Condition,
    /// In which order.
    pub(crate) ordering: Ordering,
}

/// Reads the page of each account. `place` turns a row and its key into its place in the list and the domain's type.
pub(crate) async fn read<E, K, T>(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    list: List<E>,
    page: &PageRequest,
    with_total: bool,
    place: impl Fn(E::Model, K) -> Result<(Place, T), ServiceError>,
) -> Result<HashMap<AccountId, Page<T>>, ServiceError>
where
    E: EntityTrait + Copy,
    E::Model: FromQueryResult,
    K: TryGetable,
{
    let among = Condition::all()
        .add(id_in(db.backend(), (E::default(), list.account), accounts.iter().map(|id| id.uuid())))
        .add(visible_accounts(access, (E::default(), list.account)))
        .add(list.matching.clone());
    let totals = if with_total { Some(totals(db, &list, among.clone()).await?) } else { None };
    let statement = ranked(&list, among.add(list.ordering.bounds(page)?), page);
    let rows = db.read().query_all(&statement).await.during(list.operation)?;
    let mut by_account: HashMap<AccountId, Vec<(Place, T)>> = HashMap::new();
    for row in &rows {
        let account: Uuid = row.try_get("", list.account.as_str()).during(list.operation)?;
        let key: K = row.try_get("", "sort_key").during(list.operation)?;
        let model = E::Model::from_query_result(row, "").during(list.operation)?;
        by_account.entry(account.into()).or_default().push(place(model, key)?);
    }
    Ok(accounts
        .iter()
        .map(|account| {
            let total = totals.as_ref().map(|totals| totals.get(account).copied().unwrap_or(0));
            (*account, into_page(page, by_account.remove(account).unwrap_or_default(), total))
        })
        .collect())
}

/// The rows of all accounts, numbered within each from the end that the request asks for; as many as it wants and one more.
fn ranked<E: EntityTrait>(list: &List<E>, among: Condition, page: &PageRequest) -> SelectStatement {
    let rows = Query::select()
        .columns(E::Column::iter().map(|column| (E::default(), column)))
        .expr_as(list.ordering.key.clone(), Alias::new("sort_key"))
        .from(E::default())
        .cond_where(among)
        .to_owned();
    let account = (E::default(), list.account).into_column_ref();
    first_of_each(rows, [account], list.ordering.terms(page.backward), page.limit.saturating_add(1))
}

async fn totals<E: EntityTrait>(db: &Db, list: &List<E>, among: Condition) -> Result<HashMap<AccountId, u64>, ServiceError> {
    let statement = Query::select()
        .column((E::default(), list.account))
        .expr(Expr::cust("count(*)"))
        .from(E::default())
        .cond_where(among)
        .add_group_by([Expr::col((E::default(), list.account))])
        .to_owned();
    let rows = db.read().query_all(&statement).await.during(list.operation)?;
    rows.iter()
        .map(|row| {
            let account: Uuid = row.try_get_by_index(0).during(list.operation)?;
            let total: i64 = row.try_get_by_index(1).during(list.operation)?;
            Ok((account.into(), u64::try_from(total).unwrap_or(0)))
        })
        .collect()
}
