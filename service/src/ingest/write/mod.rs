//! Writes a batch of typed rows: what they refer to is looked up, what is stored is read, the difference is written.
//!
//! A fixed number of statements per batch, whatever the rows say; everything in the caller's transaction, so a batch
//! lands whole or not at all.

use chrono::{DateTime, NaiveDate, Utc};

use super::cell::Flaw;
use super::column::Spec;
use super::rehearsal::Rehearsal;
use super::row::TypedRow;
use super::summary::RowOutcome;
use super::target::Target;
use crate::access::Access;
use crate::db::Tx;
use crate::error::ServiceError;
use crate::rights::Action;
use crate::settings::Settings;

mod audited;
mod bind;
pub(in crate::ingest) mod catalogue;
mod change;
mod effects;
pub(crate) mod erased;
mod held;
mod memberships;
mod merge;
mod participants;
pub(in crate::ingest) mod references;
mod statement;
mod stored;
mod unseen;

pub(in crate::ingest) use merge::{Attendances, MergedRow};
use participants::ParticipantChanges;
pub(in crate::ingest) use stored::StoredRow;

/// What is the same for every batch of an import.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) access: &'a Access,
    /// When rows come to be.
    pub(crate) now: DateTime<Utc>,
    /// The same as a day of the organisation.
    pub(crate) today: NaiveDate,
    /// What the organisation has set: by it departures are judged.
    pub(crate) settings: &'a Settings,
    /// What every change is written to the audit log as; without, only changes of users and teams are, as an import's.
    pub(crate) action: Option<Action>,
    /// What a rehearsal has changed so far; absent where rows are written.
    pub(crate) rehearsal: Option<&'a Rehearsal>,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Per row, by line.
    pub(crate) outcomes: Vec<(u64, RowOutcome)>,
    pub(crate) rejected: Vec<(u64, Flaw)>,
    pub(crate) warned: Vec<(u64, Flaw)>,
}

/// Writes rows of one target, no two of which have the same key. Usage has the partitions that it needs
/// ([`crate::dialect::ensure_usage_partitions`]).
pub(crate) async fn write_rows(tx: &Tx, context: &Context<'_>, spec: &'static Spec, rows: Vec<TypedRow>) -> Result<Written, ServiceError> {
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

impl Written {
    /// With the outcomes of rows that were compared.
    fn with(mut self, merged: &[MergedRow]) -> Self {
        self.outcomes.extend(merged.iter().map(|row| (row.line, row.outcome)));
        self.outcomes.sort_by_key(|(line, _)| *line);
        self.rejected.sort_by_key(|(line, _)| *line);
        self.warned.sort_by_key(|(line, _)| *line);
        self
    }

    pub(crate) fn reject(&mut self, line: u64, flaw: Flaw) {
        self.outcomes.push((line, RowOutcome::Rejected));
        self.rejected.push((line, flaw));
    }

    pub(crate) fn warn(&mut self, line: u64, column: &str, reason: String) {
        self.warned.push((line, Flaw::new(column, reason)));
    }
}
