//! What rows refer to: external ids and e-mail addresses become ids, one query per referenced table and batch.
//!
//! An account, or a contact or user that is part of the key, must be known. Any other unknown contact or user is left
//! out with a warning. A row that removes something unknown has nothing to do. What the writer may not see is unknown, users
//! included: neither the answer nor what is stored tells them whose address is a user's.

use std::collections::{BTreeSet, HashMap};

use engagement::vocabulary::Attendance;
use entity::app_user;
use sea_orm::sea_query::Query;
use sea_orm::{ConnectionTrait, Value as Parameter};
use uuid::Uuid;

use super::context::{Context, Written};
use super::erased;
use super::resolved::{Account, Contacts, ResolvedRow, set_text};
use super::statement::find_ids;
use crate::access::{visible_accounts, visible_users};
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::ingest::summary::RowOutcome;
use crate::ingest::target::column::{Column, Kind, Spec};
use crate::ingest::value::cell::Flaw;
use crate::ingest::value::row::{Patch, TypedRow};
use crate::ingest::value::{Value, shown};
use crate::sql::dialect::text_in;

#[derive(Default)]
struct Known {
    accounts: HashMap<String, Account>,
    contacts: Contacts,
    users: HashMap<String, Uuid>,
    /// What is said of an address that is none of those. An address is not repeated in a report.
    unknown_user: &'static str,
}

/// Resolves the references of a batch.
pub(super) async fn resolve(
    tx: &Tx,
    context: &Context<'_>,
    spec: &Spec,
    rows: Vec<TypedRow>,
    written: &mut Written,
) -> Result<Vec<ResolvedRow>, ServiceError> {
    let mut known = Known::default();
    if spec
        .columns
        .first()
        .is_some_and(|c| matches!(c.kind, Kind::Account))
    {
        let named: BTreeSet<&str> = rows.iter().filter_map(|row| set_text(&row.patches[0])).collect();
        known.accounts = accounts(tx, context, &named).await?;
        if let Some(rehearsal) = context.rehearsal {
            rehearsal.accounts(&named, &mut known.accounts).await?;
        }
    }
    if spec
        .columns
        .iter()
        .any(|c| matches!(c.kind, Kind::Contact | Kind::Participants))
    {
        let named = named_contacts(spec, &rows, &known);
        known.contacts = contacts(tx, &named).await?;
        if let Some(rehearsal) = context.rehearsal {
            rehearsal.contacts(&named, &mut known.contacts).await?;
        }
        erased::add(tx, &named, &mut known.contacts).await?;
    }
    if spec.columns.iter().any(|c| matches!(c.kind, Kind::User)) {
        let named = named_users(spec, &rows);
        known.users = users(tx, context, &named).await?;
        known.unknown_user = match context.access.user() {
            None => "unknown user: no user has this e-mail address",
            Some(_) => "unknown user: nobody whom you see has this e-mail address",
        };
        if let Some(rehearsal) = context.rehearsal {
            rehearsal.users(&named, &mut known.users).await?;
        }
    }
    let mut resolved = Vec::with_capacity(rows.len());
    for row in rows {
        let (line, deleted) = (row.line, row.deleted);
        match resolve_row(spec, row, &known, written) {
            Ok(row) => resolved.push(row),
            // What is not there need not be removed.
            Err(_) if deleted => written.outcomes.push((line, RowOutcome::Unchanged)),
            Err(flaw) => written.reject(line, flaw),
        }
    }
    Ok(resolved)
}

fn named_users<'a>(spec: &Spec, rows: &'a [TypedRow]) -> BTreeSet<&'a str> {
    let columns: Vec<usize> = (0..spec.columns.len())
        .filter(|at| matches!(spec.columns[*at].kind, Kind::User))
        .collect();
    rows.iter()
        .flat_map(|row| columns.iter().filter_map(|at| set_text(&row.patches[*at])))
        .collect()
}

/// The contacts that rows name, in order, each once.
fn named_contacts<'a>(spec: &Spec, rows: &'a [TypedRow], known: &Known) -> Vec<(Uuid, &'a str)> {
    let mut named = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(account) = set_text(&row.patches[0]).and_then(|text| known.accounts.get(text)) else {
            continue;
        };
        for (column, patch) in spec.columns.iter().zip(&row.patches) {
            match (column.kind, patch) {
                (Kind::Contact, patch) => named.extend(set_text(patch).map(|text| (account.id, text))),
                (Kind::Participants, Patch::Set(Value::Participants(list))) => {
                    named.extend(list.iter().map(|(contact, _)| (account.id, contact.as_str())));
                }
                _ => {}
            }
        }
    }
    named.sort_unstable();
    named.dedup();
    named
}

