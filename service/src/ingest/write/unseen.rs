//! Accounts that the caller may not see: a row must not reach one by its key. Whoever has rights to their teams' accounts
//! only changes those that there are, and makes none.

use std::collections::HashSet;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::Query;

use super::context::{Context, Written};
use crate::access::rights::{Action, Right, right_of};
use crate::access::visible_accounts;
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::ingest::target::column::Spec;
use crate::ingest::target::file::Target;
use crate::ingest::value::cell::Flaw;
use crate::ingest::value::row::{Patch, TypedRow};
use crate::ingest::value::shown;
use crate::sql::dialect::text_in;

/// Refuses the rows of accounts that are not there for the caller. (Rows of other files name their account, and are
/// refused when it is looked up.)
pub(super) async fn refuse(
    tx: &Tx,
    context: &Context<'_>,
    spec: &Spec,
    rows: Vec<TypedRow>,
    written: &mut Written,
) -> Result<Vec<TypedRow>, ServiceError> {
    if spec.target != Target::Accounts || right_of(context.access, Action::UpsertAccounts) == Right::All {
        return Ok(rows);
    }
    let operation = "looking up accounts";
    let Some(at) = spec.position("external_id") else {
        return Ok(rows);
    };
    let key = |row: &TypedRow| match &row.patches[at] {
        Patch::Set(value) => value.text().unwrap_or_default().to_owned(),
        Patch::Keep | Patch::Clear => String::new(),
    };
    let query = Query::select()
        .column("external_id")
        .from("account")
        .and_where(text_in(
            tx.get_database_backend(),
            "external_id",
            rows.iter().map(key),
        ))
        .cond_where(visible_accounts(context.access, "id"))
        .take();
    let mut seen: HashSet<String> = HashSet::new();
    for row in tx.query_all(&query).await.during(operation)? {
        seen.insert(row.try_get_by_index(0).during(operation)?);
    }
    let (kept, refused): (Vec<TypedRow>, Vec<TypedRow>) =
        rows.into_iter().partition(|row| seen.contains(&key(row)));
    for row in refused {
        written.reject(
            row.line,
            Flaw::unknown("external_id", format!("unknown account {}", shown(&key(&row)))),
        );
    }
    Ok(kept)
}
