//! A folder of import files: whichever of them stand there, as CSV or NDJSON.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::csv_rows::{CsvRows, Wanted};
use super::ndjson_rows::NdjsonRows;
use super::{OnRepeat, Part, Rows, Source};
use crate::ingest::target::file::Target;

/// Bytes read at once.
const BUFFER: usize = 128 << 10;

/// The import files of a folder.
#[derive(Debug)]
pub struct Folder {
    files: Vec<(Part, PathBuf)>,
}

impl Folder {
    /// Looks which files there are.
    ///
    /// # Errors
    /// Says that the folder cannot be read, or holds none of the files.
    pub fn open(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let entries = fs::read_dir(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| format!("{shown} cannot be read: {error}"))?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                continue;
            };
            let Some((stem, "csv" | "ndjson")) = name.rsplit_once('.') else {
                continue;
            };
            let Ok(target) = stem.parse::<Target>() else {
                continue;
            };
            let bytes = fs::metadata(entry.path()).map_or(0, |m| m.len());
            files.push((
                Part {
                    target,
                    name,
                    bytes,
                    on_repeat: OnRepeat::Last,
                },
                entry.path(),
            ));
        }
        if files.is_empty() {
            let names: Vec<&str> = Target::ALL.iter().map(|t| t.name()).collect();
            return Err(format!(
                "{shown} holds no import file; expected .csv or .ndjson files named {}",
                names.join(", ")
            ));
        }
        files.sort_by(|(a, _), (b, _)| (a.target, &a.name).cmp(&(b.target, &b.name)));
        Ok(Self { files })
    }
}

impl Source for Folder {
    fn parts(&self) -> Vec<Part> {
        self.files.iter().map(|(part, _)| part.clone()).collect()
    }

    fn open(&self, part: usize) -> Result<Box<dyn Rows>, String> {
        let (part, path) = self.files.get(part).ok_or("there is no such part")?;
        let spec = part.target.spec();
        open_file(
            path,
            &Wanted {
                names: &spec.cell_names(),
                required: &spec.required_names(),
                strict: true,
            },
        )
    }
}

/// Opens a file by its ending: NDJSON, or else CSV.
pub(super) fn open_file(path: &Path, wanted: &Wanted<'_>) -> Result<Box<dyn Rows>, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let file = File::open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err("is not a regular file (it is read more than once)".to_owned());
    }
    let input = BufReader::with_capacity(BUFFER, file);
    if path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("ndjson"))
    {
        Ok(Box::new(NdjsonRows::open(input, wanted)?))
    } else {
        Ok(Box::new(CsvRows::open(input, wanted)?))
    }
}
