//! What the customer wants to reach.

use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::id::{AccountId, GoalId};
use entity::goal;
use sea_orm::sea_query::{Expr, IntoColumnRef};
use sea_orm::{Condition, EntityTrait, QueryFilter, QueryOrder};

use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::record::pages_by_account::{self, List};
use crate::sql::dialect::id_in;
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place};

/// A goal.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// Its id.
    pub id: GoalId,
    pub account_id: AccountId,
    pub goal: String,
    /// How far it has come, from 0 to 100.
    pub progress: Option<f64>,
    /// When it should be reached.
    pub due_on: Option<NaiveDate>,
}

/// A page of the goals of each account, those due first at the top.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor.
pub async fn pages_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<AccountId, Page<Goal>>, ServiceError> {
    let list = List::<goal::Entity> {
        operation: "listing goals",
        account: goal::Column::AccountId,
        matching: Condition::all(),
        ordering: Ordering {
            key: Expr::col((goal::Entity, goal::Column::DueOn)),
            kind: KeyKind::Day,
            descending: false,
            id: Expr::col((goal::Entity, goal::Column::Id)),
        },
    };
    pages_by_account::read(
        db,
        access,
        accounts,
        list,
        page,
        with_total,
        |row: goal::Model, due: Option<NaiveDate>| {
            Ok((
                Place {
                    key: due.map_or(Key::Absent, Key::Day),
                    id: row.id,
                },
                from_row(row),
            ))
        },
    )
    .await
}

fn from_row(row: goal::Model) -> Goal {
    Goal {
        id: row.id.into(),
        account_id: row.account_id.into(),
        goal: row.goal,
        progress: row.progress,
        due_on: row.due_on,
    }
}

/// The goals of each account, those due first at the top; accounts without any are absent.
pub async fn goals_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<Goal>>, ServiceError> {
    let rows = goal::Entity::find()
        .filter(id_in(
            db.backend(),
            goal::Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(visible_accounts(
            access,
            goal::Column::AccountId.into_column_ref(),
        ))
        .order_by_with_nulls(
            goal::Column::DueOn,
            sea_orm::Order::Asc,
            sea_orm::sea_query::NullOrdering::Last,
        )
        .order_by_asc(goal::Column::Id)
        .all(db.read())
        .await
        .during("reading goals")?;
    let mut goals: HashMap<AccountId, Vec<Goal>> = HashMap::new();
    for goal in rows.into_iter().map(from_row) {
        goals.entry(goal.account_id).or_default().push(goal);
    }
    Ok(goals)
}
