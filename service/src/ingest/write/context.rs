//! What is the same for every batch of an import, and what became of a batch.

use chrono::{DateTime, NaiveDate, Utc};

use super::merged::MergedRow;
use crate::access::Access;
use crate::access::rights::Action;
use crate::ingest::summary::RowOutcome;
use crate::ingest::value::cell::Flaw;
use crate::ingest::write::rehearsal::Rehearsal;
use crate::settings::Settings;

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

impl Written {
    /// With the outcomes of rows that were compared.
    pub(super) fn with(mut self, merged: &[MergedRow]) -> Self {
        self.outcomes
            .extend(merged.iter().map(|row| (row.line, row.outcome)));
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
