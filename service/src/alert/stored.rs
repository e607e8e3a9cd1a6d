//! Alerts between the database and the domain: what decides about an alert's life is one type, who did what to it another.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use engagement::alert::{Alert, AlertRule, Key, Subject};
use engagement::id::{AccountId, AlertId, InteractionId, UserId};
use engagement::measure::Evidence;
use engagement::vocabulary::{AlertStatus, SubjectKind};
use entity::{alert, installation};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, LockType, OnConflict, Order, OverStatement, Query, WindowStatement,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, Iterable, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::succession::Succession;
use crate::clock::instant;
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::sql::dialect::{id_in, rows_per_insert};
use crate::sql::stored::{parse, parse_optional};

const TABLE: &str = "alert";

/// An alert with what people did to it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAlert {
    /// Its id.
    pub id: AlertId,
    /// The account; absent for one about the installation as a whole.
    pub account_id: Option<AccountId>,
    /// What decides about its life.
    pub alert: Alert,
    /// Who could follow, as it was known when a sponsor left.
    pub succession: Option<Box<Succession>>,
    /// Who took it up.
    pub acknowledged_by: Option<UserId>,
    /// Why it may wait.
    pub snooze_reason: Option<String>,
    /// Who resolved it; absent when it resolved itself.
    pub resolved_by: Option<UserId>,
    /// What they said about it.
    pub note: Option<String>,
    /// How often it was changed.
    pub revision: i32,
}

impl StoredAlert {
    /// A new one, as an evaluation opens it.
    pub(crate) fn opened(account: Option<AccountId>, alert: Alert, now: DateTime<Utc>) -> Self {
        Self {
            id: new_id(now).into(),
            account_id: account,
            alert,
            succession: None,
            acknowledged_by: None,
            snooze_reason: None,
            resolved_by: None,
            note: None,
            revision: 0,
        }
    }

    /// The same with another life: what people did stays while it still stands.
    pub(crate) fn changed(self, alert: Alert) -> Self {
        let resolved = alert.status == AlertStatus::Resolved;
        Self {
            acknowledged_by: self.acknowledged_by.filter(|_| alert.acknowledged_at.is_some()),
            snooze_reason: self.snooze_reason.filter(|_| alert.snoozed_until.is_some()),
            resolved_by: self.resolved_by.filter(|_| resolved),
            note: self.note.filter(|_| resolved),
            revision: self.revision + 1,
            alert,
            ..self
        }
    }

