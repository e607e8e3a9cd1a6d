//! The same page of a list for many owners at once, mostly accounts: two statements, whatever the number of owners.

use std::collections::HashMap;
use std::hash::Hash;

use engagement::id::AccountId;
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, IntoColumnRef, Order, OverStatement, Query, SelectStatement, WindowStatement,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, Iterable, QueryResult, TryGetable,
};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::sql::dialect::id_in;
use crate::sql::page::{Ordering, Page, PageRequest, Place, into_page};

/// The rows of a list that every owner has one of.
pub(crate) struct Rows<C> {
    /// What to say when reading them fails.
    pub(crate) operation: &'static str,
    /// The rows of all owners that the asker sees, in no order.
    pub(crate) all: SelectStatement,
    /// The column of theirs that names the owner.
    pub(crate) owner: C,
    /// In which order.
    pub(crate) ordering: Ordering,
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
        .add(id_in(
            db.backend(),
            (E::default(), list.account),
            accounts.iter().map(|id| id.uuid()),
        ))
        .add(visible_accounts(access, (E::default(), list.account)))
        .add(list.matching);
    let all = Query::select()
        .columns(E::Column::iter().map(|column| (E::default(), column)))
        .expr_as(list.ordering.key.clone(), Alias::new("sort_key"))
        .from(E::default())
        .cond_where(among)
        .to_owned();
    let operation = list.operation;
    let rows = Rows {
        operation,
        all,
        owner: list.account,
        ordering: list.ordering,
    };
    pages(db, rows, accounts, page, with_total, |row| {
        let key: K = row.try_get("", "sort_key").during(operation)?;
        place(E::Model::from_query_result(row, "").during(operation)?, key)
    })
    .await
}

/// Reads the page of each owner. `place` turns a row into its place in the list and the domain's type.
pub(crate) async fn pages<C, O, T>(
    db: &Db,
    rows: Rows<C>,
    owners: &[O],
    page: &PageRequest,
    with_total: bool,
    place: impl Fn(&QueryResult) -> Result<(Place, T), ServiceError>,
) -> Result<HashMap<O, Page<T>>, ServiceError>
where
    C: ColumnTrait,
    O: From<Uuid> + Copy + Eq + Hash,
{
    let totals = if with_total {
        Some(totals::<C, O>(db, &rows).await?)
    } else {
        None
    };
    let statement = first_of_each(&rows, page)?;
    let mut by_owner: HashMap<O, Vec<(Place, T)>> = HashMap::new();
    for row in &db.read().query_all(&statement).await.during(rows.operation)? {
        let owner: Uuid = row.try_get("", rows.owner.as_str()).during(rows.operation)?;
        by_owner.entry(owner.into()).or_default().push(place(row)?);
    }
    let mut pages = HashMap::with_capacity(owners.len());
    for owner in owners {
        let total = totals
            .as_ref()
            .map(|totals| totals.get(owner).copied().unwrap_or(0));
        // An owner may be named twice.
        pages
            .entry(*owner)
            .or_insert_with(|| into_page(page, by_owner.remove(owner).unwrap_or_default(), total));
    }
    Ok(pages)
}

/// The rows of all owners, numbered within each from the end that the request asks for; as many as it wants and one more.
fn first_of_each<C: ColumnTrait>(
    rows: &Rows<C>,
    page: &PageRequest,
) -> Result<SelectStatement, ServiceError> {
    let mut window = WindowStatement::new();
    window.partition_by(rows.owner.as_column_ref().into_column_ref());
    for (expr, direction) in rows.ordering.terms(page.backward) {
        window.order_by_expr(expr, direction);
    }
    let mut numbered = rows.all.clone();
    numbered.cond_where(rows.ordering.bounds(page)?);
    numbered.expr_window_as(Expr::cust("row_number()"), window, Alias::new("nth"));
    Ok(Query::select()
        .expr(Expr::cust("*"))
        .from_subquery(numbered, Alias::new("numbered"))
        .and_where(Expr::col(Alias::new("nth")).lte(i64::from(page.limit) + 1))
        .order_by(Alias::new("nth"), Order::Asc)
        .to_owned())
}

async fn totals<C: ColumnTrait, O: From<Uuid> + Eq + Hash>(
    db: &Db,
    rows: &Rows<C>,
) -> Result<HashMap<O, u64>, ServiceError> {
    let owner = || Alias::new(rows.owner.as_str());
    let statement = Query::select()
        .column(owner())
        .expr(Expr::cust("count(*)"))
        .from_subquery(rows.all.clone(), Alias::new("listed"))
        .group_by_col(owner())
        .to_owned();
    let counted = db.read().query_all(&statement).await.during(rows.operation)?;
    counted
        .iter()
        .map(|row| {
            let owner: Uuid = row.try_get_by_index(0).during(rows.operation)?;
            let total: i64 = row.try_get_by_index(1).during(rows.operation)?;
            Ok((owner.into(), u64::try_from(total).unwrap_or(0)))
        })
        .collect()
}
