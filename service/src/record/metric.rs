//! Numbers that tell what an account gets from us: the latest observation of each, against the one before.

use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::id::AccountId;
use entity::metric::{Column, Entity};
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, Order, OverStatement, Query, SelectStatement, WindowStatement,
};
use sea_orm::{Condition, ConnectionTrait, QueryResult};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::record::pages_by_account::{self, Rows};
use crate::sql::dialect::{id_in, text_in};
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place};

/// What to say when reading them fails.
const OPERATION: &str = "reading metrics";

/// The latest observation of a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Which number.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// The day it was observed.
    pub observed_on: NaiveDate,
    /// The observation before; absent for the first one.
    pub previous: Option<f64>,
    /// The last day, up to then, on which it was above 0.
    pub last_above_zero_on: Option<NaiveDate>,
}

impl Metric {
    /// Difference to the observation before.
    pub fn change(&self) -> Option<f64> {
        self.previous.map(|previous| self.value - previous)
    }
}

/// A page of the latest observations, on or before `until`, of each account, by the name of the number; only of the names given,
/// if any.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn pages_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    names: Option<&[String]>,
    until: NaiveDate,
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<AccountId, Page<Metric>>, ServiceError> {
    let all = latest(db, access, accounts, names, until);
    let rows = Rows {
        operation: OPERATION,
        all,
        owner: Column::AccountId,
        ordering: by_name(),
    };
    pages_by_account::pages(db, rows, accounts, page, with_total, |row| {
        let (account, metric) = from_row(row)?;
        Ok((
            Place {
                key: Key::Text(metric.name.clone()),
                id: account,
            },
            metric,
        ))
    })
    .await
}

/// The latest observation, on or before `until`, of each number of each account, by name; only of the names given, if any.
pub async fn latest_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    names: Option<&[String]>,
    until: NaiveDate,
) -> Result<HashMap<AccountId, Vec<Metric>>, ServiceError> {
    let mut statement = latest(db, access, accounts, names, until);
    by_name().apply(&mut statement, false);
    let mut metrics: HashMap<AccountId, Vec<Metric>> = HashMap::new();
    for row in db.read().query_all(&statement).await.during(OPERATION)? {
        let (account, metric) = from_row(&row)?;
        metrics.entry(account.into()).or_default().push(metric);
    }
    Ok(metrics)
}

/// An account has one latest observation of a name.
fn by_name() -> Ordering {
    let column = |column| Expr::col((Entity, column));
    Ordering {
        key: column(Column::Metric),
        kind: KeyKind::Text,
        descending: false,
        id: column(Column::AccountId),
    }
}

/// The latest observations, as rows that [`from_row`] reads.
fn latest(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    names: Option<&[String]>,
    until: NaiveDate,
) -> SelectStatement {
    let mut among = Condition::all()
        .add(id_in(
            db.backend(),
            Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .add(visible_accounts(access, Column::AccountId))
        .add(Expr::col(Column::ObservedOn).lte(until));
    if let Some(names) = names {
        among = among.add(text_in(db.backend(), Column::Metric, names.iter().cloned()));
    }
    let all = || {
        let mut window = WindowStatement::new();
        window
            .partition_by(Column::AccountId)
            .partition_by(Column::Metric);
        window
    };
    let newest_first = || {
        let mut window = all();
        window.order_by(Column::ObservedOn, Order::Desc);
        window
    };
    let ranked = Query::select()
        .columns([
            Column::AccountId,
            Column::Metric,
            Column::Value,
            Column::ObservedOn,
        ])
        .expr_window_as(
            Expr::cust("lead(value)"),
            newest_first(),
            Alias::new("value_before"),
        )
        .expr_window_as(Expr::cust("row_number()"), newest_first(), Alias::new("place"))
        .expr_window_as(
            Expr::cust("max(CASE WHEN value > 0 THEN observed_on END)"),
            all(),
            Alias::new("above_zero_on"),
        )
        .from(Entity)
        .cond_where(among)
        .to_owned();
    Query::select()
        .expr(Expr::cust("*"))
        .from_subquery(ranked, Entity)
        .and_where(Expr::col(Alias::new("place")).eq(1))
        .to_owned()
}

fn from_row(row: &QueryResult) -> Result<(Uuid, Metric), ServiceError> {
    let metric = Metric {
        name: row.try_get_by_index(1).during(OPERATION)?,
        value: row.try_get_by_index(2).during(OPERATION)?,
        observed_on: row.try_get_by_index(3).during(OPERATION)?,
        previous: row.try_get_by_index(4).during(OPERATION)?,
        last_above_zero_on: row.try_get_by_index(6).during(OPERATION)?,
    };
    Ok((row.try_get_by_index(0).during(OPERATION)?, metric))
}
