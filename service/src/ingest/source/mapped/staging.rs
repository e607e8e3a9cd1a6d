//! Adds up rows that fall on one key. Rows are sorted by key on disk, so a key's rows lie side by side however many keys
//! there are; what comes out is staged in a temporary file that can be read again.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::ingest::source::spill_sort::{SpillSort, read_part, write_part};
use crate::ingest::source::{BadRow, Rows};
use crate::ingest::target::column::Spec;
use crate::ingest::target::file::Target;
use crate::ingest::value::Value;
use crate::ingest::value::cell::{Cell, Flaw, RawRow};
use crate::ingest::value::row::{Patch, TypedRow, key_digest, type_row};

/// Rows that were added up.
pub(super) struct Staged {
    file: NamedTempFile,
    bytes: u64,
}

/// A row on disk.
#[derive(Serialize, Deserialize)]
struct StagedRow {
    line: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    flaw: Option<(String, String)>,
    cells: Vec<Option<StagedCell>>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StagedCell {
    Text(String),
    List(Vec<String>),
}

/// Behind the key: the row's number, so that the last one is known.
const NUMBER_BYTES: usize = 8;

/// Reads all rows, adds up those with the same key and stages the sums. Rows that cannot be read stay as they are.
pub(super) fn add_up(target: Target, rows: &mut impl Rows) -> io::Result<Staged> {
    let spec = target.spec();
    let mut sort = SpillSort::new();
    let mut number = 0_u64;
    while let Some(row) = rows.next_row() {
        number += 1;
        let (mut key, staged) = match row {
            Ok(raw) => match type_row(spec, &raw) {
                Ok(typed) => (sort_key(spec, &typed), StagedRow::of(raw, None)),
                // A row that is not as it should be is nobody's: it goes on as it is, to be rejected where all are.
                Err(_) => (Vec::new(), StagedRow::of(raw, None)),
            },
            Err(BadRow::Flawed { line, flaw }) => (
                Vec::new(),
                StagedRow::of(
                    RawRow {
                        line,
                        cells: Vec::new(),
                    },
                    Some(flaw),
                ),
            ),
            Err(BadRow::Broken(reason)) => return Err(io::Error::other(reason)),
        };
        key.extend_from_slice(&number.to_be_bytes());
        sort.push(&key, &serde_json::to_vec(&staged)?)?;
    }
    let mut sorted = sort.finish()?;
    let mut out = BufWriter::new(NamedTempFile::new()?);
    let mut group: Option<(Vec<u8>, RawRow)> = None;
    while let Some((mut key, payload)) = sorted.next_record()? {
        let staged: StagedRow = serde_json::from_slice(&payload)?;
        key.truncate(key.len() - NUMBER_BYTES);
        if key.is_empty() {
            write_part(&mut out, &payload)?;
            continue;
        }
        let row = staged.into_row();
        group = Some(match group.take() {
            Some((group_key, sum)) if group_key == key => match add(spec, &sum, row) {
                Ok(sum) => (group_key, sum),
                Err((row, flaw)) => {
                    write_part(&mut out, &serde_json::to_vec(&StagedRow::of(row, Some(flaw)))?)?;
                    (group_key, sum)
                }
            },
            earlier => {
                write_row(&mut out, earlier)?;
                (key, row)
            }
        });
    }
    write_row(&mut out, group)?;
    out.flush()?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    let bytes = file.as_file().metadata()?.len();
    Ok(Staged { file, bytes })
}

fn write_row(out: &mut impl Write, group: Option<(Vec<u8>, RawRow)>) -> io::Result<()> {
    match group {
        Some((_, row)) => write_part(out, &serde_json::to_vec(&StagedRow::of(row, None))?),
        None => Ok(()),
    }
}

/// The first part of the key as it is, so that rows of one account stay together, and a digest of all of it.
fn sort_key(spec: &Spec, row: &TypedRow) -> Vec<u8> {
    let mut key = Vec::with_capacity(64);
    if let Some(Patch::Set(Value::Text(first))) = row.patches.first() {
        key.extend_from_slice(first.as_bytes());
    }
    key.push(0);
    key.extend_from_slice(&key_digest(spec, row));
    key
}

/// The later row, with the numbers of both.
fn add(spec: &Spec, sum: &RawRow, mut row: RawRow) -> Result<RawRow, (RawRow, Flaw)> {
    let (Ok(one), Ok(other)) = (type_row(spec, sum), type_row(spec, &row)) else {
        return Ok(row);
    };
    for (at, column) in spec.columns.iter().enumerate().filter(|(_, c)| c.is_additive()) {
        let added = match (&one.patches[at], &other.patches[at]) {
            (Patch::Set(Value::Whole(a)), Patch::Set(Value::Whole(b))) => {
                a.checked_add(*b).map(|n| n.to_string())
            }
            (Patch::Set(Value::Real(a)), Patch::Set(Value::Real(b))) => Some((a + b).to_string()),
            _ => continue,
        };
        match added {
            Some(text) => row.cells[at] = Some(Cell::Text(text)),
            None => {
                return Err((
                    row,
                    Flaw::new(column.name, "the sum is larger than can be stored"),
                ));
            }
        }
    }
    Ok(row)
}

impl StagedRow {
    fn of(row: RawRow, flaw: Option<Flaw>) -> Self {
        let cells = row.cells.into_iter().map(|cell| {
            cell.map(|cell| match cell {
                Cell::Text(text) => StagedCell::Text(text),
                Cell::List(items) => StagedCell::List(items),
            })
        });
        Self {
            line: row.line,
            flaw: flaw.map(|f| (f.column, f.reason)),
            cells: cells.collect(),
        }
    }

    fn into_row(self) -> RawRow {
        let cells = self.cells.into_iter().map(|cell| {
            cell.map(|cell| match cell {
                StagedCell::Text(text) => Cell::Text(text),
                StagedCell::List(items) => Cell::List(items),
            })
        });
        RawRow {
            line: self.line,
            cells: cells.collect(),
        }
    }
}

impl Staged {
    /// Reads them; progress is told in bytes of the file they come from.
    pub(super) fn rows(&self, source_bytes: u64) -> io::Result<StagedRows> {
        Ok(StagedRows {
            input: BufReader::new(self.file.reopen()?),
            read: 0,
            bytes: self.bytes,
            source_bytes,
        })
    }
}

/// Staged rows, one after the other.
pub(super) struct StagedRows {
    input: BufReader<File>,
    read: u64,
    bytes: u64,
    source_bytes: u64,
}

impl Rows for StagedRows {
    fn next_row(&mut self) -> Option<Result<RawRow, BadRow>> {
        let read = read_part(&mut self.input).and_then(|bytes| {
            let Some(bytes) = bytes else { return Ok(None) };
            self.read += bytes.len() as u64 + 4;
            Ok(Some(serde_json::from_slice::<StagedRow>(&bytes)?))
        });
        match read {
            Ok(None) => None,
            Err(error) => Some(Err(BadRow::Broken(format!(
                "reading the staged rows failed: {error}"
            )))),
            Ok(Some(StagedRow {
                line,
                flaw: Some((column, reason)),
                ..
            })) => Some(Err(BadRow::Flawed {
                line,
                flaw: Flaw::new(column, reason),
            })),
            Ok(Some(row)) => Some(Ok(row.into_row())),
        }
    }

    fn bytes_read(&self) -> u64 {
        (self.source_bytes as f64 * (self.read as f64 / self.bytes.max(1) as f64)) as u64
    }
}
