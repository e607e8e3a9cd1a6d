//! Usage and the catalogue of features: usage of a feature that an imported catalogue does not have lands with a warning.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};

use super::context::{Context, Written};
use super::resolved::ResolvedRow;
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::ingest::target::column::Spec;
use crate::ingest::target::file::Target;
use crate::ingest::value::row::{Patch, TypedRow};
use crate::ingest::value::{Value, shown};
use crate::ingest::write::rehearsal::Changed;
use crate::sql::dialect::text_in;

/// Counts sessions; in no catalogue.
const LOGIN: &str = "login";

/// The days of usage rows; those of no other rows.
pub(in crate::ingest) fn days(spec: &Spec, rows: &[TypedRow]) -> BTreeSet<NaiveDate> {
    let Some(at) = spec.position("day").filter(|_| spec.target == Target::Usage) else {
        return BTreeSet::new();
    };
    rows.iter()
        .filter_map(|row| match &row.patches[at] {
            Patch::Set(Value::Day(day)) => Some(*day),
            _ => None,
        })
        .collect()
}

/// Warns of every row whose feature is not in the catalogue, where there is one.
pub(super) async fn warn_of_unknown(
    tx: &Tx,
    context: &Context<'_>,
    spec: &Spec,
    rows: &[ResolvedRow],
    written: &mut Written,
) -> Result<(), ServiceError> {
    let Some(at) = spec.position("feature") else {
        return Ok(());
    };
    let feature = |row: &ResolvedRow| match &row.patches[at] {
        Patch::Set(Value::Text(text)) if text != LOGIN && !row.deleted => Some(text.to_string()),
        _ => None,
    };
    let named: BTreeSet<String> = rows.iter().filter_map(feature).collect();
    if named.is_empty() {
        return Ok(());
    }
    let changed = match context.rehearsal {
        Some(rehearsal) => rehearsal.features().await?,
        None => Changed::default(),
    };
    // One more than have gone: one of them is there still, if any is.
    let some = Query::select()
        .column("feature")
        .from("feature")
        .and_where(Expr::col("feature").ne(LOGIN))
        .limit(changed.gone.len() as u64 + 1)
        .take();
    let is_there = |feature: &String| !changed.gone.contains(feature);
    let there = features(tx, &some).await?;
    if !there.iter().any(is_there) && !changed.come.iter().any(|feature| feature != LOGIN) {
        return Ok(());
    }
    let query = Query::select()
        .column("feature")
        .from("feature")
        .and_where(text_in(tx.get_database_backend(), "feature", named))
        .take();
    let mut known: HashSet<String> = features(tx, &query).await?.into_iter().filter(is_there).collect();
    known.extend(changed.come);
    for row in rows {
        if let Some(feature) = feature(row).filter(|feature| !known.contains(feature)) {
            written.warn(
                row.line,
                "feature",
                format!("{} is not in the feature catalogue", shown(&feature)),
            );
        }
    }
    Ok(())
}

async fn features(tx: &Tx, query: &SelectStatement) -> Result<Vec<String>, ServiceError> {
    let operation = "looking up features";
    let rows = tx.query_all(query).await.during(operation)?;
    rows.iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()
        .during(operation)
}
