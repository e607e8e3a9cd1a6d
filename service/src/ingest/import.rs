//! The import itself: target by target, batch by batch.
//!
//! `dry_run` reads and compares like the import, batch by batch, and writes nothing; what later rows may refer to it
//! remembers beside the database ([`crate::ingest::write::rehearsal`]), so that it says exactly what would happen, references between the files
//! included. It holds no lock. `strict` is a dry run, and then, if every row was good, the import: in batches as ever, so a row
//! that somebody else makes bad in between is rejected by itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use crate::access::Access;
use crate::clock::Clock;
use crate::db::Db;
use crate::db::partition::ensure_usage_partitions;
use crate::ingest::error::ImportError;
use crate::ingest::report::Report;
use crate::ingest::source::{Part, Source};
use crate::ingest::summary::{FileSummary, ImportSummary, Issue, IssueSeverity, Progress, RowOutcome};
use crate::ingest::target::column::Spec;
use crate::ingest::target::file::Target;
use crate::ingest::value::cell::Flaw;
use crate::ingest::value::reading::{Batch, Event, read_parts};
use crate::ingest::value::row::TypedRow;
use crate::ingest::write::catalogue::days;
use crate::ingest::write::rehearsal::Rehearsal;
use crate::ingest::write::{Context, Written, rehearse_rows, run_entry, write_rows};
use crate::settings::Settings;

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Write nothing unless every row is good.
    pub strict: bool,
    /// Write nothing, and say what would be written.
    pub dry_run: bool,
    /// Where `rejected.csv` and `warnings.csv` go; nowhere without.
    pub report: Option<PathBuf>,
    /// What the organisation has set: which day today is, and who hears of a sponsor who has left.
    pub settings: Settings,
}

/// Imports all rows of a source.
///
/// # Errors
/// When the database or a temporary file fails, or the report cannot be written. Batches that were committed before stay.
/// What is wrong with rows and files is in the summary.
pub async fn import(
    db: &Db,
    access: &Access,
    clock: &Clock,
    source: Arc<dyn Source>,
    options: &ImportOptions,
    progress: &dyn Progress,
) -> Result<ImportSummary, ImportError> {
    let parts = source.parts();
    let bytes: u64 = parts.iter().map(|part| part.bytes).sum();
    let passes = if options.strict && !options.dry_run { 4 } else { 2 };
    progress.begin(bytes * passes);
    let now = clock.now();
    let context = Context {
        access,
        now,
        today: options.settings.day_of(now),
        settings: &options.settings,
        action: None,
        rehearsal: None,
    };
    let run = Run {
        db,
        context,
        source,
        parts,
        report: options.report.as_deref(),
        progress,
        begun: AtomicBool::new(false),
    };
    if options.dry_run || options.strict {
        let rehearsal = Rehearsal::begin().await.map_err(ImportError::Temporary)?;
        let (rehearsed, done) = run.rehearsing(&rehearsal).through().await;
        done?;
        if options.dry_run || !rehearsed.is_clean() {
            return Ok(rehearsed);
        }
    }
    let (summary, done) = run.through().await;
    let ended = Context {
        now: clock.now(),
        ..run.context
    };
    let noted = run_entry::end(db, &ended, &summary, done.as_ref().err()).await;
    if let Err(broken) = done {
        // What broke the import off is what there is to say; the entry of its beginning stands.
        if let Err(error) = noted {
            tracing::warn!(%error, "the audit log does not say how far an import came that broke off");
        }
        return Err(broken);
    }
    noted?;
    Ok(summary)
}

struct Run<'a> {
    db: &'a Db,
    context: Context<'a>,
    source: Arc<dyn Source>,
    parts: Vec<Part>,
    report: Option<&'a Path>,
    progress: &'a dyn Progress,
    /// Whether a batch has changed something.
    begun: AtomicBool,
}

impl<'a> Run<'a> {
    /// The same, with nothing written.
    fn rehearsing<'b>(&'b self, rehearsal: &'b Rehearsal) -> Run<'b>
    where
        'a: 'b,
    {
        let context = Context {
            rehearsal: Some(rehearsal),
            ..self.context
        };
        Run {
            context,
            source: Arc::clone(&self.source),
            parts: self.parts.clone(),
            begun: AtomicBool::new(false),
            ..*self
        }
    }

    /// What became of the rows until the end, or until it broke off.
    async fn through(&self) -> (ImportSummary, Result<(), ImportError>) {
        let mut files = Vec::with_capacity(self.parts.len());
        let done = self.import_all(&mut files).await;
        (
            ImportSummary {
                files,
                written: self.context.rehearsal.is_none(),
            },
            done,
        )
    }

    async fn import_all(&self, files: &mut Vec<FileSummary>) -> Result<(), ImportError> {
        let mut report = Report::start(self.report).map_err(|e| self.unreported(e))?;
        for target in Target::ALL {
            let parts: Vec<(usize, Part)> = self
                .parts
                .iter()
                .cloned()
                .enumerate()
                .filter(|(_, part)| part.target == *target)
                .collect();
            if !parts.is_empty() {
                let mut file = None;
                let done = self
                    .import_target(*target, parts, &mut report, files, &mut file)
                    .await;
                files.extend(file);
                done?;
            }
        }
        report.finish().map_err(|e| self.unreported(e))
    }

