//! Foreign exports, read through a mapping.
//!
//! Rows are translated one by one as they are read. Only rows that add up are staged: sorted by key on disk, added up in
//! one pass, and read from there ever after. Lookup files are held in memory and may not outgrow [`LARGEST_LOOKUP`].

use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::csv_rows::Wanted;
use super::folder::open_file;
use super::mapping::{Combine, From, Lookup, Mapping, Rule, Section};
use super::{BadRow, OnRepeat, Part, Rows, Source};
use crate::ingest::target::file::Target;
use crate::ingest::value::cell::{Cell, Flaw, RawRow};
use crate::ingest::value::row::cell_text;
use crate::ingest::value::shown;

mod staging;

/// Memory that one lookup file may take, in bytes of its keys and values.
const LARGEST_LOOKUP: usize = 64 << 20;

type LookupTable = HashMap<String, String>;

/// Foreign files of a folder, with a mapping.
pub struct Mapped {
    sections: Vec<MappedSection>,
}

struct MappedSection {
    part: Part,
    path: PathBuf,
    rules: Arc<Rules>,
    /// Rows that add up, once they have been added up.
    staged: Option<Mutex<Option<Arc<staging::Staged>>>>,
}

/// A section, with column names resolved to places.
struct Rules {
    target: Target,
    /// The foreign columns that are read.
    names: Vec<String>,
    only: Vec<(usize, Vec<String>)>,
    /// For each of the target's cells.
    cells: Vec<(usize, Resolved)>,
}

struct Resolved {
    rule: Rule,
    /// The place of its column among the names.
    at: Option<usize>,
    lookup: Option<(String, Arc<LookupTable>)>,
}

impl Mapped {
    /// Reads the lookup files; the others are opened when their turn comes. A mapping may come from somebody else, so it reads the
    /// files of its folder and no others.
    ///
    /// # Errors
    /// Names the file that leads outside the folder; or the lookup file that cannot be read, and why.
    pub fn open(folder: &Path, mapping: &Mapping) -> Result<Self, String> {
        confine(folder, mapping)?;
        Self::open_anywhere(folder, mapping)
    }

    /// The same for a mapping that may lead anywhere.
    ///
    /// # Errors
    /// Names the lookup file that cannot be read, and why.
    pub fn open_anywhere(folder: &Path, mapping: &Mapping) -> Result<Self, String> {
        let mut tables: BTreeMap<Lookup, Arc<LookupTable>> = BTreeMap::new();
        for lookup in mapping
            .sections
            .iter()
            .flat_map(|(_, s)| s.columns.values())
            .filter_map(|rule| rule.lookup.as_ref())
        {
            if !tables.contains_key(lookup) {
                tables.insert(lookup.clone(), Arc::new(read_lookup(folder, lookup)?));
            }
        }
        let sections = mapping
            .sections
            .iter()
            .map(|(target, section)| mapped_section(folder, *target, section, &tables))
            .collect();
        Ok(Self { sections })
    }
}

/// Refuses a mapping that names a file outside the folder: by its path, or by a link that leads there. A file that is not there is
/// looked for when its turn comes.
fn confine(folder: &Path, mapping: &Mapping) -> Result<(), String> {
    let whole = folder
        .canonicalize()
        .map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    for (target, section) in &mapping.sections {
        let lookups = section.columns.values().filter_map(|rule| rule.lookup.as_ref());
        for file in std::iter::once(&section.file).chain(lookups.map(|lookup| &lookup.file)) {
            let stays = Path::new(file)
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
            let inside = stays
                && folder
                    .join(file)
                    .canonicalize()
                    .map_or(true, |found| found.starts_with(&whole));
            if !inside {
                let folder = folder.display();
                return Err(format!(
                    "the mapping's [{target}] reads {file:?}, which leads outside {folder}: --allow-outside lets it"
                ));
            }
        }
    }
    Ok(())
}

fn mapped_section(
    folder: &Path,
    target: Target,
    section: &Section,
    tables: &BTreeMap<Lookup, Arc<LookupTable>>,
) -> MappedSection {
    let path = folder.join(&section.file);
    let bytes = std::fs::metadata(&path).map_or(0, |m| m.len());
    let on_repeat = if section.combine == Combine::Reject {
        OnRepeat::Reject
    } else {
        OnRepeat::Last
    };
    MappedSection {
        part: Part {
            target,
            name: section.file.clone(),
            bytes,
            on_repeat,
        },
        path,
        rules: Arc::new(resolve(target, section, tables)),
        staged: (section.combine == Combine::Sum).then(Mutex::default),
    }
}

fn resolve(target: Target, section: &Section, tables: &BTreeMap<Lookup, Arc<LookupTable>>) -> Rules {
    let mut names: Vec<String> = Vec::new();
    let mut place = |name: &String| {
        names.iter().position(|n| n == name).unwrap_or_else(|| {
            names.push(name.clone());
            names.len() - 1
        })
    };
    let only = section
        .only
        .iter()
        .map(|(name, values)| (place(name), values.clone()))
        .collect();
    let targets = target.spec().cell_names();
    let cells = section
        .columns
        .iter()
        .filter_map(|(name, rule)| {
            let at = match &rule.from {
                From::Column(column) => Some(place(column)),
                From::Constant(_) => None,
            };
            let lookup = rule
                .lookup
                .as_ref()
                .and_then(|l| tables.get(l).map(|table| (l.file.clone(), Arc::clone(table))));
            Some((
                targets.iter().position(|t| t == name)?,
                Resolved {
                    rule: rule.clone(),
                    at,
                    lookup,
                },
            ))
        })
        .collect();
    Rules {
        target,
        names,
        only,
        cells,
    }
}

