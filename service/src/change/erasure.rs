//! Erasing a contact: who they were is taken out, what happened stays.
//!
//! The row of the contact stays, because interactions, usage and sponsorships point at it and scores are counted from
//! those; it keeps its id, department, level and the days it came and left, and loses name, address, title, preferences
//! and external id. Their full name and address are masked in every text about the account, and each word of the name in
//! the texts of what they took part in. Mails that tell of the account are written anew, or lose their text
//! ([`crate::outbox`]). The audit log loses what it held of them. Their key is remembered as a hash: an
//! import of yesterday's file neither brings them back nor forgets that they were there.

use std::collections::HashSet;

use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, ContactId};
use engagement::vocabulary::AuditTarget;
use entity::{contact, erased_contact};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement, Value};
use serde_json::json;
use uuid::Uuid;

use crate::access::Access;
use crate::access::audit::{self, Change, values};
use crate::access::rights::{Action, require};
use crate::clock::Moment;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::outbox::forget_contact;
use crate::record::account;
use crate::record::contact::Contact;
use crate::record::erased_contact::key_hash;
use crate::record::mask::{MASK, Mask};
use crate::scoring::touched;
use crate::sql::dialect::rows_per_insert;

/// What the name of an erased contact is.
pub const ERASED_NAME: &str = "Erased contact";

/// A table with texts that people write.
struct Texts {
    table: &'static str,
    /// Which are texts.
    columns: &'static [&'static str],
    /// Whether a row is about the contact `$2` in particular; its text id is `$3`.
    about: &'static str,
    /// No two rows of an account have the same first text: it is part of their key.
    distinct: bool,
}

/// Every text about an account that people write. A new table with such texts stands here; a test tells who forgets it.
const TEXTS: &[Texts] = &[
    Texts {
        table: "interaction",
        columns: &["subject", "topics", "outcome"],
        about: "t.from_contact = $2 OR t.responded_by = $2 OR EXISTS (SELECT 1 FROM interaction_participant p
            WHERE p.account_id = t.account_id AND p.interaction_id = t.id AND p.contact_id = $2)",
        distinct: false,
    },
    Texts {
        table: "org_change",
        columns: &["summary", "url", "impact"],
        about: "t.contact_id = $2",
        distinct: true,
    },
    Texts {
        table: "initiative",
        columns: &["their_priority"],
        about: "1 = 0",
        distinct: false,
    },
    Texts {
        table: "outreach",
        columns: &["subject"],
        about: "t.contact_id = $2",
        distinct: false,
    },
    Texts {
        table: "alert",
        columns: &["message", "context", "note", "snooze_reason"],
        about: "t.subject = $3",
        distinct: false,
    },
];

/// The columns that are masked, as `table.column`: what a test compares with all texts that there are.
pub fn masked_columns() -> Vec<String> {
    let texts = TEXTS.iter().flat_map(|texts| {
        texts
            .columns
            .iter()
            .map(|column| format!("{}.{column}", texts.table))
    });
    texts.chain(["outbox.context".to_owned()]).collect()
}

/// Erases a contact. One that was erased already stays as it is, but the texts of kept mails go: an earlier version left them.
///
/// # Errors
/// [`ServiceError::NotFound`] for one that is not there or not to be seen; [`ServiceError::Forbidden`].
pub async fn erase(db: &Db, access: &Access, moment: Moment, id: ContactId) -> Result<Contact, ServiceError> {
    db.write_tx(async |tx| {
        let found = crate::record::contact::expect(tx, access, "contactId", id).await?;
        require(access, Action::EraseContact)?;
        account::hold(tx, access, "contactId", found.account_id).await?;
        // Read again, now that nobody else changes it.
        let found = crate::record::contact::expect(tx, access, "contactId", id).await?;
        if found.external_id == erased_key(id) {
            forget_contact(tx, found.account_id, None).await?;
            return Ok(found);
        }
        let mask = Mask::of(&found.name, found.email.as_ref().map(EmailAddress::expose));
        let mut masked = 0;
        for texts in TEXTS {
            masked += mask_texts(tx, texts, &found, &mask).await?;
        }
        masked += forget_contact(tx, found.account_id, Some(&mask)).await?;
        redact_log(tx, moment, &found, &mask).await?;
        forget(tx, moment, &found).await?;
        touched::touch(tx, &[found.account_id], moment.now).await?;
        let change = Change {
            action: Action::EraseContact,
            target: AuditTarget::Contact,
            id: Some(id.uuid()),
            account: Some(found.account_id),
            before: None,
            after: Some(values([("erased", json!(true)), ("masked_texts", json!(masked))])),
        };
        audit::record(tx, access, moment.now, vec![change]).await?;
        crate::record::contact::expect(tx, access, "contactId", id).await
    })
    .await
}

