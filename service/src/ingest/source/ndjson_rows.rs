//! Reads NDJSON: one JSON object per line, the same names as CSV columns, lists as arrays. A line has a limit.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};

use serde_json::value::RawValue;

use super::csv_rows::Wanted;
use super::{BadRow, LONGEST_CELL, LONGEST_ROW, Rows};
use crate::ingest::value::cell::{Cell, Flaw, RawRow};

/// Rows of an NDJSON file.
pub(crate) struct NdjsonRows<R> {
    input: R,
    names: Vec<String>,
    strict: bool,
    line: u64,
    bytes: u64,
    buffer: Vec<u8>,
    known_unknown: BTreeSet<String>,
    unknown: Vec<(u64, String)>,
}

/// Unknown names that are remembered: a file whose every row has others is not told in full.
const MOST_UNKNOWN: usize = 1000;

impl<R: BufRead + Send> NdjsonRows<R> {
    /// Looks at the first bytes.
    ///
    /// # Errors
    /// Says why the file is refused.
    pub(crate) fn open(mut input: R, wanted: &Wanted<'_>) -> Result<Self, String> {
        let first = input.fill_buf().map_err(|e| format!("cannot be read: {e}"))?;
        let mut bytes = 0;
        let mut start = first;
        if first.starts_with(b"\xef\xbb\xbf") {
            start = &first[3..];
            bytes = 3;
        }
        match start.iter().find(|b| !b.is_ascii_whitespace()) {
            Some(b'{') | None => {}
            Some(b'[') => {
                return Err("is not NDJSON: one object per line is expected, not an array".to_owned());
            }
            Some(_) => return Err("is not NDJSON: one object per line is expected".to_owned()),
        }
        input.consume(bytes);
        Ok(Self {
            input,
            names: wanted.names.iter().map(|name| (*name).to_owned()).collect(),
            strict: wanted.strict,
            line: 0,
            bytes: bytes as u64,
            buffer: Vec::new(),
            known_unknown: BTreeSet::new(),
            unknown: Vec::new(),
        })
    }

    /// Reads a line into the buffer: whether there was one, and whether it fitted.
    fn next_line(&mut self) -> io::Result<Option<bool>> {
        self.buffer.clear();
        let mut fits = true;
        let mut any = false;
        loop {
            let input = self.input.fill_buf()?;
            if input.is_empty() {
                return Ok(any.then_some(fits));
            }
            any = true;
            let end = input.iter().position(|b| *b == b'\n');
            let part = &input[..end.unwrap_or(input.len())];
            fits = fits && self.buffer.len() + part.len() <= LONGEST_ROW;
            if fits {
                self.buffer.extend_from_slice(part);
            } else {
                self.buffer.clear();
            }
            let read = part.len() + usize::from(end.is_some());
            self.input.consume(read);
            self.bytes += read as u64;
            if end.is_some() {
                return Ok(Some(fits));
            }
        }
    }

    fn cells(&mut self) -> Result<Vec<Option<Cell>>, Flaw> {
        let text = std::str::from_utf8(&self.buffer).map_err(|_| Flaw::row("not UTF-8 text"))?;
        let object: BTreeMap<String, &RawValue> = serde_json::from_str(text)
            .map_err(|error| Flaw::row(format!("not a JSON object: {}", without_position(&error))))?;
        let mut cells = vec![None; self.names.len()];
        for (name, value) in object {
            match self
                .names
                .iter()
                .position(|n| n.eq_ignore_ascii_case(name.trim()))
            {
                Some(place) => cells[place] = Some(cell(value).map_err(|reason| Flaw::new(name, reason))?),
                None if self.strict
                    && self.known_unknown.len() < MOST_UNKNOWN
                    && !self.known_unknown.contains(&name) =>
                {
                    self.known_unknown.insert(name.clone());
                    self.unknown.push((self.line, name));
                }
                None => {}
            }
        }
        Ok(cells)
    }
}

/// The error without "at line 1 column 7": it is the file's line that counts.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

fn cell(value: &RawValue) -> Result<Cell, &'static str> {
    let limited = |text: String| {
        if text.len() > LONGEST_CELL {
            Err("cell longer than 1 MiB")
        } else {
            Ok(text)
        }
    };
    if value.get().starts_with('[') {
        let items: Vec<&RawValue> =
            serde_json::from_str(value.get()).map_err(|_| "the list could not be read")?;
        return items
            .into_iter()
            .map(|item| scalar(item).and_then(limited))
            .collect::<Result<_, _>>()
            .map(Cell::List);
    }
    scalar(value).and_then(limited).map(Cell::Text)
}

/// A number stays the text that it is: a floating-point number would change its last digits.
fn scalar(value: &RawValue) -> Result<String, &'static str> {
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text).map_err(|_| "the text could not be read"),
        Some(b'[') => Err("expected texts in the list, found a list"),
        Some(b'{') => Err("expected a text, a number or a list of them, found an object"),
        Some(b'n') => Ok(String::new()),
        _ => Ok(text.to_owned()),
    }
}

impl<R: BufRead + Send> Rows for NdjsonRows<R> {
    fn next_row(&mut self) -> Option<Result<RawRow, BadRow>> {
        loop {
            self.line += 1;
            let fits = match self.next_line() {
                Ok(None) => return None,
                Ok(Some(fits)) => fits,
                Err(error) => {
                    return Some(Err(BadRow::Broken(format!(
                        "reading failed in line {}: {error}",
                        self.line
                    ))));
                }
            };
            if fits && self.buffer.trim_ascii().is_empty() {
                continue;
            }
            let line = self.line;
            let cells = if fits {
                self.cells()
            } else {
                Err(Flaw::row("row longer than 4 MiB"))
            };
            return Some(
                cells
                    .map(|cells| RawRow { line, cells })
                    .map_err(|flaw| BadRow::Flawed { line, flaw }),
            );
        }
    }

    fn bytes_read(&self) -> u64 {
        self.bytes
    }

    fn unknown_columns(&mut self) -> Vec<(u64, String)> {
        std::mem::take(&mut self.unknown)
    }
}