    fn unreported(&self, source: std::io::Error) -> ImportError {
        ImportError::Report {
            folder: self.report.map(Path::to_owned).unwrap_or_default(),
            source,
        }
    }

    async fn import_target(
        &self,
        target: Target,
        parts: Vec<(usize, Part)>,
        report: &mut Report,
        files: &mut Vec<FileSummary>,
        file: &mut Option<FileSummary>,
    ) -> Result<(), ImportError> {
        let (sender, mut events) = mpsc::channel(1);
        let source = Arc::clone(&self.source);
        let reader = tokio::task::spawn_blocking(move || read_parts(source.as_ref(), &parts, &sender));
        while let Some(event) = events.recv().await {
            match event {
                Event::Checked(bytes) => self.progress.advance(bytes),
                Event::Part(at) => {
                    self.close_file(file, files);
                    let name = self
                        .parts
                        .get(at)
                        .map(|part| part.name.clone())
                        .unwrap_or_default();
                    self.progress.file(target, &name);
                    *file = Some(FileSummary::new(target, name));
                }
                Event::Batch(batch) => {
                    if let Some(file) = file {
                        self.import_batch(target, batch, report, file).await?;
                    }
                }
                Event::Refused(reason) => {
                    if let Some(file) = file {
                        file.refused = Some(reason.clone());
                        self.tell(
                            file,
                            1,
                            Flaw::row(format!("the file {reason}")),
                            IssueSeverity::Rejected,
                            report,
                        )?;
                    }
                }
                Event::Failed(error) => return Err(ImportError::Temporary(error)),
            }
        }
        self.close_file(file, files);
        reader.await.map_err(|_| ImportError::Reader(target.to_string()))
    }

    fn close_file(&self, file: &mut Option<FileSummary>, files: &mut Vec<FileSummary>) {
        if let Some(file) = file.take() {
            self.progress.file_done(&file);
            files.push(file);
        }
    }

    async fn import_batch(
        &self,
        target: Target,
        batch: Batch,
        report: &mut Report,
        file: &mut FileSummary,
    ) -> Result<(), ImportError> {
        let spec = target.spec();
        let written = match self.context.rehearsal {
            _ if batch.rows.is_empty() => Written::default(),
            Some(rehearsal) => {
                self.db
                    .read_tx(async |tx| {
                        rehearse_rows(tx, &self.context, spec, batch.rows.clone(), rehearsal).await
                    })
                    .await?
            }
            None => {
                ensure_usage_partitions(self.db, days(spec, &batch.rows)).await?;
                self.write(spec, &batch.rows).await?
            }
        };
        let mut outcomes = written.outcomes;
        outcomes.extend(batch.duplicates.iter().map(|line| (*line, RowOutcome::Duplicate)));
        outcomes.extend(batch.flawed.iter().map(|(line, _)| (*line, RowOutcome::Rejected)));
        outcomes.sort_by_key(|(line, _)| *line);
        for (line, outcome) in outcomes {
            file.count(outcome);
            self.progress.row(target, line, outcome);
        }
        let mut rejected = batch.flawed;
        rejected.extend(written.rejected);
        rejected.sort_by_key(|(line, _)| *line);
        for (line, flaw) in rejected {
            self.tell(file, line, flaw, IssueSeverity::Rejected, report)?;
        }
        for (line, column) in batch.unknown_columns {
            let flaw = Flaw::new(
                column,
                format!(
                    "{target} has no such column; it is left out (there are {}, deleted)",
                    spec.listed()
                ),
            );
            file.warned += 1;
            self.tell(file, line, flaw, IssueSeverity::Warned, report)?;
        }
        for (line, flaw) in written.warned {
            file.warned += 1;
            self.tell(file, line, flaw, IssueSeverity::Warned, report)?;
        }
        self.progress.advance(batch.bytes);
        Ok(())
    }

    /// Writes a batch; the first that changes something says so for the whole import, whatever ends it.
    async fn write(&self, spec: &'static Spec, rows: &[TypedRow]) -> Result<Written, ImportError> {
        let begun = self.begun.load(Ordering::Relaxed);
        let (written, begun) = self
            .db
            .write_tx(async |tx| {
                let written = write_rows(tx, &self.context, spec, rows.to_vec()).await?;
                let begins = !begun && written.outcomes.iter().any(|(_, outcome)| outcome.changes());
                if begins {
                    run_entry::begin(tx, &self.context, &self.parts).await?;
                }
                Ok((written, begun || begins))
            })
            .await?;
        self.begun.store(begun, Ordering::Relaxed);
        Ok(written)
    }

    fn tell(
        &self,
        file: &FileSummary,
        line: u64,
        flaw: Flaw,
        severity: IssueSeverity,
        report: &mut Report,
    ) -> Result<(), ImportError> {
        let issue = Issue {
            target: file.target,
            file: file.file.clone(),
            line,
            column: flaw.column,
            reason: flaw.reason,
            severity,
        };
        report.add(&issue).map_err(|e| self.unreported(e))?;
        self.progress.issue(&issue);
        Ok(())
    }
}
