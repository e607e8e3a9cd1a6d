//! The table at the end of an import.

use service::ingest::{FileSummary, ImportSummary};

const HEADINGS: [&str; 9] = [
    "file",
    "rows",
    "inserted",
    "updated",
    "unchanged",
    "deleted",
    "duplicates",
    "rejected",
    "warned",
];

/// The counts of every file, and their sum where there are several files.
pub fn render(summary: &ImportSummary) -> String {
    let mut rows: Vec<[String; 9]> = vec![HEADINGS.map(str::to_owned)];
    rows.extend(summary.files.iter().map(|file| cells(&file.file, counts(file))));
    if summary.files.len() > 1 {
        let total = summary.files.iter().map(counts).fold([0; 8], |sum, counts| {
            std::array::from_fn(|at| sum[at] + counts[at])
        });
        rows.push(cells("total", total));
    }
    let widths: [usize; 9] =
        std::array::from_fn(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0));
    let line = |row: &[String; 9]| {
        let cells = row.iter().zip(widths).enumerate().map(|(at, (cell, width))| {
            // Names to the left, numbers to the right.
            if at == 0 {
                format!("{cell:width$}")
            } else {
                format!("{cell:>width$}")
            }
        });
        cells.collect::<Vec<_>>().join("  ")
    };
    let mut text: Vec<String> = rows.iter().map(line).collect();
    text.extend(
        summary
            .files
            .iter()
            .filter_map(|f| Some(format!("{}: the file {}", f.file, f.refused.as_ref()?))),
    );
    text.join("\n")
}

fn counts(file: &FileSummary) -> [u64; 8] {
    [
        file.rows,
        file.inserted,
        file.updated,
        file.unchanged,
        file.deleted,
        file.duplicates,
        file.rejected,
        file.warned,
    ]
}

fn cells(name: &str, counts: [u64; 8]) -> [String; 9] {
    let mut cells: [String; 9] = Default::default();
    name.clone_into(&mut cells[0]);
    for (cell, count) in cells[1..].iter_mut().zip(counts) {
        *cell = count.to_string();
    }
    cells
}
