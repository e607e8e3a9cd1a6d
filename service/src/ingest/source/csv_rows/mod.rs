//! Reads CSV (RFC 4180) from bytes: any line end, a BOM, quoted line breaks; bounded memory whatever stands in the file.
//!
//! The tokenizer is the csv crate's own. What is added here is what a record reader over it does not give: a limit on
//! rows that keeps reading behind it, line numbers that hold with every line end, and a quote that is never closed.

use std::io::{self, BufRead};

use csv_core::ReadRecordResult;

use super::{BadRow, LONGEST_CELL, LONGEST_ROW, Rows};
use crate::ingest::value::cell::{Cell, Flaw, RawRow};

/// Most columns of a file.
const MOST_COLUMNS: usize = 4096;

/// Which columns of a file are read.
pub(crate) struct Wanted<'a> {
    /// Their names, in the order of a raw row's cells.
    pub(crate) names: &'a [&'a str],
    /// Those without which the file is refused.
    pub(crate) required: &'a [&'a str],
    /// Whether other columns are worth a word.
    pub(crate) strict: bool,
}

/// Rows of a CSV file.
pub(crate) struct CsvRows<R> {
    records: Records<R>,
    /// The names in the header.
    header: Vec<String>,
    /// For each column of the file, its place in a raw row.
    places: Vec<Option<usize>>,
    width: usize,
    unknown: Vec<(u64, String)>,
}

impl<R: BufRead + Send> CsvRows<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// Says why the file is refused.
    pub(crate) fn open(input: R, wanted: &Wanted<'_>) -> Result<Self, String> {
        let mut records = Records::new(input);
        let header = match records
            .next_record()
            .map_err(|e| format!("cannot be read: {e}"))?
        {
            None => return Err("is empty: a header row is expected".to_owned()),
            Some(Err(reason)) => return Err(format!("is not CSV: its header {reason}")),
            Some(Ok(())) => records
                .texts()
                .map_err(|flaw| format!("is not CSV: its header is {}", flaw.1))?,
        };
        // A BOM has been taken away, unless it came in pieces.
        let header: Vec<String> = header
            .into_iter()
            .map(|name| name.trim_start_matches('\u{feff}').trim().to_owned())
            .collect();
        if header.iter().any(|name| name.contains('\0')) {
            return Err("is not CSV: its header holds NUL characters".to_owned());
        }
        let mut places = Vec::with_capacity(header.len());
        let mut unknown = Vec::new();
        for (at, name) in header.iter().enumerate() {
            let place = wanted.names.iter().position(|w| w.eq_ignore_ascii_case(name));
            if place.is_some() && places.contains(&place) {
                return Err(format!("has the column `{name}` twice"));
            }
            if place.is_none() && wanted.strict && !name.is_empty() {
                unknown.push((1, header[at].clone()));
            }
            places.push(place);
        }
        let lacking: Vec<&str> = wanted
            .required
            .iter()
            .copied()
            .filter(|r| !header.iter().any(|name| name.eq_ignore_ascii_case(r)))
            .collect();
        if !lacking.is_empty() {
            return Err(refusal(&lacking, &header));
        }
        Ok(Self {
            records,
            header,
            places,
            width: wanted.names.len(),
            unknown,
        })
    }

    fn cells(&self) -> Result<Vec<Option<Cell>>, Flaw> {
        let found = self.records.ends.len();
        if found != self.header.len() {
            return Err(Flaw::row(format!(
                "has {found} cells where the header has {}",
                self.header.len()
            )));
        }
        let name = |at: usize| self.header.get(at).cloned().unwrap_or_default();
        let texts = self
            .records
            .texts()
            .map_err(|(at, reason)| Flaw::new(name(at), reason))?;
        let mut cells = vec![None; self.width];
        for (at, text) in texts.into_iter().enumerate() {
            if let Some(place) = self.places[at] {
                if text.len() > LONGEST_CELL {
                    return Err(Flaw::new(name(at), "cell longer than 1 MiB"));
                }
                cells[place] = Some(Cell::from(text));
            }
        }
        Ok(cells)
    }
}

fn refusal(lacking: &[&str], header: &[String]) -> String {
    let lacking = lacking
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let has = header.join(", ");
    let has = crate::ingest::value::shown(&has);
    let hint = match header {
        [only] if only.contains(';') => " (are its columns separated by semicolons? commas are expected)",
        [only] if only.contains('\t') => " (are its columns separated by tabs? commas are expected)",
        _ => "",
    };
    format!("has no column {lacking}; its header is {has}{hint}")
}

impl<R: BufRead + Send> Rows for CsvRows<R> {
    fn next_row(&mut self) -> Option<Result<RawRow, BadRow>> {
        let record = match self.records.next_record() {
            Ok(None) => return None,
            Ok(Some(record)) => record,
            Err(error) => {
                return Some(Err(BadRow::Broken(format!(
                    "reading failed behind line {}: {error}",
                    self.records.start
                ))));
            }
        };
        let line = self.records.start;
        let cells = match record {
            Ok(()) => self.cells(),
            Err(reason) => {
                let column = self
                    .header
                    .get(self.records.fields_at_overflow)
                    .cloned()
                    .unwrap_or_default();
                Err(Flaw::new(column, reason))
            }
        };
        Some(
            cells
                .map(|cells| RawRow { line, cells })
                .map_err(|flaw| BadRow::Flawed { line, flaw }),
        )
    }