fn read_lookup(folder: &Path, lookup: &Lookup) -> Result<LookupTable, String> {
    let file = &lookup.file;
    let names = [lookup.key.as_str(), lookup.value.as_str()];
    let refused = |why: String| format!("{file}, which another file looks values up in, {why}");
    let mut rows = open_file(
        &folder.join(file),
        &Wanted {
            names: &names,
            required: &names,
            strict: false,
        },
    )
    .map_err(refused)?;
    let mut table = LookupTable::new();
    let mut size = 0;
    while let Some(row) = rows.next_row() {
        let row = match row {
            Ok(row) => row,
            Err(BadRow::Broken(why)) => return Err(refused(why)),
            Err(BadRow::Flawed { line, flaw }) => {
                return Err(refused(format!("is unreadable in line {line}: {}", flaw.reason)));
            }
        };
        if let [key, value] = row.cells.as_slice()
            && let (Some(key), Some(value)) = (cell_text(key.as_ref()), cell_text(value.as_ref()))
        {
            size += key.len() + value.len();
            if size > LARGEST_LOOKUP {
                return Err(refused(
                    "is larger than the 64 MiB that are kept in memory".to_owned(),
                ));
            }
            table.insert(key.to_owned(), value.to_owned());
        }
    }
    Ok(table)
}

impl Source for Mapped {
    fn parts(&self) -> Vec<Part> {
        self.sections.iter().map(|s| s.part.clone()).collect()
    }

    fn open(&self, part: usize) -> Result<Box<dyn Rows>, String> {
        let section = self.sections.get(part).ok_or("there is no such part")?;
        let open = || {
            let names: Vec<&str> = section.rules.names.iter().map(String::as_str).collect();
            let rows = open_file(
                &section.path,
                &Wanted {
                    names: &names,
                    required: &names,
                    strict: false,
                },
            )?;
            Ok::<_, String>(Translated {
                rows,
                rules: Arc::clone(&section.rules),
            })
        };
        let Some(staged) = &section.staged else {
            return Ok(Box::new(open()?));
        };
        let mut staged = staged.lock().unwrap_or_else(PoisonError::into_inner);
        if staged.is_none() {
            let sum = staging::add_up(section.rules.target, &mut open()?);
            *staged = Some(Arc::new(
                sum.map_err(|error| format!("cannot be added up: {error}"))?,
            ));
        }
        let staged = staged.as_ref().ok_or("was not added up")?;
        Ok(Box::new(staged.rows(section.part.bytes).map_err(|error| {
            format!("cannot be read after adding up: {error}")
        })?))
    }
}

/// Rows of a foreign file, as rows of the target.
struct Translated {
    rows: Box<dyn Rows>,
    rules: Arc<Rules>,
}

impl Rows for Translated {
    fn next_row(&mut self) -> Option<Result<RawRow, BadRow>> {
        loop {
            let row = match self.rows.next_row()? {
                Ok(row) => row,
                Err(bad) => return Some(Err(bad)),
            };
            if self.rules.keeps(&row) {
                let line = row.line;
                return Some(
                    self.rules
                        .translate(&row)
                        .map_err(|flaw| BadRow::Flawed { line, flaw }),
                );
            }
        }
    }

    fn bytes_read(&self) -> u64 {
        self.rows.bytes_read()
    }
}

impl Rules {
    fn keeps(&self, row: &RawRow) -> bool {
        self.only.iter().all(|(at, values)| {
            let found = cell_text(row.cells[*at].as_ref()).unwrap_or_default();
            values.iter().any(|value| value == found)
        })
    }

    fn translate(&self, row: &RawRow) -> Result<RawRow, Flaw> {
        let mut cells = vec![None; self.target.spec().columns.len() + 1];
        for (place, resolved) in &self.cells {
            cells[*place] = match (&resolved.rule.from, resolved.at) {
                (From::Constant(value), _) => Some(Cell::from(value.as_str())),
                (From::Column(name), Some(at)) => resolved
                    .translate(row.cells[at].as_ref())
                    .map_err(|reason| Flaw::new(name.clone(), reason))?,
                (From::Column(_), None) => None,
            };
        }
        Ok(RawRow {
            line: row.line,
            cells,
        })
    }
}

impl Resolved {
    /// First what the value stands for, then what we call that.
    fn translate(&self, cell: Option<&Cell>) -> Result<Option<Cell>, String> {
        let Some(Cell::Text(text)) = cell else {
            return Ok(cell.cloned());
        };
        let looked_up = match &self.lookup {
            Some((file, table)) if !text.is_empty() => table
                .get(text)
                .ok_or_else(|| format!("{} does not occur in {file}", shown(text)))?,
            _ => text,
        };
        if self.rule.translate.is_empty() && self.rule.otherwise.is_none() {
            return Ok(Some(Cell::from(looked_up.as_str())));
        }
        match self
            .rule
            .translate
            .get(looked_up)
            .or(self.rule.otherwise.as_ref())
        {
            Some(translated) => Ok(Some(Cell::from(translated.as_str()))),
            None if looked_up.is_empty() => Ok(Some(Cell::from(""))),
            None => Err(format!("the mapping has no translation for {}", shown(looked_up))),
        }
    }
}
