//! Numbers that tell what an account gets from us: the latest observation of each, against the one before.

use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::id::AccountId;
use entity::metric;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, IntoColumnRef, Order, OverStatement, Query, WindowStatement};
use sea_orm::{Condition, ConnectionTrait};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::dialect::{id_in, text_in};
use crate::error::{During, ServiceError};
use crate::pages_by_account::{MOST_AT_HAND, first_of_each};

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

/// The latest observation, on or before `until`, of each number of each account, by name; only of the names given, if any,
/// and at most 1,000 of an account.
pub async fn latest_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    names: Option<&[String]>,
    until: NaiveDate,
) -> Result<HashMap<AccountId, Vec<Metric>>, ServiceError> {
    use metric::{Column, Entity};
    let mut among = Condition::all()
        .add(id_in(db.backend(), Column::AccountId, accounts.iter().map(|id| id.uuid())))
        .add(visible_accounts(access, Column::AccountId))
        .add(Expr::col(Column::ObservedOn).lte(until));
    if let Some(names) = names {
        among = among.add(text_in(db.backend(), Column::Metric, names.iter().cloned()));
    }
    let all = || {
        let mut window = WindowStatement::new();
        window.partition_by(Column::AccountId).partition_by(Column::Metric);
        window
    };
    let newest_first = || {
        let mut window = all();
        window.order_by(Column::ObservedOn, Order::Desc);
        window
    };
    let ranked = Query::select()
        .columns([Column::AccountId, Column::Metric, Column::Value, Column::ObservedOn])
        .expr_window_as(Expr::cust("lead(value)"), newest_first(), Alias::new("value_before"))
        .expr_window_as(Expr::cust("row_number()"), newest_first(), Alias::new("place"))
        .expr_window_as(Expr::cust("max(CASE WHEN value > 0 THEN observed_on END)"), all(), Alias::new("above_zero_on"))
        .from(Entity)
        .cond_where(among)
        .to_owned();
    let latest = Query::select()
        .expr(Expr::cust("*"))
        .from_subquery(ranked, Alias::new("ranked"))
        .and_where(Expr::col(Alias::new("place")).eq(1))
        .to_owned();
    let by_name = [(Expr::col(Column::Metric), Order::Asc)];
    let statement = first_of_each(latest, [Column::AccountId.into_column_ref()], by_name, MOST_AT_HAND);
    let operation = "reading metrics";
    let mut metrics: HashMap<AccountId, Vec<Metric>> = HashMap::new();
    for row in db.read().query_all(&statement).await.during(operation)? {
        let account: Uuid = row.try_get_by_index(0).during(operation)?;
        metrics.entry(account.into()).or_default().push(Metric {
            name: row.try_get_by_index(1).during(operation)?,
            value: row.try_get_by_index(2).during(operation)?,
            observed_on: row.try_get_by_index(3).during(operation)?,
            previous: row.try_get_by_index(4).during(operation)?,
            last_above_zero_on: row.try_get_by_index(6).during(operation)?,
        });
    }
    Ok(metrics)
}
