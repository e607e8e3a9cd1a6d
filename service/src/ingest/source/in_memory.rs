//! Rows in memory: the sample company, bulk mutations, tests. The same path as files, so the same rules.

use std::sync::Arc;

use super::{BadRow, OnRepeat, Part, Rows, Source};
use crate::ingest::target::file::Target;
use crate::ingest::value::cell::{Cell, RawRow};

/// Rows in memory. A row's line is its number among the rows of its target, from 1.
#[derive(Debug, Default, Clone)]
pub struct InMemory {
    targets: Vec<(Target, Arc<Vec<RawRow>>)>,
}

impl InMemory {
    /// No rows yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row of named cells.
    ///
    /// # Errors
    /// Names the column that `target` does not have.
    pub fn push<'a>(
        &mut self,
        target: Target,
        cells: impl IntoIterator<Item = (&'a str, Cell)>,
    ) -> Result<(), String> {
        let rows = self.rows_of(target);
        let row = RawRow::named(target, rows.len() as u64 + 1, cells)?;
        rows.push(row);
        Ok(())
    }

    fn rows_of(&mut self, target: Target) -> &mut Vec<RawRow> {
        let at = match self.targets.binary_search_by_key(&target, |(t, _)| *t) {
            Ok(at) => at,
            Err(at) => {
                self.targets.insert(at, (target, Arc::default()));
                at
            }
        };
        Arc::make_mut(&mut self.targets[at].1)
    }
}

impl Source for InMemory {
    fn parts(&self) -> Vec<Part> {
        self.targets
            .iter()
            .map(|(target, rows)| Part {
                target: *target,
                name: target.name().to_owned(),
                bytes: rows.len() as u64,
                on_repeat: OnRepeat::Last,
            })
            .collect()
    }

    fn open(&self, part: usize) -> Result<Box<dyn Rows>, String> {
        let (_, rows) = self.targets.get(part).ok_or("there is no such part")?;
        Ok(Box::new(Reading {
            rows: Arc::clone(rows),
            next: 0,
        }))
    }
}

struct Reading {
    rows: Arc<Vec<RawRow>>,
    next: usize,
}

impl Rows for Reading {
    fn next_row(&mut self) -> Option<Result<RawRow, BadRow>> {
        let row = self.rows.get(self.next)?.clone();
        self.next += 1;
        Some(Ok(row))
    }

    fn bytes_read(&self) -> u64 {
        self.next as u64
    }
}
