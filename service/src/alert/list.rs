//! Alerts to be read: by id, page by page, for one account or for all that the asker sees.

use std::collections::HashMap;

use engagement::alert::AlertRule;
use engagement::id::{AccountId, AlertId};
use engagement::vocabulary::{AlertStatus, Disposition, Role, Severity};
use entity::alert;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, Iterable, QueryFilter,
    QuerySelect,
};
use uuid::Uuid;

use super::stored::StoredAlert;
use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::record::by_ids;
use crate::record::pages_by_account::{self, List};
use crate::sql::dialect::{id_in, text_in};
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place, into_page};
use crate::sql::stored::parse;

/// Which alerts a list holds: those that meet every part that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AlertFilter {
    /// Of one of these accounts.
    pub accounts: Option<Vec<AccountId>>,
    /// In one of these places of their life.
    pub statuses: Option<Vec<AlertStatus>>,
    /// As bad as one of these.
    pub severities: Option<Vec<Severity>>,
    /// Of one of these rules.
    pub rules: Option<Vec<AlertRule>>,
    /// Found by the account's first evaluation, or not.
    pub baseline: Option<bool>,
}

/// What a list of alerts is ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AlertOrderField {
    /// When they opened first.
    #[default]
    OpenedAt,
    /// How bad they are.
    Severity,
    /// The last day on which their cause held.
    LastSeenOn,
}

/// How a list of alerts is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AlertOrder {
    /// By what.
    pub field: AlertOrderField,
    /// Largest first.
    pub descending: bool,
}

impl Default for AlertOrder {
    fn default() -> Self {
        Self {
            field: AlertOrderField::OpenedAt,
            descending: true,
        }
    }
}

/// Which alerts the asker may see: those of the accounts they see; those about the installation as a whole are for
/// administrators and managers, who see everything.
pub fn visible_alerts(access: &Access) -> Condition {
    let seen = Condition::all().add(visible_accounts(
        access,
        (alert::Entity, alert::Column::AccountId),
    ));
    match access.role() {
        Role::Admin | Role::Manager => seen,
        Role::Csm | Role::Viewer => {
            seen.add(Expr::col((alert::Entity, alert::Column::AccountId)).is_not_null())
        }
    }
}

/// Alerts by id; those that do not exist or may not be seen are absent.
///
/// # Errors
/// Those of the database.
pub async fn by_ids(
    db: &Db,
    access: &Access,
    ids: &[AlertId],
) -> Result<HashMap<AlertId, StoredAlert>, ServiceError> {
    let visible = visible_alerts(access);
    let ids = ids.iter().map(|id| id.uuid());
    by_ids::read::<alert::Entity, _, _>(db, "reading alerts", (alert::Column::Id, visible), ids, |row| {
        StoredAlert::from_row(row).map(|stored| (stored.id, stored))
    })
    .await
}

/// A page of the alerts of each account.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn pages_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    filter: &AlertFilter,
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<AccountId, Page<StoredAlert>>, ServiceError> {
    let list = List::<alert::Entity> {
        operation: "listing alerts",
        account: alert::Column::AccountId,
        matching: matching(db.backend(), filter),
        ordering: ordering(AlertOrder::default()),
    };
    pages_by_account::read(
        db,
        access,
        accounts,
        list,
        page,
        with_total,
        |row: alert::Model, opened_at: i64| {
            Ok((
                Place {
                    key: Key::Whole(opened_at),
                    id: row.id,
                },
                StoredAlert::from_row(row)?,
            ))
        },
    )
    .await
}

/// A page of the alerts that the asker sees.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn list(
    db: &Db,
    access: &Access,
    filter: &AlertFilter,
    order: AlertOrder,
    page: &PageRequest,
    with_total: bool,
) -> Result<Page<StoredAlert>, ServiceError> {
    let operation = "listing alerts";
    let among = visible_alerts(access).add(matching(db.backend(), filter));
    let ordering = ordering(order);
    let total = if with_total {
        Some(count(db, among.clone()).await?)
    } else {
        None
    };
    let mut select = Query::select();
    select
        .columns(alert::Column::iter().map(|column| (alert::Entity, column)))
        .expr_as(ordering.key.clone(), Alias::new("sort_key"))
        .from(alert::Entity)
        .cond_where(among.add(ordering.bounds(page)?))
        .limit(u64::from(page.limit) + 1);
    ordering.apply(&mut select, page.backward);
    let rows = db.read().query_all(&select).await.during(operation)?;
    let rows = rows
        .iter()
        .map(|row| {
            let key = match order.field {
                AlertOrderField::OpenedAt | AlertOrderField::Severity => {
                    Key::Whole(row.try_get("", "sort_key").during(operation)?)
                }
                AlertOrderField::LastSeenOn => Key::Day(row.try_get("", "sort_key").during(operation)?),
            };
            let model = alert::Model::from_query_result(row, "").during(operation)?;
            Ok((Place { key, id: model.id }, StoredAlert::from_row(model)?))
        })
        .collect::<Result<Vec<_>, ServiceError>>()?;
    Ok(into_page(page, rows, total))
}

async fn count(db: &Db, among: Condition) -> Result<u64, ServiceError> {
    let select = Query::select()
        .expr(Expr::cust("count(*)"))
        .from(alert::Entity)
        .cond_where(among)
        .to_owned();
    let row = db.read().query_one(&select).await.during("counting alerts")?;
    let total: i64 = row
        .map_or(Ok(0), |row| row.try_get_by_index(0))
        .during("counting alerts")?;
    Ok(u64::try_from(total).unwrap_or(0))
}

