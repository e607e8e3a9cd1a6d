//! What is stored already under the keys of a batch.

use sea_orm::Value as Parameter;

use super::bind::{fetch, key_name, key_parameter};
use super::resolved::ResolvedRow;
use super::statement::select_by_key;
use super::stored_row::StoredRow;
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::ingest::target::column::{Column, Spec, Stamp};
use crate::ingest::value::Value;
use crate::ingest::value::row::Patch;

/// The columns that make the key.
pub(super) fn key_columns(spec: &'static Spec) -> impl Iterator<Item = (usize, &'static Column)> {
    spec.columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.is_key())
}

/// Reads what is stored, in the order of the rows.
pub(super) async fn read(
    tx: &Tx,
    spec: &'static Spec,
    rows: &[ResolvedRow],
) -> Result<Vec<Option<StoredRow>>, ServiceError> {
    let key: Vec<&str> = key_columns(spec).map(|(_, column)| key_name(column)).collect();
    let has_id = spec.stamps.contains(&Stamp::Id);
    let read: Vec<(usize, &Column)> = spec
        .columns
        .iter()
        .enumerate()
        .filter(|(_, c)| c.is_stored())
        .collect();
    let mut selected: Vec<&str> = read.iter().map(|(_, column)| column.db).collect();
    if has_id {
        selected.push("id");
    }
    let statement = select_by_key("reading stored rows", spec.table, &key, &selected);
    let places: Vec<(usize, &Column)> = key_columns(spec).collect();
    let fill = |row: &ResolvedRow, parameters: &mut Vec<Parameter>| {
        parameters.extend(places.iter().map(|(at, column)| match &row.patches[*at] {
            Patch::Set(value) => key_parameter(column, value),
            Patch::Clear | Patch::Keep => key_parameter(column, &Value::Null),
        }));
    };
    let mut stored: Vec<Option<StoredRow>> = Vec::new();
    stored.resize_with(rows.len(), || None);
    for (number, row) in statement.query(tx, rows, fill).await? {
        let mut values = vec![Value::Null; spec.columns.len()];
        for (at, (place, column)) in read.iter().enumerate() {
            values[*place] = fetch(column, &row, at + 1).during(statement.operation)?;
        }
        let id = if has_id {
            Some(row.try_get_by_index(read.len() + 1).during(statement.operation)?)
        } else {
            None
        };
        if let Some(slot) = stored.get_mut(number) {
            *slot = Some(StoredRow { id, values });
        }
    }
    Ok(stored)
}
