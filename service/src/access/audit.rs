//! The audit log: who changed what, when, and what it was before and after. A row is written in the transaction of its
//! change, so that neither is ever there without the other; the database refuses to change or remove one.
//!
//! Before and after hold what the change held and nothing more, as JSON objects: the values that differ, by the names
//! they have in docs/import-files.md. Erasing a contact takes them out of the rows that speak of that person
//! ([`crate::change::erasure`]); who did what to which account, and when, stays.

use chrono::{DateTime, Utc};
use engagement::id::{
    AccountId, AlertId, AuditEntryId, ContactId, GoalId, InitiativeId, InteractionId, OrgChangeId,
    OutreachId, SponsorshipId, TokenId, UserId,
};
use engagement::vocabulary::AuditTarget;
use entity::audit_log;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, IntoColumnRef};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::access::rights::{Action, require};
use crate::access::{Access, visible_accounts};
use crate::clock::instant;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::sql::dialect::rows_per_insert;
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place, into_page};
use crate::sql::stored::parse;

/// A change, as the log keeps it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    /// What was done.
    pub(crate) action: Action,
    /// To what.
    pub(crate) target: AuditTarget,
    /// To which; absent for rows without an id.
    pub(crate) id: Option<Uuid>,
    /// The account it belongs to, where it belongs to one.
    pub(crate) account: Option<AccountId>,
    /// What it replaced; absent where it made something.
    pub(crate) before: Option<Values>,
    /// What it made; absent where it removed something.
    pub(crate) after: Option<Values>,
}

/// Values by name.
pub(crate) type Values = Map<String, Value>;

/// Values by name, of those that there are.
pub(crate) fn values<const N: usize>(named: [(&str, Value); N]) -> Values {
    named
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Only what differs between two sets of values; what one of them does not have is null in it.
pub(crate) fn difference(before: &Values, after: &Values) -> (Values, Values) {
    let names: Vec<&String> = before
        .keys()
        .chain(after.keys())
        .filter(|name| before.get(*name) != after.get(*name))
        .collect();
    let only = |values: &Values| -> Values {
        names
            .iter()
            .map(|name| ((*name).clone(), values.get(*name).cloned().unwrap_or(Value::Null)))
            .collect()
    };
    (only(before), only(after))
}

/// Writes changes to the log, in their own transaction.
///
/// # Errors
/// Those of the database.
pub(crate) async fn record(
    tx: &Tx,
    access: &Access,
    now: DateTime<Utc>,
    changes: Vec<Change>,
) -> Result<(), ServiceError> {
    const COLUMNS: usize = 11;
    let text = |values: Option<Values>| values.map(|values| Value::Object(values).to_string());
    let mut rows = changes
        .into_iter()
        .map(|change| audit_log::ActiveModel {
            id: Set(new_id(now)),
            at: Set(now.timestamp_micros()),
            user_id: Set(access.user().map(UserId::uuid)),
            token_id: Set(access.token().map(TokenId::uuid)),
            action: Set(change.action.name().to_owned()),
            target_kind: Set(change.target.as_str().to_owned()),
            target_id: Set(change.id),
            account_id: Set(change.account.map(AccountId::uuid)),
            before: Set(text(change.before)),
            after: Set(text(change.after)),
            redacted_at: Set(None),
        })
        .peekable();
    let size = rows_per_insert(tx.get_database_backend(), COLUMNS);
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(size).collect();
        audit_log::Entity::insert_many(chunk)
            .exec_without_returning(tx)
            .await
            .during("writing the audit log")?;
    }
    Ok(())
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    pub at: DateTime<Utc>,
    /// Who; absent for the system. They may have been removed since.
    pub user_id: Option<UserId>,
    /// With which token.
    pub token_id: Option<TokenId>,
    /// What was done: the name of a mutation, or of what the command line or the worker did.
    pub action: String,
    /// To what.
    pub target: AuditTarget,
    /// To which of them, as a global id; absent where they have none.
    pub target_id: Option<String>,
    /// The account it belongs to. It may have been removed since.
    pub account_id: Option<AccountId>,
    /// What was replaced.
    pub before: Option<Value>,
    /// What came of it.
    pub after: Option<Value>,
    /// When a person was erased from it.
    pub redacted_at: Option<DateTime<Utc>>,
}

/// Which entries a list holds: those that meet every part that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// About this account.
    pub account: Option<AccountId>,
    /// By this user.
    pub user: Option<UserId>,
}

