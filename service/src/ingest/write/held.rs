//! Holds what a batch is about before anything of it is read, so that whoever writes the same rows waits for its end and then
//! reads what it has written. All writers hold in one order, and so never wait for each other: names that may come to be,
//! then accounts by their ids (as [`crate::record::account::hold_where`] does), and nothing else: every other row is within an
//! account. SQLite has one writer, who holds everything.

use std::collections::BTreeSet;

use entity::account;
use sea_orm::{Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect};

use super::context::Context;
use super::resolved::set_text;
use crate::access::visible_accounts;
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::ingest::target::column::Spec;
use crate::ingest::target::file::Target;
use crate::ingest::value::row::TypedRow;
use crate::record::account::hold_where;
use crate::sql::dialect::text_in;
use crate::sql::lock::hold_names;

/// Holds the accounts of a batch, and the names of rows that are in no account.
pub(super) async fn hold(
    tx: &Tx,
    context: &Context<'_>,
    spec: &Spec,
    rows: &[TypedRow],
) -> Result<(), ServiceError> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    // An account, or the name of what is in none, is the first column of every file.
    let names: BTreeSet<String> = rows
        .iter()
        .filter_map(|row| set_text(&row.patches[0]))
        .map(str::to_owned)
        .collect();
    if matches!(spec.target, Target::Users | Target::Features) {
        return hold_names(tx, spec.table, names.into_iter().collect()).await;
    }
    if spec.target == Target::Accounts {
        let known = known(tx, &names).await?;
        let new: Vec<String> = names.difference(&known).cloned().collect();
        hold_names(tx, spec.table, new).await?;
    }
    let which = Condition::all()
        .add(text_in(DbBackend::Postgres, account::Column::ExternalId, names))
        .add(visible_accounts(
            context.access,
            (account::Entity, account::Column::Id),
        ));
    hold_where(tx, which).await
}

/// Which of these names are accounts'.
async fn known(tx: &Tx, names: &BTreeSet<String>) -> Result<BTreeSet<String>, ServiceError> {
    let known: Vec<String> = account::Entity::find()
        .select_only()
        .column(account::Column::ExternalId)
        .filter(text_in(
            DbBackend::Postgres,
            account::Column::ExternalId,
            names.iter().cloned(),
        ))
        .into_tuple()
        .all(tx)
        .await
        .during("looking up accounts")?;
    Ok(known.into_iter().collect())
}
