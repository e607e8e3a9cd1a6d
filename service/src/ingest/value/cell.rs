//! A raw row: what a source read, before anything is known about what it means.

use crate::ingest::target::file::Target;

/// What stood in one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A text; empty clears the value.
    Text(String),
    /// Several texts: an array in NDJSON.
    List(Vec<String>),
}

impl Cell {
    /// Whether it clears the value.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<String>> for Cell {
    fn from(items: Vec<String>) -> Self {
        Self::List(items)
    }
}

/// A row of a source. Its cells stand in the order of the names that the source was asked for; a column that the source
/// does not have is `None`, which leaves the stored value alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow {
    /// The line it starts on; for rows in memory, their number, from 1.
    pub line: u64,
    /// Its cells.
    pub cells: Vec<Option<Cell>>,
}

impl RawRow {
    /// A row of `target` from named cells.
    ///
    /// # Errors
    /// Names the column that `target` does not have.
    pub fn named<'a>(
        target: Target,
        line: u64,
        cells: impl IntoIterator<Item = (&'a str, Cell)>,
    ) -> Result<Self, String> {
        let spec = target.spec();
        let names = spec.cell_names();
        let mut row = Self {
            line,
            cells: vec![None; names.len()],
        };
        for (name, cell) in cells {
            let at = names
                .iter()
                .position(|n| *n == name)
                .ok_or_else(|| format!("{target} has no column `{name}`"))?;
            row.cells[at] = Some(cell);
        }
        Ok(row)
    }
}

/// What is wrong with a row, and in which column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The column; empty when it is the whole row.
    pub column: String,
    /// What was expected.
    pub reason: String,
    /// The column names something that is not there, or not for the caller.
    pub unknown: bool,
}

impl Flaw {
    /// A column names something that is not there, or not for the caller.
    pub(crate) fn unknown(column: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            unknown: true,
            ..Self::new(column, reason)
        }
    }

    /// Something wrong in a column.
    pub(crate) fn new(column: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            reason: reason.into(),
            unknown: false,
        }
    }

    /// Something wrong with the whole row.
    pub(crate) fn row(reason: impl Into<String>) -> Self {
        Self::new("", reason)
    }
}
