//! Which rows are overtaken by another row with the same key.
//!
//! Every file is read once before it is written, to know: only then is the outcome of a second import "unchanged" for
//! every row, and a batch never holds a key twice. Keys are 128-bit digests, sorted on disk, so memory does not grow
//! with the file. A row that cannot be read overtakes nothing.

use std::io;

use crate::ingest::source::spill_sort::{Sorted, SpillSort};
use crate::ingest::source::{BadRow, OnRepeat, Part, Source};
use crate::ingest::value::row::{key_digest, type_row};

/// The numbers of overtaken rows, rising.
pub(crate) struct Overtaken {
    rows: Sorted,
    next: Option<u64>,
}

impl Overtaken {
    /// Reads the parts, which are all of one target. Calls `on_progress` with the bytes read since the last call, and
    /// stops early when it says so.
    pub(crate) fn find(
        source: &dyn Source,
        parts: &[(usize, Part)],
        mut on_progress: impl FnMut(u64) -> bool,
    ) -> io::Result<Self> {
        const ROWS_PER_WORD: u64 = 20_000;
        let mut keys = SpillSort::new();
        let mut number = 0_u64;
        for (at, part) in parts {
            let spec = part.target.spec();
            // One that is refused is refused again, and told, when it is to be written.
            let Ok(mut rows) = source.open(*at) else { continue };
            let mut told = 0;
            while let Some(row) = rows.next_row() {
                match row {
                    Ok(raw) => {
                        if let Ok(typed) = type_row(spec, &raw) {
                            let mut key = [0; 24];
                            key[..16].copy_from_slice(&key_digest(spec, &typed));
                            key[16..].copy_from_slice(&number.to_be_bytes());
                            keys.push(&key, &[])?;
                        }
                    }
                    Err(BadRow::Flawed { .. }) => {}
                    Err(BadRow::Broken(_)) => break,
                }
                number += 1;
                if number.is_multiple_of(ROWS_PER_WORD) {
                    let read = rows.bytes_read();
                    if !on_progress(read - told) {
                        return Self::of(SpillSort::new());
                    }
                    told = read;
                }
            }
            on_progress(rows.bytes_read() - told);
        }
        let first_counts = parts.iter().any(|(_, part)| part.on_repeat == OnRepeat::Reject);
        Self::of(pick(keys.finish()?, first_counts)?)
    }

    fn of(numbers: SpillSort) -> io::Result<Self> {
        let mut overtaken = Self {
            rows: numbers.finish()?,
            next: None,
        };
        overtaken.advance()?;
        Ok(overtaken)
    }

    fn advance(&mut self) -> io::Result<()> {
        self.next = self.rows.next_record()?.map(|(key, _)| number_of(&key));
        Ok(())
    }

    /// Whether a row is overtaken. To be asked in rising order.
    pub(crate) fn holds(&mut self, number: u64) -> io::Result<bool> {
        if self.next == Some(number) {
            self.advance()?;
            return Ok(true);
        }
        Ok(false)
    }
}

/// Of each key's rows all but the last, or all but the first.
fn pick(mut sorted: Sorted, first_counts: bool) -> io::Result<SpillSort> {
    let mut overtaken = SpillSort::new();
    let mut previous: Option<Vec<u8>> = None;
    while let Some((key, _)) = sorted.next_record()? {
        if let Some(previous) = previous.filter(|previous| previous[..16] == key[..16]) {
            let loser = if first_counts { &key } else { &previous };
            overtaken.push(&loser[16..], &[])?;
        }
        previous = Some(key);
    }
    Ok(overtaken)
}

fn number_of(key: &[u8]) -> u64 {
    key.iter()
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}
