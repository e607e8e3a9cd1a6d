//! Contacts who were erased (`crate::change::erasure`): what a file still says about them is not taken in again, and rows that
//! name them go on meaning what is left of them, so that importing a file again changes no score.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, Statement, Value as Parameter};
use uuid::Uuid;

use super::context::Written;
use super::resolved::{Contacts, ResolvedRow};
use super::statement::find_ids;
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::ingest::summary::RowOutcome;
use crate::ingest::target::column::Spec;
use crate::ingest::target::file::Target;
use crate::ingest::value::row::Patch;
use crate::record::erased_contact::key_hash;

/// Leaves out rows of `contacts` about people who were erased, with a warning.
pub(super) async fn leave_out(
    tx: &Tx,
    spec: &Spec,
    rows: Vec<ResolvedRow>,
    written: &mut Written,
) -> Result<Vec<ResolvedRow>, ServiceError> {
    let Some(at) = spec
        .position("external_id")
        .filter(|_| spec.target == Target::Contacts)
    else {
        return Ok(rows);
    };
    let named = |row: &ResolvedRow| match (&row.account, &row.patches[at]) {
        (Some(account), Patch::Set(value)) => value.text().map(|text| (account.id, text.to_owned())),
        _ => None,
    };
    let keys: Vec<(Uuid, String)> = rows.iter().filter_map(named).collect();
    let gone = find(
        tx,
        keys.iter()
            .map(|(account, text)| (*account, text.as_str()))
            .collect(),
    )
    .await?;
    if gone.is_empty() {
        return Ok(rows);
    }
    let (left_out, kept): (Vec<ResolvedRow>, Vec<ResolvedRow>) = rows
        .into_iter()
        .partition(|row| named(row).is_some_and(|key| gone.contains_key(&key)));
    for row in left_out {
        written.outcomes.push((row.line, RowOutcome::Unchanged));
        written.warn(
            row.line,
            "external_id",
            "the contact was erased on request; the row is left out".to_owned(),
        );
    }
    Ok(kept)
}

/// Adds, to the contacts that were found, those that were erased.
pub(super) async fn add(tx: &Tx, named: &[(Uuid, &str)], found: &mut Contacts) -> Result<(), ServiceError> {
    let is_known =
        |(account, text): &(Uuid, &str)| found.get(account).is_some_and(|known| known.contains_key(*text));
    let unknown: Vec<(Uuid, &str)> = named.iter().filter(|key| !is_known(key)).copied().collect();
    for ((account, text), contact) in find(tx, unknown).await? {
        found.entry(account).or_default().insert(text, contact);
    }
    Ok(())
}

async fn find(tx: &Tx, keys: Vec<(Uuid, &str)>) -> Result<HashMap<(Uuid, String), Uuid>, ServiceError> {
    let operation = "looking for erased contacts";
    // Nearly always there are none: then nothing is hashed.
    let any = Statement::from_string(tx.get_database_backend(), "SELECT 1 FROM erased_contact LIMIT 1");
    if keys.is_empty() || tx.query_one_raw(any).await.during(operation)?.is_none() {
        return Ok(HashMap::new());
    }
    let ids = find_ids(
        tx,
        operation,
        ("erased_contact", "contact_id"),
        &["account_id", "key_hash"],
        &keys,
        |(account, text), parameters| {
            parameters.extend([
                Parameter::from(*account),
                Parameter::from(key_hash(*account, text)),
            ]);
        },
    );
    let mut found = HashMap::new();
    for ((account, text), id) in keys.iter().zip(ids.await?) {
        if let Some(id) = id {
            found.insert((*account, (*text).to_owned()), id);
        }
    }
    Ok(found)
}