    pub(crate) fn from_row(row: alert::Model) -> Result<Self, ServiceError> {
        let malformed = |column: &'static str, value: String| ServiceError::Stored {
            table: TABLE,
            column,
            value,
        };
        let kind: SubjectKind = parse(TABLE, "subject_kind", &row.subject_kind)?;
        let subject =
            Subject::read(kind, &row.subject).map_err(|_| malformed("subject", row.subject.clone()))?;
        let interactions: Vec<InteractionId> =
            serde_json::from_str(&row.evidence).map_err(|_| malformed("evidence", row.evidence.clone()))?;
        let succession = row
            .context
            .map(|text| {
                serde_json::from_str(&text).map_err(|_| malformed("context", text.chars().take(80).collect()))
            })
            .transpose()?;
        let count = |number: i32| u32::try_from(number).unwrap_or(0);
        let alert = Alert {
            key: Key {
                rule: parse(TABLE, "rule", &row.rule)?,
                subject,
            },
            severity: parse(TABLE, "severity", &row.severity)?,
            status: parse(TABLE, "status", &row.status)?,
            baseline: row.baseline,
            message: row.message,
            evidence: Evidence {
                count: count(row.evidence_count),
                interactions,
            },
            opened_at: instant(row.opened_at),
            last_seen_on: row.last_seen_on,
            escalating_since: row.escalating_since.map(instant),
            rung: u8::try_from(row.rung).unwrap_or(0),
            clear_on: row.clear_on,
            clear_evaluations: count(row.clear_evaluations),
            acknowledged_at: row.acknowledged_at.map(instant),
            snoozed_until: row.snoozed_until,
            resolved_at: row.resolved_at.map(instant),
            disposition: parse_optional(TABLE, "disposition", row.disposition.as_deref())?,
            muted_until: row.muted_until,
            cleared_since: row.cleared_since,
        };
        Ok(Self {
            id: row.id.into(),
            account_id: row.account_id.map(Into::into),
            alert,
            succession,
            acknowledged_by: row.acknowledged_by.map(Into::into),
            snooze_reason: row.snooze_reason,
            resolved_by: row.resolved_by.map(Into::into),
            note: row.note,
            revision: row.revision,
        })
    }

    fn into_row(self) -> Result<alert::ActiveModel, ServiceError> {
        let Alert {
            key,
            severity,
            status,
            evidence,
            ..
        } = &self.alert;
        let micros = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_micros());
        let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
        let text = |value: Result<String, serde_json::Error>| {
            value.map_err(|error| ServiceError::bad_input("alert", format!("it cannot be written: {error}")))
        };
        let context = self
            .succession
            .as_ref()
            .map(|picture| text(serde_json::to_string(picture)))
            .transpose()?;
        Ok(alert::ActiveModel {
            id: Set(self.id.uuid()),
            account_id: Set(self.account_id.map(AccountId::uuid)),
            account_key: NotSet,
            rule: Set(key.rule.as_str().to_owned()),
            subject_kind: Set(key.subject.kind().as_str().to_owned()),
            subject: Set(key.subject.text()),
            severity: Set(severity.as_str().to_owned()),
            status: Set(status.as_str().to_owned()),
            baseline: Set(self.alert.baseline),
            evidence: Set(text(serde_json::to_string(&evidence.interactions))?),
            evidence_count: Set(number(evidence.count)),
            context: Set(context),
            opened_at: Set(self.alert.opened_at.timestamp_micros()),
            last_seen_on: Set(self.alert.last_seen_on),
            escalating_since: Set(micros(self.alert.escalating_since)),
            rung: Set(i32::from(self.alert.rung)),
            clear_on: Set(self.alert.clear_on),
            clear_evaluations: Set(number(self.alert.clear_evaluations)),
            acknowledged_at: Set(micros(self.alert.acknowledged_at)),
            acknowledged_by: Set(self.acknowledged_by.map(UserId::uuid)),
            snoozed_until: Set(self.alert.snoozed_until),
            snooze_reason: Set(self.snooze_reason),
            resolved_at: Set(micros(self.alert.resolved_at)),
            resolved_by: Set(self.resolved_by.map(UserId::uuid)),
            disposition: Set(self.alert.disposition.map(|word| word.as_str().to_owned())),
            note: Set(self.note),
            muted_until: Set(self.alert.muted_until),
            cleared_since: Set(self.alert.cleared_since),
            message: Set(self.alert.message),
            revision: Set(self.revision),
        })
    }
}

/// Holds what is about no account, so that nobody else opens an alert about the installation until the transaction ends.
pub(crate) async fn hold_installation(tx: &Tx) -> Result<(), ServiceError> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    installation::Entity::find()
        .select_only()
        .column(installation::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<i32>()
        .all(tx)
        .await
        .map(drop)
        .during("holding the installation")
}

/// An alert, whoever may see it.
pub(crate) async fn find(tx: &Tx, id: AlertId) -> Result<Option<StoredAlert>, ServiceError> {
    alert::Entity::find_by_id(id.uuid())
        .one(tx)
        .await
        .during("reading an alert")?
        .map(StoredAlert::from_row)
        .transpose()
}

/// The alerts that an evaluation of these accounts compares with: those that are not resolved, and for each key the one
/// resolved last. `None` stands for the installation as a whole. Held until the transaction ends.
pub(crate) async fn standing(
    tx: &Tx,
    accounts: &[Option<AccountId>],
) -> Result<HashMap<Option<AccountId>, Vec<StoredAlert>>, ServiceError> {
    use alert::Column;
    let backend = tx.get_database_backend();
    let keys = || {
        accounts
            .iter()
            .map(|account| account.map_or(Uuid::nil(), AccountId::uuid))
    };
    let of_accounts = || id_in(backend, (alert::Entity, Column::AccountKey), keys());
    // Within a key the unresolved one comes first, then the one resolved last; the first one is what counts.
    let mut within = WindowStatement::new();
    within.partition_by_columns(
        [Column::AccountKey, Column::Rule, Column::Subject].map(|column| (alert::Entity, column)),
    );
    within.order_by_expr(
        Expr::col((alert::Entity, Column::Status)).eq(AlertStatus::Resolved.as_str()),
        Order::Asc,
    );
    within.order_by((alert::Entity, Column::ResolvedAt), Order::Desc);
    within.order_by((alert::Entity, Column::Id), Order::Desc);
    let ranked = Query::select()
        .column((alert::Entity, Column::Id))
        .expr_window_as(Expr::cust("row_number()"), within, Alias::new("place"))
        .from(alert::Entity)
        .and_where(of_accounts())
        .to_owned();
    let newest = Query::select()
        .column(Alias::new("id"))
        .from_subquery(ranked, Alias::new("ranked"))
        .and_where(Expr::col(Alias::new("place")).eq(1))
        .to_owned();
    let rows = alert::Entity::find()
        .filter(
            Condition::all()
                .add(of_accounts())
                .add(Column::Id.in_subquery(newest)),
        )
        .lock(LockType::NoKeyUpdate)
        .all(tx)
        .await
        .during("reading alerts")?;
    let mut standing: HashMap<Option<AccountId>, Vec<StoredAlert>> = HashMap::new();
    for row in rows {
        let stored = StoredAlert::from_row(row)?;
        standing.entry(stored.account_id).or_default().push(stored);
    }
    Ok(standing)
}

