//! `--dry-run` says exactly what would happen and `--strict` writes all or nothing, references between files included.

use rapport_tests::{TestDb, on_both_databases};
use service::ingest::{Cell, ImportOptions, ImportSummary, InMemory, Target, Unwatched, import};

use crate::import_files::EVERYTHING;
use crate::import_stage::{count, folder, import_folder, import_texts};

async fn import_with(db: &TestDb, files: &[(&str, &str)], options: &ImportOptions) -> ImportSummary {
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    import_folder(db, &folder(db, "strict", &files), options).await.0
}

async fn total(db: &TestDb) -> i64 {
    let mut total = 0;
    for table in [
        "app_user",
        "account",
        "contact",
        "interaction",
        "interaction_participant",
        "usage",
        "outcome",
        "touched_account",
    ] {
        total += count(db, table).await;
    }
    total
}

on_both_databases! {
    async fn a_dry_run_tells_what_the_import_then_does(db: TestDb) {
        let dry = ImportOptions { dry_run: true, ..ImportOptions::default() };
        let told = import_with(db, EVERYTHING, &dry).await;
        assert!(!told.written);
        assert_eq!(total(db).await, 0);
        let done = import_with(db, EVERYTHING, &ImportOptions::default()).await;
        assert!(done.written && done.changes() > 0);
        assert_eq!(told.files, done.files);
        assert_eq!(import_with(db, EVERYTHING, &dry).await.changes(), 0);
    }

    async fn strict_writes_nothing_when_a_row_is_bad(db: TestDb) {
        let strict = ImportOptions { strict: true, ..ImportOptions::default() };
        let mut files = EVERYTHING.to_vec();
        files.push(("goals.ndjson", "{\"account_external_id\": \"acme\", \"goal\": \"Grow\", \"progress\": 101}"));
        let stopped = import_with(db, &files, &strict).await;
        assert!(!stopped.written && !stopped.is_clean());
        assert_eq!(total(db).await, 0);
        let done = import_with(db, EVERYTHING, &strict).await;
        assert!(done.written && done.is_clean());
        assert_eq!(count(db, "interaction").await, 3);
    }

    async fn strict_writes_nothing_when_a_file_is_refused(db: TestDb) {
        let strict = ImportOptions { strict: true, ..ImportOptions::default() };
        let stopped = import_with(db, &[("accounts.csv", "external_id,name,tier\na,A,smb\n"), ("features.csv", "name\nx\n")], &strict).await;
        assert!(!stopped.written);
        assert_eq!(count(db, "account").await, 0);
    }

    async fn rows_in_memory_go_the_same_way(db: TestDb) {
        import_texts(db, EVERYTHING).await;
        let mut rows = InMemory::new();
        let row = |goal: &str, progress: &str| [("account_external_id", Cell::from("acme")), ("goal", goal.into()), ("progress", progress.into())];
        rows.push(Target::Goals, row("Grow", "62.5")).unwrap();
        rows.push(Target::Goals, row("Shrink", "x")).unwrap();
        rows.push(Target::Users, [("email", Cell::from("new@example.com")), ("name", "New".into())]).unwrap();
        assert_eq!(rows.push(Target::Goals, [("colour", Cell::from("red"))]), Err("goals has no column `colour`".to_owned()));
        let options = ImportOptions::default();
        let summary = import(db, &db.system(), &db.clock, std::sync::Arc::new(rows), &options, &Unwatched).await.unwrap();
        let counts: Vec<(Target, u64, u64, u64)> = summary.files.iter().map(|f| (f.target, f.inserted, f.unchanged, f.rejected)).collect();
        assert_eq!(counts, [(Target::Users, 1, 0, 0), (Target::Goals, 0, 1, 1)]);
    }
}
