//! How far an import has come: a bar on a terminal, lines in the log elsewhere.

use std::sync::Mutex;
use std::sync::PoisonError;

use indicatif::{ProgressBar, ProgressStyle};
use service::ingest::{FileSummary, Progress, Target};

/// A bar over the bytes to be read.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar that appears when the import begins.
    pub fn new() -> Self {
        let bar = ProgressBar::no_length();
        if let Ok(style) =
            ProgressStyle::with_template("{msg:20} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
        {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn begin(&self, bytes: u64) {
        self.0.set_length(bytes);
    }

    fn file(&self, _target: Target, file: &str) {
        self.0.set_message(file.to_owned());
    }

    fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    fn file_done(&self, summary: &FileSummary) {
        if let Some(reason) = &summary.refused {
            self.0.println(format!("{}: the file {reason}", summary.file));
        }
    }
}

/// A line per file, and one per tenth of the whole.
#[derive(Debug, Default)]
pub struct LogLines(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    bytes: u64,
    of: u64,
    tenths: u64,
}

impl Progress for LogLines {
    fn begin(&self, bytes: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).of = bytes;
    }

    fn advance(&self, bytes: u64) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.bytes += bytes;
        let tenths = (counted.bytes * 10).checked_div(counted.of).unwrap_or(0);
        if tenths > counted.tenths {
            counted.tenths = tenths;
            tracing::info!(percent = tenths * 10, "importing");
        }
    }

    fn file_done(&self, summary: &FileSummary) {
        let FileSummary {
            file,
            rows,
            inserted,
            updated,
            unchanged,
            deleted,
            duplicates,
            rejected,
            warned,
            refused,
            ..
        } = summary;
        if let Some(reason) = refused {
            tracing::warn!(file, reason, "refused");
        }
        tracing::info!(
            file, rows, inserted, updated, unchanged, deleted, duplicates, rejected, warned, "imported"
        );
    }
}
