//! What a batch changed, for the audit log: an entry per row, or, of rows that have no id, an entry per account.

use std::collections::BTreeMap;

use engagement::id::{AccountId, ContactId, UserId};
use engagement::vocabulary::AuditTarget;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::context::Context;
use super::merged::{Attendances, MergedRow};
use crate::access::audit::{self, Change, Values, difference};
use crate::access::rights::Action;
use crate::clock::instant;
use crate::db::Tx;
use crate::error::ServiceError;
use crate::ingest::target::column::{Column, Kind, Spec};
use crate::ingest::target::file::Target;
use crate::ingest::value::Value;
use crate::money::Money;

/// Writes the changes of a batch to the audit log, where its context asks for that.
pub(super) async fn record(
    tx: &Tx,
    context: &Context<'_>,
    spec: &Spec,
    rows: &[MergedRow],
) -> Result<(), ServiceError> {
    // Who may see and do what is always told; other rows of an import are counted (`run_entry`).
    let of_import = matches!(spec.target, Target::Users | Target::Teams).then_some(Action::Import);
    let (Some(action), Some(target)) = (context.action.or(of_import), target_of(spec.target)) else {
        return Ok(());
    };
    let mut changes = Vec::new();
    let mut by_account: BTreeMap<Uuid, (Vec<Json>, Vec<Json>)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.is_changed()) {
        let (before, after) = before_and_after(spec, row);
        // A membership has no id of its own: it is its user's.
        let id = if spec.target == Target::Teams {
            user_of(spec, row)
        } else {
            row.id
        };
        match (id, row.account) {
            (Some(id), _) => {
                let account = if spec.target == Target::Accounts {
                    Some(id)
                } else {
                    row.account
                };
                changes.push(Change {
                    action,
                    target,
                    id: Some(id),
                    account: account.map(AccountId::from),
                    before,
                    after,
                });
            }
            (None, Some(account)) => {
                let (old, new) = by_account.entry(account).or_default();
                let key = values_of(spec, &row.values, Column::is_key);
                let whole = |values: Values| Json::Object(key.clone().into_iter().chain(values).collect());
                old.extend(before.map(whole));
                new.extend(after.map(whole));
            }
            (None, None) => {}
        }
    }
    for (account, (old, new)) in by_account {
        let listed =
            |rows: Vec<Json>| (!rows.is_empty()).then(|| audit::values([("rows", Json::Array(rows))]));
        changes.push(Change {
            action,
            target,
            id: None,
            account: Some(account.into()),
            before: listed(old),
            after: listed(new),
        });
    }
    audit::record(tx, context.access, context.now, changes).await
}

fn user_of(spec: &Spec, row: &MergedRow) -> Option<Uuid> {
    let at = spec
        .columns
        .iter()
        .position(|column| matches!(column.kind, Kind::User))?;
    if let Value::Id(id) = row.values[at] {
        Some(id)
    } else {
        None
    }
}

/// What the rows of a file are in the audit log; files that no caller writes row by row are not in it.
fn target_of(target: Target) -> Option<AuditTarget> {
    Some(match target {
        Target::Accounts => AuditTarget::Account,
        Target::Contacts => AuditTarget::Contact,
        Target::Interactions => AuditTarget::Interaction,
        Target::Usage => AuditTarget::Usage,
        Target::Metrics => AuditTarget::Metric,
        Target::Goals => AuditTarget::Goal,
        Target::Initiatives => AuditTarget::Initiative,
        Target::OrgChanges => AuditTarget::OrgChange,
        Target::Sponsorships => AuditTarget::Sponsorship,
        Target::Teams => AuditTarget::TeamMember,
        Target::Users => AuditTarget::User,
        Target::Features | Target::Outcomes => return None,
    })
}

fn before_and_after(spec: &Spec, row: &MergedRow) -> (Option<Values>, Option<Values>) {
    let people = |at: usize, values: &mut Values| {
        if let Some(attendance) = &row.attendance {
            values.insert("participants".to_owned(), people_of(&attendance[at]));
        }
    };
    // What a new row holds with its key; of a changed one what differs.
    let Some(stored) = &row.stored else {
        let mut after = values_of(spec, &row.values, |_| true);
        people(1, &mut after);
        return (None, Some(after));
    };
    let mut before = values_of(spec, stored, |_| true);
    if !row.is_written() {
        return (Some(before), None);
    }
    let mut after = values_of(spec, &row.values, |_| true);
    people(0, &mut before);
    people(1, &mut after);
    let (before, after) = difference(&before, &after);
    (Some(before), Some(after))
}

fn people_of(attendances: &Attendances) -> Json {
    attendances
        .iter()
        .map(|(contact, attendance)| json!({"contact": ContactId::from(*contact), "attendance": attendance}))
        .collect()
}

/// The values of a row, by the names of the file, as a person reads them.
fn values_of(spec: &Spec, values: &[Value], which: impl Fn(&Column) -> bool) -> Values {
    let currency = spec
        .columns
        .iter()
        .position(|c| matches!(c.kind, Kind::Currency))
        .and_then(|at| values[at].text());
    spec.columns
        .iter()
        .zip(values)
        .filter(|(column, _)| which(column) && column.is_stored())
        .map(|(column, value)| (column.name.to_owned(), shown(column, value, currency)))
        .filter(|(_, value)| !value.is_null())
        .collect()
}

fn shown(column: &Column, value: &Value, currency: Option<&str>) -> Json {
    match value {
        Value::Text(text) if matches!(column.kind, Kind::List) => {
            serde_json::from_str(text).unwrap_or_else(|_| json!(text))
        }
        Value::Text(text) => json!(text),
        Value::Day(day) => json!(day),
        Value::Truth(truth) => json!(truth),
        Value::Whole(micros) if matches!(column.kind, Kind::Instant) => json!(instant(*micros)),
        Value::Whole(minor) if matches!(column.kind, Kind::Money) => {
            json!(Money::new(*minor, currency.map(str::to_owned)).amount())
        }
        Value::Whole(number) => json!(number),
        Value::Real(number) => json!(number),
        Value::Id(id) => match column.kind {
            Kind::Account => json!(AccountId::from(*id)),
            Kind::Contact => json!(ContactId::from(*id)),
            Kind::User => json!(UserId::from(*id)),
            _ => json!(id),
        },
        // Amounts are settled, and participants kept in their own table, before a row is written.
        Value::Null | Value::Amount(_) | Value::Participants(_) => Json::Null,
    }
}
