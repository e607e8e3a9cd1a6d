//! Writes a batch of typed rows: what they refer to is looked up, what is stored is read, the difference is written.
//!
//! A fixed number of statements per batch, whatever the rows say; everything in the caller's transaction, so a batch
//! lands whole or not at all.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use engagement::id::AccountId;

use super::cell::Flaw;
use super::column::Spec;
use super::row::TypedRow;
use super::summary::RowOutcome;
use super::target::Target;
use crate::access::Access;
use crate::alert::stored::hold;
use crate::db::Tx;
use crate::error::ServiceError;
use crate::rights::Action;
use crate::settings::Settings;

mod audited;
mod bind;
mod catalogue;
mod change;
mod effects;
pub(crate) mod erased;
mod merge;
mod participants;
mod references;
mod statement;
mod stored;
mod unseen;

/// What is the same for every batch of an import.
pub(crate) struct Context<'a> {
    pub(crate) access: &'a Access,
    /// When rows come to be.
    pub(crate) now: DateTime<Utc>,
    /// The same as a day of the organisation.
    pub(crate) today: NaiveDate,
    /// What the organisation has set: by it departures are judged.
    pub(crate) settings: &'a Settings,
    /// What every change is written to the audit log as; nothing is written there without.
    pub(crate) action: Option<Action>,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Per row, by line.
    pub(crate) outcomes: Vec<(u64, RowOutcome)>,
    pub(crate) rejected: Vec<(u64, Flaw)>,
    pub(crate) warned: Vec<(u64, Flaw)>,
}

/// Writes rows of one target, no two of which have the same key.
pub(crate) async fn write_rows(tx: &Tx, context: &Context<'_>, spec: &'static Spec, rows: Vec<TypedRow>) -> Result<Written, ServiceError> {
    let mut written = Written::default();
    if spec.target == Target::Usage {
        // Before anything else: making a partition locks the table (see `dialect`).
        crate::dialect::ensure_usage_partitions(tx, catalogue::days(spec, &rows)).await?;
    }
    let rows = unseen::refuse(tx, context, spec, rows, &mut written).await?;
    let resolved = references::resolve(tx, context, spec, rows, &mut written).await?;
    let mut resolved = erased::leave_out(tx, spec, resolved, &mut written).await?;
    if matches!(spec.target, Target::Contacts | Target::Sponsorships | Target::OrgChanges) {
        // Departures may change alerts. Accounts are held before anything of theirs is written, as everywhere.
        let accounts: BTreeSet<AccountId> =
            resolved.iter().filter_map(|row| row.account.as_ref()).map(|account| account.id.into()).collect();
        hold(tx, &accounts.into_iter().collect::<Vec<_>>()).await?;
    }
    // Tables lie in the order of their accounts: written in that order, a batch goes through their pages once.
    resolved.sort_by_key(|row| row.account.as_ref().map(|account| account.id));
    if spec.target == Target::Usage {
        catalogue::warn_of_unknown(tx, spec, &resolved, &mut written).await?;
    }
    let stored = stored::read(tx, spec, &resolved).await?;
    let mut merged = merge::merge(context, spec, resolved, stored, &mut written);
    let participants = participants::compare(tx, spec, &mut merged, &mut written).await?;
    change::apply(tx, context, spec, &merged, &participants).await?;
    effects::follow(tx, context, spec, &merged).await?;
    audited::record(tx, context, spec, &merged).await?;
    written.outcomes.extend(merged.iter().map(|row| (row.line, row.outcome)));
    written.outcomes.sort_by_key(|(line, _)| *line);
    written.rejected.sort_by_key(|(line, _)| *line);
    written.warned.sort_by_key(|(line, _)| *line);
    Ok(written)
}

impl Written {
    pub(crate) fn reject(&mut self, line: u64, flaw: Flaw) {
        self.outcomes.push((line, RowOutcome::Rejected));
        self.rejected.push((line, flaw));
    }

    pub(crate) fn warn(&mut self, line: u64, column: &str, reason: String) {
        self.warned.push((line, Flaw::new(column, reason)));
    }
}