/// A page of the log, the newest first.
///
/// # Errors
/// [`ServiceError::Forbidden`] for whom it is not; [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn list(
    db: &Db,
    access: &Access,
    filter: &AuditFilter,
    page: &PageRequest,
    with_total: bool,
) -> Result<Page<AuditEntry>, ServiceError> {
    use audit_log::{Column, Entity};
    require(access, Action::ReadAuditLog)?;
    let operation = "reading the audit log";
    let seen = Condition::any()
        .add(Column::AccountId.is_null())
        .add(visible_accounts(access, Column::AccountId.into_column_ref()));
    let mut select = Entity::find().filter(seen);
    if let Some(account) = filter.account {
        select = select.filter(Column::AccountId.eq(account.uuid()));
    }
    if let Some(user) = filter.user {
        select = select.filter(Column::UserId.eq(user.uuid()));
    }
    let total = if with_total {
        Some(select.clone().count(db.read()).await.during(operation)?)
    } else {
        None
    };
    let ordering = Ordering {
        key: Expr::col(Column::At),
        kind: KeyKind::Whole,
        descending: true,
        id: Expr::col(Column::Id),
    };
    let direction = if page.backward {
        sea_orm::Order::Asc
    } else {
        sea_orm::Order::Desc
    };
    let rows = select
        .filter(ordering.bounds(page)?)
        .order_by(Column::At, direction.clone())
        .order_by(Column::Id, direction)
        .limit(u64::from(page.limit) + 1)
        .all(db.read())
        .await
        .during(operation)?;
    let rows = rows
        .into_iter()
        .map(|row| {
            Ok((
                Place {
                    key: Key::Whole(row.at),
                    id: row.id,
                },
                from_row(row)?,
            ))
        })
        .collect::<Result<Vec<_>, ServiceError>>()?;
    Ok(into_page(page, rows, total))
}

fn from_row(row: audit_log::Model) -> Result<AuditEntry, ServiceError> {
    const TABLE: &str = "audit_log";
    let read = |column: &'static str, text: Option<String>| {
        text.map(|text| {
            serde_json::from_str(&text).map_err(|_| ServiceError::Stored {
                table: TABLE,
                column,
                value: text,
            })
        })
        .transpose()
    };
    let target: AuditTarget = parse(TABLE, "target_kind", &row.target_kind)?;
    Ok(AuditEntry {
        id: row.id.into(),
        at: instant(row.at),
        user_id: row.user_id.map(Into::into),
        token_id: row.token_id.map(Into::into),
        action: row.action,
        target,
        target_id: row.target_id.and_then(|id| global_id(target, id)),
        account_id: row.account_id.map(Into::into),
        before: read("before", row.before)?,
        after: read("after", row.after)?,
        redacted_at: row.redacted_at.map(instant),
    })
}

/// What a target is called outside.
fn global_id(target: AuditTarget, id: Uuid) -> Option<String> {
    Some(match target {
        AuditTarget::Account => AccountId::from(id).to_string(),
        AuditTarget::Contact => ContactId::from(id).to_string(),
        AuditTarget::Interaction => InteractionId::from(id).to_string(),
        AuditTarget::Sponsorship => SponsorshipId::from(id).to_string(),
        AuditTarget::Goal => GoalId::from(id).to_string(),
        AuditTarget::Initiative => InitiativeId::from(id).to_string(),
        AuditTarget::OrgChange => OrgChangeId::from(id).to_string(),
        AuditTarget::Outreach => OutreachId::from(id).to_string(),
        AuditTarget::Alert => AlertId::from(id).to_string(),
        AuditTarget::TeamMember | AuditTarget::User => UserId::from(id).to_string(),
        AuditTarget::Token => TokenId::from(id).to_string(),
        AuditTarget::Usage | AuditTarget::Metric | AuditTarget::Import => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_kept() {
        let before = values([
            ("name", json!("Acme")),
            ("tier", json!("SMB")),
            ("region", Value::Null),
        ]);
        let after = values([
            ("name", json!("Acme")),
            ("tier", json!("ENTERPRISE")),
            ("region", json!("EMEA")),
        ]);
        let (before, after) = difference(&before, &after);
        assert_eq!(Value::Object(before), json!({"tier": "SMB", "region": null}));
        assert_eq!(
            Value::Object(after),
            json!({"tier": "ENTERPRISE", "region": "EMEA"})
        );
        let same = values([("name", json!("Acme"))]);
        assert_eq!(difference(&same, &same), (Values::new(), Values::new()));
    }
}
