//! Rows of one call: the rules of files, in one transaction with their audit entries, and an answer for every row. Rows
//! that are not good change nothing; the others land.

use std::collections::HashMap;

use crate::access::Access;
use crate::access::rights::{Action, require};
use crate::clock::Moment;
use crate::db::Db;
use crate::db::partition::ensure_usage_partitions;
use crate::error::ServiceError;
use crate::ingest::summary::RowOutcome;
use crate::ingest::target::file::Target;
use crate::ingest::value::cell::{Cell, Flaw, RawRow};
use crate::ingest::value::row::{key_digest, type_row};
use crate::ingest::write::catalogue::days;
use crate::ingest::write::{Context, write_rows};
use crate::settings::Settings;

/// Most rows of a call.
pub const MOST_ROWS: usize = 1_000;

/// A row of a call: cells by the names of docs/import-files.md. A name that is not there leaves the stored value alone;
/// an empty cell clears it.
pub type CallRow = Vec<(&'static str, Cell)>;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowResult {
    pub outcome: RowOutcome,
    /// Why it was not taken, where it was not.
    pub flaw: Option<Flaw>,
    /// Values that it landed without.
    pub warnings: Vec<Flaw>,
}

/// What writing rows of a file is called in the table of rights; nothing where no call does it.
fn action_of(target: Target) -> Option<Action> {
    Some(match target {
        Target::Accounts => Action::UpsertAccounts,
        Target::Contacts => Action::UpsertContacts,
        Target::Interactions => Action::RecordInteractions,
        Target::Usage => Action::RecordUsage,
        Target::Metrics => Action::RecordMetrics,
        Target::Goals => Action::SetGoals,
        Target::Initiatives => Action::SetInitiatives,
        Target::Users
        | Target::Teams
        | Target::Sponsorships
        | Target::Features
        | Target::OrgChanges
        | Target::Outcomes => return None,
    })
}

/// Writes rows, all of one kind; the answers are in the order of the rows. Of rows with the same key the last one counts.
///
/// # Errors
/// [`ServiceError::Forbidden`]; [`ServiceError::BadInput`] for too many rows; those of the database. Then nothing is written.
pub async fn write(
    db: &Db,
    access: &Access,
    settings: &Settings,
    moment: Moment,
    target: Target,
    rows: Vec<CallRow>,
) -> Result<Vec<RowResult>, ServiceError> {
    let Some(action) = action_of(target) else {
        return Err(ServiceError::bad_input(
            "rows",
            format!("{target} are not written row by row"),
        ));
    };
    require(access, action)?;
    if rows.len() > MOST_ROWS {
        return Err(ServiceError::bad_input(
            "rows",
            format!("{} rows: a call takes at most {MOST_ROWS}", rows.len()),
        ));
    }
    let spec = target.spec();
    let mut results = vec![
        RowResult {
            outcome: RowOutcome::Unchanged,
            flaw: None,
            warnings: Vec::new()
        };
        rows.len()
    ];
    let mut typed = Vec::with_capacity(rows.len());
    let mut last: HashMap<[u8; 16], usize> = HashMap::with_capacity(rows.len());
    for (at, cells) in rows.into_iter().enumerate() {
        // A row's line is its number, from 1.
        let raw = RawRow::named(target, at as u64 + 1, cells)
            .map_err(|reason| ServiceError::bad_input("rows", reason))?;
        match type_row(spec, &raw) {
            Ok(row) => {
                if let Some(overtaken) = last.insert(key_digest(spec, &row), at) {
                    results[overtaken].outcome = RowOutcome::Duplicate;
                    results[overtaken].flaw =
                        Some(Flaw::row(format!("row {at} has the same key and counts instead")));
                }
                typed.push(row);
            }
            Err(flaw) => {
                results[at].outcome = RowOutcome::Rejected;
                results[at].flaw = Some(flaw);
            }
        }
    }
    typed.retain(|row| results[place(row.line)].outcome != RowOutcome::Duplicate);
    let context = Context {
        access,
        now: moment.now,
        today: moment.today,
        settings,
        action: Some(action),
        rehearsal: None,
    };
    ensure_usage_partitions(db, days(spec, &typed)).await?;
    let written = db
        .write_tx(async |tx| write_rows(tx, &context, spec, typed.clone()).await)
        .await?;
    for (line, outcome) in written.outcomes {
        results[place(line)].outcome = outcome;
    }
    for (line, flaw) in written.rejected {
        results[place(line)].flaw = Some(flaw);
    }
    for (line, flaw) in written.warned {
        results[place(line)].warnings.push(flaw);
    }
    Ok(results)
}

/// Where the row of a line stands among the rows of its call.
fn place(line: u64) -> usize {
    usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX)
}