/// The key of an erased contact: no key of the customer's systems, and its own.
fn erased_key(id: ContactId) -> String {
    format!("erased {id}")
}

/// Takes the person out of their row, and remembers their key.
async fn forget(tx: &Tx, moment: Moment, contact: &Contact) -> Result<(), ServiceError> {
    use contact::Column as C;
    contact::Entity::update_many()
        .col_expr(C::ExternalId, Expr::value(erased_key(contact.id)))
        .col_expr(C::Name, Expr::value(ERASED_NAME))
        .col_expr(C::Email, Expr::value(None::<String>))
        .col_expr(C::Title, Expr::value(None::<String>))
        .col_expr(C::RoleStartedOn, Expr::value(None::<chrono::NaiveDate>))
        .col_expr(C::CommunicationPreference, Expr::value(None::<String>))
        .col_expr(C::Priorities, Expr::value("[]"))
        .filter(C::AccountId.eq(contact.account_id.uuid()))
        .filter(C::Id.eq(contact.id.uuid()))
        .exec(tx)
        .await
        .during("erasing a contact")?;
    let row = erased_contact::ActiveModel {
        account_id: Set(contact.account_id.uuid()),
        key_hash: Set(key_hash(contact.account_id.uuid(), &contact.external_id)),
        contact_id: Set(contact.id.uuid()),
        erased_at: Set(moment.now.timestamp_micros()),
    };
    erased_contact::Entity::insert(row)
        .exec_without_returning(tx)
        .await
        .map(drop)
        .during("remembering an erased contact")
}

/// Masks the texts of one table; in how many rows.
async fn mask_texts(tx: &Tx, texts: &Texts, contact: &Contact, mask: &Mask) -> Result<usize, ServiceError> {
    let operation = "masking a name";
    let present: Vec<String> = texts
        .columns
        .iter()
        .map(|column| format!("t.{column} IS NOT NULL"))
        .collect();
    let select = format!(
        "SELECT t.id, CASE WHEN {} THEN 1 ELSE 0 END, {} FROM {} t WHERE t.account_id = $1 AND ({})",
        texts.about,
        texts
            .columns
            .iter()
            .map(|column| format!("t.{column}"))
            .collect::<Vec<_>>()
            .join(", "),
        texts.table,
        present.join(" OR ")
    );
    let mut parameters = vec![Value::from(contact.account_id.uuid())];
    // A parameter that no text of the statement names has no type.
    if texts.about.contains("$2") {
        parameters.push(contact.id.uuid().into());
    }
    let select = if texts.about.contains("$3") {
        parameters.push(contact.id.to_string().into());
        select.replace("$3", "$2")
    } else {
        select
    };
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), select, parameters);
    let mut changed: Vec<(Uuid, Vec<Option<String>>)> = Vec::new();
    let mut taken: HashSet<String> = HashSet::new();
    for row in tx.query_all_raw(statement).await.during(operation)? {
        let about = match tx.get_database_backend() {
            sea_orm::DbBackend::Postgres => row.try_get_by_index::<i32>(1).during(operation)? != 0,
            _ => row.try_get_by_index::<i64>(1).during(operation)? != 0,
        };
        let mut any = false;
        let mut after = Vec::with_capacity(texts.columns.len());
        for at in 0..texts.columns.len() {
            let text: Option<String> = row.try_get_by_index(at + 2).during(operation)?;
            let masked = text.as_deref().and_then(|text| mask.apply(text, about));
            any |= masked.is_some();
            after.push(masked.or(text));
        }
        if any {
            changed.push((row.try_get_by_index(0).during(operation)?, after));
        } else {
            taken.extend(after.into_iter().next().flatten());
        }
    }
    if texts.distinct {
        changed
            .iter_mut()
            .filter_map(|(_, after)| after.first_mut()?.as_mut())
            .for_each(|text| tell_apart(text, &mut taken));
    }
    update(tx, texts, contact.account_id, &changed).await?;
    Ok(changed.len())
}