    fn bytes_read(&self) -> u64 {
        self.records.bytes
    }

    fn unknown_columns(&mut self) -> Vec<(u64, String)> {
        std::mem::take(&mut self.unknown)
    }
}

/// Where in the text the reader stands, as RFC 4180 sees it.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    CellStart,
    Bare,
    Quoted,
    /// Behind a quote within a quoted cell: its end, or half of a doubled one.
    QuoteInQuoted,
}

/// Records of a CSV file, one at a time, in memory that does not grow beyond [`LONGEST_ROW`].
struct Records<R> {
    input: R,
    tokenizer: csv_core::Reader,
    /// The cells' bytes, one after the other.
    text: Vec<u8>,
    /// Where each cell ends in `text`.
    ends: Vec<usize>,
    bytes: u64,
    /// The line the reader stands on.
    line: u64,
    /// The line the record starts on.
    start: u64,
    after_return: bool,
    place: Place,
    /// Which cell was being read when the record grew too long.
    fields_at_overflow: usize,
}

impl<R: BufRead> Records<R> {
    fn new(input: R) -> Self {
        Self {
            input,
            tokenizer: csv_core::Reader::new(),
            text: vec![0; 4096],
            ends: Vec::new(),
            bytes: 0,
            line: 1,
            start: 1,
            after_return: false,
            place: Place::CellStart,
            fields_at_overflow: usize::MAX,
        }
    }

    /// Reads the next record into `text` and `ends`; a reason where it cannot be held, with everything of it read.
    fn next_record(&mut self) -> io::Result<Option<Result<(), String>>> {
        let mut written = 0;
        let mut ended = 0;
        let mut overflow = None;
        let mut started = false;
        self.fields_at_overflow = usize::MAX;
        self.ends.resize(64.max(self.ends.len()), 0);
        if self.bytes == 0 {
            self.skip_byte_order_mark()?;
        }
        loop {
            let input = self.input.fill_buf()?;
            let at_end = input.is_empty();
            let (result, read, wrote, ends) =
                self.tokenizer
                    .read_record(input, &mut self.text[written..], &mut self.ends[ended..]);
            let consumed = &input[..read];
            let mut position = Position {
                line: self.line,
                start: self.start,
                after_return: self.after_return,
                place: self.place,
            };
            position.follow(consumed, &mut started);
            Position {
                line: self.line,
                start: self.start,
                after_return: self.after_return,
                place: self.place,
            } = position;
            self.input.consume(read);
            self.bytes += read as u64;
            written += wrote;
            ended += ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.text.len() < LONGEST_ROW => {
                    let longer = (self.text.len() * 2).min(LONGEST_ROW);
                    self.text.resize(longer, 0);
                }
                ReadRecordResult::OutputFull => {
                    // Too long: what was read is given up, and so is the rest of the record as it comes.
                    overflow.get_or_insert_with(|| {
                        self.fields_at_overflow = ended;
                        let cell_starts = ended.checked_sub(1).map_or(0, |last| self.ends[last]);
                        if written - cell_starts > LONGEST_CELL {
                            "cell longer than 1 MiB"
                        } else {
                            "row longer than 4 MiB"
                        }
                    });
                    written = 0;
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < MOST_COLUMNS => {
                    let more = self.ends.len() * 2;
                    self.ends.resize(more, 0);
                }
                ReadRecordResult::OutputEndsFull => {
                    overflow.get_or_insert("row of more than 4096 cells");
                    ended = 0;
                }
                ReadRecordResult::Record => {
                    self.ends.truncate(ended);
                    let open = at_end && self.place == Place::Quoted;
                    self.place = Place::CellStart;
                    let reason = overflow.or(open.then_some("a quote is opened and never closed"));
                    return Ok(Some(reason.map_or(Ok(()), |reason| Err(reason.to_owned()))));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// The tokenizer would do it too, but takes a BOM that comes alone for the end of the file.
    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        if self.input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            self.input.consume(3);
            self.bytes = 3;
        }
        Ok(())
    }

    /// The record's cells as text; which one is not, and why.
    fn texts(&self) -> Result<Vec<&str>, (usize, &'static str)> {
        let mut from = 0;
        let mut texts = Vec::with_capacity(self.ends.len());
        for (at, end) in self.ends.iter().enumerate() {
            let text = std::str::from_utf8(&self.text[from..*end]).map_err(|_| (at, "not UTF-8 text"))?;
            texts.push(text);
            from = *end;
        }
        Ok(texts)
    }
}

/// Follows the bytes that the tokenizer takes, to know lines and open quotes.
struct Position {
    line: u64,
    start: u64,
    after_return: bool,
    place: Place,
}

impl Position {
    fn follow(&mut self, bytes: &[u8], started: &mut bool) {
        for byte in bytes {
            let line_end = matches!(byte, b'\n' | b'\r');
            if !line_end && !*started {
                *started = true;
                self.start = self.line;
            }
            if *byte == b'\r' || (*byte == b'\n' && !self.after_return) {
                self.line += 1;
            }
            self.after_return = *byte == b'\r';
            self.place = match (self.place, byte) {
                (Place::Quoted, b'"') => Place::QuoteInQuoted,
                (Place::Quoted, _) | (Place::CellStart | Place::QuoteInQuoted, b'"') => Place::Quoted,
                (_, b',' | b'\n' | b'\r') => Place::CellStart,
                _ => Place::Bare,
            };
        }
    }
}

#[cfg(test)]
mod tests;
