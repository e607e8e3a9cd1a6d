//! The reading side of an import: a thread of its own that reads, types and batches rows while the database writes the
//! batch before. One batch waits at most, so memory stays where it is.

use std::io;

use tokio::sync::mpsc::Sender;

use crate::ingest::source::{BadRow, OnRepeat, Part, Source};
use crate::ingest::value::cell::Flaw;
use crate::ingest::value::row::{TypedRow, type_row};
use crate::ingest::write::overtaken::Overtaken;

/// Rows per batch and transaction: a multiple of the largest statement. Rows of one file belong to any account, so a batch
/// touches most pages of the indexes once; half as many rows cost a tenth more, and an eighth wrote three times as much to the disk.
const BATCH_ROWS: usize = 16_384;
/// Bytes per batch, whatever its rows: long texts make small batches.
const BATCH_BYTES: u64 = 8 << 20;

/// What the reading thread tells.
pub(crate) enum Event {
    /// So many bytes were looked at for repeated keys.
    Checked(u64),
    /// The part with this number begins.
    Part(usize),
    /// Rows of the current part.
    Batch(Batch),
    /// The rest of the current part is refused.
    Refused(String),
    /// The temporary files gave up; nothing follows.
    Failed(io::Error),
}

/// Rows that are written together.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<TypedRow>,
    /// Rows that could not be read.
    pub(crate) flawed: Vec<(u64, Flaw)>,
    /// Lines of rows that others overtook.
    pub(crate) duplicates: Vec<u64>,
    /// Columns that the target does not have, with the line where each was first met.
    pub(crate) unknown_columns: Vec<(u64, String)>,
    /// Bytes read since the batch before.
    pub(crate) bytes: u64,
}

impl Batch {
    fn len(&self) -> usize {
        self.rows.len() + self.flawed.len() + self.duplicates.len()
    }
}

/// The receiver is gone, or a temporary file failed: nothing more to read.
enum Stop {
    Unheard,
    Temporary(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Temporary(error)
    }
}

/// Reads the parts of one target, twice: once to know which rows are overtaken, once for their rows.
pub(crate) fn read_parts(source: &dyn Source, parts: &[(usize, Part)], events: &Sender<Event>) {
    match read_all(source, parts, events) {
        Ok(()) | Err(Stop::Unheard) => {}
        Err(Stop::Temporary(error)) => {
            // Whoever does not listen any more does not need to know.
            let _ = events.blocking_send(Event::Failed(error));
        }
    }
}

fn tell(events: &Sender<Event>, event: Event) -> Result<(), Stop> {
    events.blocking_send(event).map_err(|_| Stop::Unheard)
}

fn read_all(source: &dyn Source, parts: &[(usize, Part)], events: &Sender<Event>) -> Result<(), Stop> {
    let mut overtaken = Overtaken::find(source, parts, |bytes| tell(events, Event::Checked(bytes)).is_ok())?;
    let mut number = 0;
    for (at, part) in parts {
        tell(events, Event::Part(*at))?;
        read_part(source, *at, part, &mut overtaken, &mut number, events)?;
    }
    Ok(())
}

fn read_part(
    source: &dyn Source,
    at: usize,
    part: &Part,
    overtaken: &mut Overtaken,
    number: &mut u64,
    events: &Sender<Event>,
) -> Result<(), Stop> {
    let spec = part.target.spec();
    let mut rows = match source.open(at) {
        Ok(rows) => rows,
        Err(reason) => return tell(events, Event::Refused(reason)),
    };
    let mut batch = Batch::default();
    let mut told = 0;
    let mut refused = None;
    while let Some(row) = rows.next_row() {
        let (line, typed) = match row {
            Ok(raw) => (raw.line, type_row(spec, &raw)),
            Err(BadRow::Flawed { line, flaw }) => (line, Err(flaw)),
            Err(BadRow::Broken(reason)) => {
                refused = Some(reason);
                break;
            }
        };
        let is_overtaken = overtaken.holds(*number)?;
        *number += 1;
        match typed {
            Err(flaw) => batch.flawed.push((line, flaw)),
            Ok(_) if is_overtaken && part.on_repeat == OnRepeat::Reject => {
                batch
                    .flawed
                    .push((line, Flaw::row("another row has the same key")));
            }
            Ok(_) if is_overtaken => batch.duplicates.push(line),
            Ok(row) => batch.rows.push(row),
        }
        if batch.len() >= BATCH_ROWS || rows.bytes_read() - told > BATCH_BYTES {
            batch.bytes = rows.bytes_read() - told;
            told += batch.bytes;
            batch.unknown_columns = rows.unknown_columns();
            tell(events, Event::Batch(std::mem::take(&mut batch)))?;
        }
    }
    batch.bytes = rows.bytes_read() - told;
    batch.unknown_columns = rows.unknown_columns();
    tell(events, Event::Batch(batch))?;
    refused.map_or(Ok(()), |reason| tell(events, Event::Refused(reason)))
}