/// Numbers a text that others have become too.
fn tell_apart(text: &mut String, taken: &mut HashSet<String>) {
    let masked = text.clone();
    let mut number = 1;
    while !taken.insert(text.clone()) {
        number += 1;
        *text = format!("{masked} ({number})");
    }
}

async fn update(
    tx: &Tx,
    texts: &Texts,
    account: AccountId,
    changed: &[(Uuid, Vec<Option<String>>)],
) -> Result<(), ServiceError> {
    let columns = texts.columns;
    let width = columns.len() + 1;
    let set: Vec<String> = columns
        .iter()
        .map(|column| format!("{column} = changed.{column}"))
        .collect();
    for chunk in changed.chunks(rows_per_insert(tx.get_database_backend(), width)) {
        let rows: Vec<String> = (0..chunk.len())
            .map(|row| {
                format!(
                    "({})",
                    (0..width)
                        .map(|at| format!("${}", row * width + at + 2))
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            })
            .collect();
        let text = format!(
            "WITH changed (id, {}) AS (VALUES {}) UPDATE {table} SET {} FROM changed WHERE {table}.account_id = $1 AND {table}.id = changed.id",
            columns.join(", "),
            rows.join(", "),
            set.join(", "),
            table = texts.table,
        );
        let mut parameters = vec![Value::from(account.uuid())];
        for (id, texts) in chunk {
            parameters.push((*id).into());
            parameters.extend(texts.iter().cloned().map(Value::from));
        }
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), text, parameters);
        tx.execute_raw(statement).await.during("masking a name")?;
    }
    Ok(())
}

/// Takes the person out of the log: what it held of their row goes, in the account's other entries they are masked.
async fn redact_log(tx: &Tx, moment: Moment, contact: &Contact, mask: &Mask) -> Result<(), ServiceError> {
    use entity::audit_log::{Column, Entity};
    let operation = "redacting the audit log";
    let entries = Entity::find()
        .filter(Column::AccountId.eq(contact.account_id.uuid()))
        .all(tx)
        .await
        .during(operation)?;
    let mut changed: Vec<(Uuid, Option<String>, Option<String>)> = Vec::new();
    for entry in entries {
        if entry.target_kind == AuditTarget::Contact.as_str() && entry.target_id == Some(contact.id.uuid()) {
            let gone = |text: Option<String>| text.map(|_| json!({ "erased": MASK }).to_string());
            changed.push((entry.id, gone(entry.before), gone(entry.after)));
            continue;
        }
        // Which entries are about the person is not known any more: every word of the name goes.
        let masked = |text: &Option<String>| text.as_deref().and_then(|text| mask.apply(text, true));
        let (before, after) = (masked(&entry.before), masked(&entry.after));
        if before.is_some() || after.is_some() {
            changed.push((entry.id, before.or(entry.before), after.or(entry.after)));
        }
    }
    for chunk in changed.chunks(rows_per_insert(tx.get_database_backend(), 3)) {
        let rows: Vec<String> = (0..chunk.len())
            .map(|row| format!("(${}, ${}, ${})", row * 3 + 2, row * 3 + 3, row * 3 + 4))
            .collect();
        let text = format!(
            "WITH changed (id, old_values, new_values) AS (VALUES {}) UPDATE audit_log SET before = changed.old_values, after = changed.new_values, redacted_at = $1
             FROM changed WHERE audit_log.id = changed.id",
            rows.join(", ")
        );
        let mut parameters = vec![Value::from(moment.now.timestamp_micros())];
        for (id, before, after) in chunk {
            parameters.extend([(*id).into(), before.clone().into(), after.clone().into()]);
        }
        tx.execute_raw(Statement::from_sql_and_values(
            tx.get_database_backend(),
            text,
            parameters,
        ))
        .await
        .during(operation)?;
    }
    Ok(())
}
