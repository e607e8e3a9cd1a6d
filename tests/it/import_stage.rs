//! What the tests of imports share: files written to a folder, imported, and the database asked afterwards.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rapport_tests::{Kind, TestDb};
use sea_orm::{ConnectionTrait, Statement};
use service::ingest::{Folder, ImportOptions, ImportSummary, Issue, IssueSeverity, Progress, import};

/// One number from the database.
pub(crate) async fn number(db: &TestDb, sql: &str) -> i64 {
    let statement = Statement::from_string(db.backend(), sql);
    db.read()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap()
        .try_get_by_index(0)
        .unwrap()
}

/// The first column of every row, as text; NULL is "-".
pub(crate) async fn texts(db: &TestDb, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(db.backend(), sql);
    let rows = db.read().query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| {
            row.try_get_by_index::<Option<String>>(0)
                .unwrap()
                .unwrap_or("-".to_owned())
        })
        .collect()
}

/// How many rows a table has.
pub(crate) async fn count(db: &TestDb, table: &str) -> i64 {
    number(db, &format!("SELECT count(*) FROM {table}")).await
}

/// Every column that holds texts, as `table.column`.
pub(crate) async fn text_columns(db: &TestDb) -> Vec<String> {
    let columns = match db.kind() {
        Kind::Sqlite => {
            "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_xinfo(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND lower(c.type) = 'text' AND c.name NOT LIKE '%\\_on' ESCAPE '\\'
             AND c.name NOT IN ('day', 'since', 'until', 'contract_start', 'renewal_date', 'data_through', 'snoozed_until', 'muted_until')"
        }
        // The partitions of `usage` are read with it.
        Kind::Postgres => {
            "SELECT table_name || '.' || column_name FROM information_schema.columns
             WHERE table_schema = 'public' AND data_type = 'text' AND table_name NOT LIKE 'usage\\_%'"
        }
    };
    texts(db, columns).await
}

/// Every text of every table, in one, in an order of its own.
pub(crate) async fn every_text(db: &TestDb) -> String {
    let parts: Vec<String> = text_columns(db)
        .await
        .iter()
        .map(|path| {
            let (table, column) = path.split_once('.').unwrap();
            format!("SELECT '{path}: ' || \"{column}\" FROM {table} WHERE \"{column}\" IS NOT NULL")
        })
        .collect();
    assert!(parts.len() > 50, "the tables have texts at all: {parts:?}");
    let mut all = texts(db, &parts.join(" UNION ALL ")).await;
    // Where a row lies says nothing.
    all.sort();
    all.join("\n")
}

/// Remembers what was wrong with which row.
#[derive(Default)]
pub(crate) struct Remembered(Mutex<Vec<Issue>>);

impl Progress for Remembered {
    fn issue(&self, issue: &Issue) {
        self.0.lock().unwrap().push(issue.clone());
    }
}

impl Remembered {
    /// `file:line column: reason` of every row rejected, or warned of.
    pub(crate) fn told(&self, severity: IssueSeverity) -> Vec<String> {
        let issues = self.0.lock().unwrap();
        let shown = |i: &Issue| format!("{}:{} {}: {}", i.file, i.line, i.column, i.reason);
        issues
            .iter()
            .filter(|i| i.severity == severity)
            .map(shown)
            .collect()
    }

    pub(crate) fn rejected(&self) -> Vec<String> {
        self.told(IssueSeverity::Rejected)
    }

    pub(crate) fn warned(&self) -> Vec<String> {
        self.told(IssueSeverity::Warned)
    }
}

/// Writes files to a folder of their own.
pub(crate) fn folder(db: &TestDb, name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = db.scratch().join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    for (file, bytes) in files {
        std::fs::write(folder.join(file), bytes).unwrap();
    }
    folder
}

/// Imports a folder.
pub(crate) async fn import_folder(
    db: &TestDb,
    folder: &Path,
    options: &ImportOptions,
) -> (ImportSummary, Remembered) {
    let remembered = Remembered::default();
    let source = Arc::new(Folder::open(folder).unwrap());
    let summary = import(db, &db.system(), &db.clock, source, options, &remembered)
        .await
        .unwrap();
    (summary, remembered)
}

/// Imports files given as text.
pub(crate) async fn import_texts(db: &TestDb, files: &[(&str, &str)]) -> (ImportSummary, Remembered) {
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    import_folder(db, &folder(db, "files", &files), &ImportOptions::default()).await
}