fn ordering(order: AlertOrder) -> Ordering {
    let column = |column: alert::Column| Expr::col((alert::Entity, column));
    let (key, kind) = match order.field {
        AlertOrderField::OpenedAt => (column(alert::Column::OpenedAt), KeyKind::Whole),
        AlertOrderField::Severity => (severity_rank(), KeyKind::Whole),
        AlertOrderField::LastSeenOn => (column(alert::Column::LastSeenOn), KeyKind::Day),
    };
    Ordering {
        key,
        kind,
        descending: order.descending,
        id: column(alert::Column::Id),
    }
}

/// Severities as numbers, in rising order.
fn severity_rank() -> Expr {
    let ranks: Vec<String> = Severity::ALL
        .iter()
        .enumerate()
        .map(|(rank, severity)| format!("WHEN '{severity}' THEN {rank}"))
        .collect();
    Expr::cust(format!(
        "CAST(CASE alert.severity {} END AS bigint)",
        ranks.join(" ")
    ))
}

fn matching(backend: DbBackend, filter: &AlertFilter) -> Condition {
    use alert::Column;
    let of = |column: Column| (alert::Entity, column);
    let mut all = Condition::all();
    if let Some(accounts) = &filter.accounts {
        all = all.add(id_in(
            backend,
            of(Column::AccountId),
            accounts.iter().map(|id| id.uuid()),
        ));
    }
    if let Some(statuses) = &filter.statuses {
        all = all.add(text_in(
            backend,
            of(Column::Status),
            statuses.iter().map(|status| status.as_str()),
        ));
    }
    if let Some(severities) = &filter.severities {
        all = all.add(text_in(
            backend,
            of(Column::Severity),
            severities.iter().map(|severity| severity.as_str()),
        ));
    }
    if let Some(rules) = &filter.rules {
        all = all.add(text_in(
            backend,
            of(Column::Rule),
            rules.iter().map(|rule| rule.as_str()),
        ));
    }
    if let Some(baseline) = filter.baseline {
        all = all.add(Column::Baseline.eq(baseline));
    }
    all
}

/// How bad each alert is that is not resolved: what somebody who watches for new ones compares.
///
/// # Errors
/// Those of the database.
pub async fn standing(db: &Db, access: &Access) -> Result<HashMap<AlertId, Severity>, ServiceError> {
    use alert::Column;
    let rows: Vec<(Uuid, String)> = alert::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Severity])
        .filter(Column::Status.ne(AlertStatus::Resolved.as_str()))
        .filter(visible_alerts(access))
        .into_tuple()
        .all(db.read())
        .await
        .during("reading which alerts stand")?;
    rows.into_iter()
        .map(|(id, severity)| Ok((id.into(), parse("alert", "severity", &severity)?)))
        .collect()
}

impl AlertFilter {
    /// Whether an alert meets every part that is given.
    pub fn admits(&self, stored: &StoredAlert) -> bool {
        fn among<T: PartialEq>(values: Option<&Vec<T>>, value: &T) -> bool {
            values.is_none_or(|values| values.contains(value))
        }
        let alert = &stored.alert;
        self.accounts.as_ref().is_none_or(|accounts| {
            stored
                .account_id
                .is_some_and(|account| accounts.contains(&account))
        }) && among(self.statuses.as_ref(), &alert.status)
            && among(self.severities.as_ref(), &alert.severity)
            && among(self.rules.as_ref(), &alert.key.rule)
            && self.baseline.is_none_or(|baseline| baseline == alert.baseline)
    }
}

/// What people said about the alerts of a rule when they resolved them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usefulness {
    /// The rule.
    pub rule: AlertRule,
    /// Resolved by hand because something was done.
    pub acted: u64,
    /// Because it told nothing new.
    pub already_known: u64,
    /// Because it should not have been raised.
    pub noise: u64,
}

impl Usefulness {
    /// Resolved by hand.
    pub fn resolved(&self) -> u64 {
        self.acted + self.already_known + self.noise
    }
}

/// What became of the alerts that the asker sees, for each rule with an answer, in the rules' order.
///
/// # Errors
/// Those of the database.
pub async fn usefulness(db: &Db, access: &Access) -> Result<Vec<Usefulness>, ServiceError> {
    use alert::Column;
    let operation = "counting what was said of alerts";
    let select = Query::select()
        .columns([Column::Rule, Column::Disposition].map(|column| (alert::Entity, column)))
        .expr(Expr::cust("count(*)"))
        .from(alert::Entity)
        .cond_where(visible_alerts(access).add(Expr::col((alert::Entity, Column::Disposition)).is_not_null()))
        .add_group_by([Column::Rule, Column::Disposition].map(|column| Expr::col((alert::Entity, column))))
        .to_owned();
    let rows = db.read().query_all(&select).await.during(operation)?;
    let mut by_rule: HashMap<AlertRule, Usefulness> = HashMap::new();
    for row in rows {
        let rule: AlertRule = parse(
            "alert",
            "rule",
            &row.try_get_by_index::<String>(0).during(operation)?,
        )?;
        let said: Disposition = parse(
            "alert",
            "disposition",
            &row.try_get_by_index::<String>(1).during(operation)?,
        )?;
        let count = u64::try_from(row.try_get_by_index::<i64>(2).during(operation)?).unwrap_or(0);
        let usefulness = by_rule.entry(rule).or_insert(Usefulness {
            rule,
            acted: 0,
            already_known: 0,
            noise: 0,
        });
        match said {
            Disposition::Acted => usefulness.acted = count,
            Disposition::AlreadyKnown => usefulness.already_known = count,
            Disposition::Noise => usefulness.noise = count,
        }
    }
    Ok(AlertRule::ALL
        .iter()
        .filter_map(|rule| by_rule.remove(rule))
        .collect())
}