/// The alert of one of these rules about a subject: what is not resolved before what is, then in the order of the rules.
pub(crate) async fn newest(
    tx: &Tx,
    account: AccountId,
    rules: &[AlertRule],
    subject: &Subject,
) -> Result<Option<StoredAlert>, ServiceError> {
    use alert::Column;
    let rows = alert::Entity::find()
        .filter(Column::AccountKey.eq(account.uuid()))
        .filter(Column::Rule.is_in(rules.iter().map(|rule| rule.as_str())))
        .filter(Column::Subject.eq(subject.text()))
        .all(tx)
        .await
        .during("reading the alert of a cause")?;
    let stored = rows
        .into_iter()
        .map(StoredAlert::from_row)
        .collect::<Result<Vec<_>, _>>()?;
    let place = |stored: &StoredAlert| rules.iter().position(|rule| *rule == stored.alert.key.rule);
    let order = |stored: &StoredAlert| {
        (
            !stored.alert.is_unresolved(),
            place(stored),
            Reverse(stored.alert.opened_at),
        )
    };
    Ok(stored.into_iter().min_by_key(order))
}

/// Writes alerts, new ones and changed ones. The caller holds their accounts, so that nobody else opens the same keys.
pub(crate) async fn write(tx: &Tx, alerts: Vec<StoredAlert>) -> Result<(), ServiceError> {
    use alert::Column;
    let fixed = [
        Column::Id,
        Column::AccountId,
        Column::AccountKey,
        Column::Rule,
        Column::SubjectKind,
        Column::Subject,
    ];
    let replace = OnConflict::column(Column::Id)
        .update_columns(
            Column::iter().filter(|column| fixed.iter().all(|fixed| !matches_column(*fixed, *column))),
        )
        .to_owned();
    let mut rows = alerts
        .into_iter()
        .map(StoredAlert::into_row)
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .peekable();
    let size = rows_per_insert(tx.get_database_backend(), Column::iter().count());
    while rows.peek().is_some() {
        alert::Entity::insert_many(rows.by_ref().take(size))
            .on_conflict(replace.clone())
            .exec_without_returning(tx)
            .await
            .during("writing alerts")?;
    }
    Ok(())
}

fn matches_column(one: alert::Column, other: alert::Column) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&other)
}

/// The accounts of these that were evaluated before; the others are noted as evaluated from now on.
pub(crate) async fn note_first_evaluations(
    tx: &Tx,
    accounts: &[AccountId],
    day: NaiveDate,
) -> Result<Vec<AccountId>, ServiceError> {
    use entity::alert_baseline::{ActiveModel, Column, Entity};
    let operation = "noting first evaluations";
    let backend = tx.get_database_backend();
    let known: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::AccountId)
        .filter(id_in(
            backend,
            Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .into_tuple()
        .all(tx)
        .await
        .during(operation)?;
    let new: Vec<ActiveModel> = accounts
        .iter()
        .filter(|id| !known.contains(&id.uuid()))
        .map(|id| ActiveModel {
            account_id: Set(id.uuid()),
            evaluated_on: Set(day),
        })
        .collect();
    let mut new = new.into_iter().peekable();
    while new.peek().is_some() {
        Entity::insert_many(new.by_ref().take(rows_per_insert(backend, 2)))
            .on_conflict(OnConflict::column(Column::AccountId).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await
            .during(operation)?;
    }
    Ok(known.into_iter().map(Into::into).collect())
}
