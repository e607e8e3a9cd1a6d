//! Writes a batch of typed rows: what they refer to is looked up, what is stored is read, the difference is written.
//!
//! A fixed number of statements per batch, whatever the rows say; everything in the caller's transaction, so a batch
//! lands whole or not at all.

use crate::db::Tx;
use crate::error::ServiceError;
use crate::ingest::target::column::Spec;
use crate::ingest::target::file::Target;
use crate::ingest::value::row::TypedRow;
use crate::ingest::write::rehearsal::Rehearsal;

mod audited;
mod bind;
pub(in crate::ingest) mod catalogue;
mod change;
mod context;
mod effects;
mod erased;
mod held;
mod memberships;
mod merge;
mod merged;
pub(crate) mod overtaken;
mod participants;
mod references;
pub(crate) mod rehearsal;
mod resolved;
pub(crate) mod run_entry;
mod statement;
mod stored;
mod stored_row;
mod unseen;

pub(crate) use context::{Context, Written};
pub(in crate::ingest) use merged::{Attendances, MergedRow};
use participants::ParticipantChanges;
pub(in crate::ingest) use resolved::{Account, Contacts};
pub(in crate::ingest) use stored_row::StoredRow;

/// Writes rows of one target, no two of which have the same key. Usage has the partitions that it needs
/// ([`crate::db::partition::ensure_usage_partitions`]).
pub(crate) async fn write_rows(
    tx: &Tx,
    context: &Context<'_>,
    spec: &'static Spec,
    rows: Vec<TypedRow>,
) -> Result<Written, ServiceError> {
    let mut written = Written::default();
    let rows = unseen::refuse(tx, context, spec, rows, &mut written).await?;
    held::hold(tx, context, spec, &rows).await?;
    let (merged, participants) = compare(tx, context, spec, rows, &mut written).await?;
    let left = memberships::of_removed(tx, spec, &merged).await?;
    change::apply(tx, context, spec, &merged, &participants).await?;
    effects::follow(tx, context, spec, &merged).await?;
    audited::record(tx, context, spec, &merged).await?;
    memberships::record(tx, context, left).await?;
    Ok(written.with(&merged))
}

/// Says what writing rows would do, and writes nothing. What later rows may refer to is noted in the rehearsal.
pub(crate) async fn rehearse_rows(
    tx: &Tx,
    context: &Context<'_>,
    spec: &'static Spec,
    rows: Vec<TypedRow>,
    rehearsal: &Rehearsal,
) -> Result<Written, ServiceError> {
    let mut written = Written::default();
    let rows = unseen::refuse(tx, context, spec, rows, &mut written).await?;
    let (merged, _) = compare(tx, context, spec, rows, &mut written).await?;
    rehearsal.note(spec, &merged).await?;
    Ok(written.with(&merged))
}

/// What rows will be, beside what is stored.
async fn compare(
    tx: &Tx,
    context: &Context<'_>,
    spec: &'static Spec,
    rows: Vec<TypedRow>,
    written: &mut Written,
) -> Result<(Vec<MergedRow>, ParticipantChanges), ServiceError> {
    let resolved = references::resolve(tx, context, spec, rows, written).await?;
    let mut resolved = erased::leave_out(tx, spec, resolved, written).await?;
    // Tables lie in the order of their accounts: written in that order, a batch goes through their pages once. What is in no
    // account is in the order of its names.
    resolved.sort_by(|one, other| one.place().cmp(&other.place()));
    if spec.target == Target::Usage {
        catalogue::warn_of_unknown(tx, context, spec, &resolved, written).await?;
    }
    let mut stored = stored::read(tx, spec, &resolved).await?;
    if let Some(rehearsal) = context.rehearsal {
        rehearsal.forget_gone(spec, &mut stored).await?;
    }
    let mut merged = merge::merge(context, spec, resolved, stored, written);
    let participants = participants::compare(tx, context, spec, &mut merged, written).await?;
    Ok((merged, participants))
}