fn resolve_row(
    spec: &Spec,
    mut row: TypedRow,
    known: &Known,
    written: &mut Written,
) -> Result<ResolvedRow, Flaw> {
    let mut account = None;
    let mut participants = None;
    for (column, patch) in spec.columns.iter().zip(&mut row.patches) {
        let Patch::Set(value) = patch else { continue };
        let found = match (column.kind, &*value) {
            (Kind::Account, Value::Text(text)) => {
                account = known.accounts.get(text.as_ref()).cloned();
                account.as_ref().map(|a| a.id)
            }
            (Kind::Contact, Value::Text(text)) => contact(known, account.as_ref(), text),
            (Kind::User, Value::Text(text)) => known.users.get(text.as_ref()).copied(),
            (Kind::Participants, Value::Participants(list)) => {
                let mut ids: Vec<(Uuid, Attendance)> = Vec::with_capacity(list.len());
                for (text, attendance) in list {
                    match contact(known, account.as_ref(), text) {
                        Some(id) => ids.push((id, *attendance)),
                        None => written.warn(row.line, column.name, unknown(known, column, text)),
                    }
                }
                participants = Some(ids);
                continue;
            }
            _ => continue,
        };
        if let Some(id) = found {
            *value = Value::Id(id);
            continue;
        }
        let reason = unknown(known, column, value.text().unwrap_or_default());
        if column.is_key() {
            return Err(Flaw::unknown(column.name, reason));
        }
        written.warn(row.line, column.name, reason);
        *patch = Patch::Clear;
    }
    if let Some(at) = spec
        .columns
        .iter()
        .position(|c| matches!(c.kind, Kind::Participants))
        && matches!(row.patches[at], Patch::Clear)
    {
        participants = Some(Vec::new());
    }
    Ok(ResolvedRow {
        line: row.line,
        deleted: row.deleted,
        account,
        patches: row.patches,
        participants,
    })
}

fn contact(known: &Known, account: Option<&Account>, text: &str) -> Option<Uuid> {
    known.contacts.get(&account?.id)?.get(text).copied()
}

fn unknown(known: &Known, column: &Column, text: &str) -> String {
    match column.kind {
        Kind::Account => format!("unknown account {}", shown(text)),
        Kind::User => known.unknown_user.to_owned(),
        _ => format!("unknown contact {} of this account", shown(text)),
    }
}

async fn accounts(
    tx: &Tx,
    context: &Context<'_>,
    names: &BTreeSet<&str>,
) -> Result<HashMap<String, Account>, ServiceError> {
    let operation = "looking up accounts";
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let query = Query::select()
        .columns(["id", "external_id", "currency"])
        .from("account")
        .and_where(text_in(
            tx.get_database_backend(),
            "external_id",
            names.iter().copied(),
        ))
        .cond_where(visible_accounts(context.access, "id"))
        .take();
    let mut found = HashMap::new();
    for row in tx.query_all(&query).await.during(operation)? {
        let account = Account {
            id: row.try_get_by_index(0).during(operation)?,
            currency: row.try_get_by_index(2).during(operation)?,
        };
        found.insert(row.try_get_by_index(1).during(operation)?, account);
    }
    Ok(found)
}

async fn contacts(tx: &Tx, keys: &[(Uuid, &str)]) -> Result<Contacts, ServiceError> {
    let key = ["account_id", "external_id"];
    let ids = find_ids(
        tx,
        "looking up contacts",
        ("contact", "id"),
        &key,
        keys,
        |(account, text), parameters| {
            parameters.extend([Parameter::from(*account), Parameter::from(*text)]);
        },
    );
    let mut found = Contacts::new();
    for ((account, text), id) in keys.iter().zip(ids.await?) {
        if let Some(id) = id {
            found.entry(*account).or_default().insert((*text).to_owned(), id);
        }
    }
    Ok(found)
}

async fn users(
    tx: &Tx,
    context: &Context<'_>,
    names: &BTreeSet<&str>,
) -> Result<HashMap<String, Uuid>, ServiceError> {
    let operation = "looking up users";
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let query = Query::select()
        .columns(["id", "email"])
        .from("app_user")
        .and_where(text_in(tx.get_database_backend(), "email", names.iter().copied()))
        .cond_where(visible_users(
            context.access,
            (app_user::Entity, app_user::Column::Id),
        ))
        .take();
    let mut found = HashMap::new();
    for row in tx.query_all(&query).await.during(operation)? {
        found.insert(
            row.try_get_by_index(1).during(operation)?,
            row.try_get_by_index(0).during(operation)?,
        );
    }
    Ok(found)
}
