//! `rapport import DIR`: reads import files, or foreign exports through a mapping, and says what became of every row.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use service::access::Access;
use service::clock::Clock;
use service::error::with_causes;
use service::ingest::{
    Folder, ImportError, ImportOptions, ImportSummary, Mapped, Mapping, Progress, REJECTED, Source, WARNINGS,
};

use crate::failure::Failure;
use crate::opening::{self, Schema};
use crate::output::print;
use crate::settings::Settings;

mod progress;
mod table;

use progress::{Bar, LogLines};

/// Reads import files.
#[derive(Debug, Args)]
pub struct Import {
    /// The folder with the files: users, accounts, teams, contacts, … as .csv or .ndjson
    dir: PathBuf,
    /// Write nothing unless every row is good (reads everything twice)
    #[arg(long)]
    strict: bool,
    /// Write nothing; say what would be inserted, updated, unchanged and rejected
    #[arg(long)]
    dry_run: bool,
    /// Read foreign exports as this file says (see examples/ravenstack.toml)
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Let the mapping read files outside the folder
    #[arg(long, requires = "mapping")]
    allow_outside: bool,
    /// Where rejected.csv and warnings.csv go
    #[arg(long, value_name = "DIR", default_value = "import-report")]
    report: PathBuf,
}

/// Imports, and prints a table of what became of the rows.
///
/// # Errors
/// When the files or the database cannot be used, and when a row was rejected.
pub async fn run(import: &Import, settings: &Settings) -> Result<(), Failure> {
    // What is wrong with the files is said before a database is made for them.
    let source = import.source()?;
    let db = opening::connect(settings, Schema::Migrate).await?;
    let options = ImportOptions {
        strict: import.strict,
        dry_run: import.dry_run,
        report: Some(import.report.clone()),
        settings: opening::organisation(settings)?,
    };
    let progress: Box<dyn Progress> = if std::io::stderr().is_terminal() {
        Box::new(Bar::new())
    } else {
        Box::new(LogLines::default())
    };
    let summary = service::ingest::import(
        &db,
        &Access::system(),
        &Clock::system(),
        source,
        &options,
        progress.as_ref(),
    )
    .await;
    drop(progress);
    let summary = summary.map_err(failure)?;
    print(&table::render(&summary))?;
    print(&import.outcome(&summary))?;
    db.close().await?;
    if summary.is_clean() {
        Ok(())
    } else {
        Err(import.rejected(&summary))
    }
}

impl Import {
    fn source(&self) -> Result<Arc<dyn Source>, Failure> {
        let Some(mapping) = &self.mapping else {
            return Ok(Arc::new(Folder::open(&self.dir).map_err(Failure::setup)?));
        };
        let mapping =
            Mapping::read(mapping).map_err(|error| Failure::setup(format!("--mapping: {error}")))?;
        let open = if self.allow_outside {
            Mapped::open_anywhere
        } else {
            Mapped::open
        };
        Ok(Arc::new(open(&self.dir, &mapping).map_err(Failure::setup)?))
    }

    /// What the table means.
    fn outcome(&self, summary: &ImportSummary) -> String {
        let changes = summary.changes();
        let warned = summary.files.iter().any(|file| file.warned > 0);
        let done = match (summary.written, self.dry_run) {
            (true, _) => format!("{changes} rows changed."),
            (false, true) => format!("Dry run: nothing was written; {changes} rows would change."),
            (false, false) => "Strict: nothing was written, because not every row is good.".to_owned(),
        };
        if warned {
            format!("{done} Warnings are in {}.", self.report.join(WARNINGS).display())
        } else {
            done
        }
    }

    fn rejected(&self, summary: &ImportSummary) -> Failure {
        let rows: u64 = summary.files.iter().map(|file| file.rejected).sum();
        let files = summary.files.iter().filter(|file| file.refused.is_some()).count();
        let what = match (rows, files) {
            (rows, 0) => format!("{rows} rows were rejected"),
            (0, files) => format!("{files} files were refused"),
            (rows, files) => format!("{rows} rows were rejected and {files} files refused"),
        };
        Failure::work(format!(
            "{what}: {} says why",
            self.report.join(REJECTED).display()
        ))
    }
}

fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::Service(error) => error.into(),
        other => Failure::work(with_causes(&other)),
    }
}
