//! Usage and the catalogue of features: usage of a feature that an imported catalogue does not have lands with a warning.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};

use super::Written;
use super::references::ResolvedRow;
use crate::db::Tx;
use crate::dialect::text_in;
use crate::error::{During, ServiceError};
use crate::ingest::column::Spec;
use crate::ingest::row::{Patch, TypedRow};
use crate::ingest::value::{Value, shown};

/// Counts sessions; in no catalogue.
const LOGIN: &str = "login";

/// The days of usage rows.
pub(super) fn days(spec: &Spec, rows: &[TypedRow]) -> BTreeSet<NaiveDate> {
    let Some(at) = spec.position("day") else { return BTreeSet::new() };
    rows.iter()
        .filter_map(|row| match &row.patches[at] {
            Patch::Set(Value::Day(day)) => Some(*day),
            _ => None,
        })
        .collect()
}

/// Warns of every row whose feature is not in the catalogue, where there is one.
pub(super) async fn warn_of_unknown(tx: &Tx, spec: &Spec, rows: &[ResolvedRow], written: &mut Written) -> Result<(), ServiceError> {
    let operation = "looking up features";
    let Some(at) = spec.position("feature") else { return Ok(()) };
    let feature = |row: &ResolvedRow| match &row.patches[at] {
        Patch::Set(Value::Text(text)) if text != LOGIN && !row.deleted => Some(text.to_string()),
        _ => None,
    };
    let named: BTreeSet<String> = rows.iter().filter_map(feature).collect();
    if named.is_empty() {
        return Ok(());
    }
    let any = Query::select().expr(Expr::val(1)).from("feature").and_where(Expr::col("feature").ne(LOGIN)).limit(1).take();
    if tx.query_one(&any).await.during(operation)?.is_none() {
        return Ok(());
    }
    let query = Query::select().column("feature").from("feature").and_where(text_in(tx.get_database_backend(), "feature", named)).take();
    let mut known: HashSet<String> = HashSet::new();
    for row in tx.query_all(&query).await.during(operation)? {
        known.insert(row.try_get_by_index(0).during(operation)?);
    }
    for row in rows {
        if let Some(feature) = feature(row).filter(|feature| !known.contains(feature)) {
            written.warn(row.line, "feature", format!("{} is not in the feature catalogue", shown(&feature)));
        }
    }
    Ok(())
}
