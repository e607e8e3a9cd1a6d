//! Writes what a batch changes: removals first, then one upsert per chunk of new and changed rows.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, Statement, Value as Parameter};
use uuid::Uuid;

use super::bind::{key_name, key_parameter, parameter};
use super::context::Context;
use super::merged::MergedRow;
use super::participants::ParticipantChanges;
use super::statement::{RowsStatement, delete_by_key};
use super::stored::key_columns;
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::ingest::summary::RowOutcome;
use crate::ingest::target::column::{Column, Need, Spec, Stamp};
use crate::ingest::target::file::Target;
use crate::ingest::value::Value;

/// Writes removals, rows, participants, and which accounts were touched.
pub(super) async fn apply(
    tx: &Tx,
    context: &Context<'_>,
    spec: &'static Spec,
    rows: &[MergedRow],
    participants: &ParticipantChanges,
) -> Result<(), ServiceError> {
    remove(
        tx,
        spec,
        rows.iter().filter(|row| row.outcome == RowOutcome::Deleted),
    )
    .await?;
    upsert(tx, context, spec, rows.iter().filter(|row| row.is_written())).await?;
    participants.write(tx).await?;
    touch(tx, context, spec, rows).await
}

async fn remove(
    tx: &Tx,
    spec: &'static Spec,
    rows: impl Iterator<Item = &MergedRow>,
) -> Result<(), ServiceError> {
    let rows: Vec<&MergedRow> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    if spec.target == Target::Contacts {
        // A part of a composite key cannot follow the contact by itself on both databases.
        for column in ["responded_by", "from_contact"] {
            let clear = RowsStatement {
                operation: "forgetting removed contacts",
                before: format!(
                    "UPDATE interaction SET {column} = NULL WHERE (account_id, {column}) IN (VALUES "
                ),
                after: ")".to_owned(),
                width: 2,
                numbered: false,
            };
            let keys: Vec<(Uuid, Uuid)> = rows
                .iter()
                .filter_map(|row| Some((row.account?, row.id?)))
                .collect();
            clear
                .execute(tx, &keys, |(account, id), parameters| {
                    parameters.extend([*account, *id].map(Parameter::from));
                })
                .await?;
        }
    }
    let key: Vec<&str> = key_columns(spec).map(|(_, column)| key_name(column)).collect();
    let places: Vec<(usize, &Column)> = key_columns(spec).collect();
    let fill = |row: &&MergedRow, parameters: &mut Vec<Parameter>| {
        parameters.extend(
            places
                .iter()
                .map(|(at, column)| key_parameter(column, &row.values[*at])),
        );
    };
    delete_by_key("removing rows", spec.table, &key)
        .execute(tx, &rows, fill)
        .await
}

/// Rows from which on it pays to look which columns they have a value in at all; below, statements keep one text.
const MANY: usize = 512;

async fn upsert(
    tx: &Tx,
    context: &Context<'_>,
    spec: &'static Spec,
    rows: impl Iterator<Item = &MergedRow>,
) -> Result<(), ServiceError> {
    let rows: Vec<&MergedRow> = rows.collect();
    let key: Vec<&str> = key_columns(spec).map(|(_, column)| key_name(column)).collect();
    // A column that is not named is NULL in `excluded` too.
    let may_be_left_out = |column: &Column| column.need == Need::Optional && column.default.is_none();
    let is_given = |at: usize| rows.iter().any(|row| row.values[at] != Value::Null);
    let places: Vec<(usize, &Column)> = (spec.columns.iter().enumerate())
        .filter(|(at, column)| {
            column.is_stored() && (rows.len() < MANY || !may_be_left_out(column) || is_given(*at))
        })
        .collect();
    let mut names: Vec<&str> = places.iter().map(|(_, column)| column.db).collect();
    // What is part of the key cannot change, and neither can what says when a row came to be.
    let mut changing: Vec<&str> = spec
        .columns
        .iter()
        .filter(|c| c.is_stored() && !c.is_key())
        .map(|c| c.db)
        .collect();
    for stamp in spec.stamps {
        match stamp {
            Stamp::Id => names.push("id"),
            Stamp::CreatedAt => names.push("created_at"),
            Stamp::UpdatedAt => {
                names.push("updated_at");
                changing.push("updated_at");
            }
        }
    }
    let set: Vec<String> = changing
        .iter()
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    let statement = RowsStatement {
        operation: "writing rows",
        before: format!("INSERT INTO {} ({}) VALUES ", spec.table, names.join(", ")),
        after: format!(
            " ON CONFLICT ({}) DO UPDATE SET {}",
            key.join(", "),
            set.join(", ")
        ),
        width: names.len(),
        numbered: false,
    };
    let now = context.now.timestamp_micros();
    let fill = |row: &&MergedRow, parameters: &mut Vec<Parameter>| {
        parameters.extend(
            places
                .iter()
                .map(|(at, column)| parameter(column, &row.values[*at])),
        );
        parameters.extend(spec.stamps.iter().map(|stamp| match stamp {
            Stamp::Id => Parameter::Uuid(row.id),
            Stamp::CreatedAt | Stamp::UpdatedAt => Parameter::BigInt(Some(now)),
        }));
    };
    statement.execute(tx, &rows, fill).await
}

/// Notes the accounts whose scores may have changed.
async fn touch(
    tx: &Tx,
    context: &Context<'_>,
    spec: &'static Spec,
    rows: &[MergedRow],
) -> Result<(), ServiceError> {
    let operation = "noting touched accounts";
    let now = context.now.timestamp_micros();
    let target = "INSERT INTO touched_account (account_id, touched_at)";
    let again = "ON CONFLICT (account_id) DO UPDATE SET touched_at = excluded.touched_at";
    match spec.target {
        // The catalogue is what every account's adoption is measured against.
        Target::Features if rows.iter().any(MergedRow::is_changed) => {
            // SQLite needs the WHERE to tell the upsert's ON from a join's.
            let backend = tx.get_database_backend();
            let text = format!("{target} SELECT id, {now} FROM account WHERE true ORDER BY id {again}");
            tx.execute_raw(Statement::from_string(backend, text))
                .await
                .during(operation)?;
            Ok(())
        }
        Target::Features | Target::Users => Ok(()),
        _ => {
            let account = |row: &MergedRow| {
                if spec.target == Target::Accounts {
                    row.id
                } else {
                    row.account
                }
            };
            // A removed account has nothing left to score. In order, so that two writers never wait for each other.
            let gone =
                |row: &MergedRow| spec.target == Target::Accounts && row.outcome == RowOutcome::Deleted;
            let touched: BTreeSet<Uuid> = rows
                .iter()
                .filter(|row| row.is_changed() && !gone(row))
                .filter_map(account)
                .collect();
            let statement = RowsStatement {
                operation,
                before: format!("{target} VALUES "),
                after: format!(" {again}"),
                width: 2,
                numbered: false,
            };
            let touched: Vec<Uuid> = touched.into_iter().collect();
            statement
                .execute(tx, &touched, |id, parameters| {
                    parameters.extend([Parameter::from(*id), Parameter::from(now)]);
                })
                .await
        }
    }
}
