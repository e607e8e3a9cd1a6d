//! Foreign exports: the excerpt of RavenStack imports whole through the mapping that ships as an example.

use std::path::Path;
use std::sync::Arc;

use rapport_tests::{TestDb, on_both_databases};
use service::ingest::{FileSummary, ImportOptions, ImportSummary, Mapped, Mapping, Target, Unwatched, import};

use crate::import_stage::{count, number};

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

async fn import_mapped(db: &TestDb, folder: &Path, mapping: &Mapping) -> ImportSummary {
    let source = Arc::new(Mapped::open(folder, mapping).unwrap());
    import(db, &db.system(), &db.clock, source, &ImportOptions::default(), &Unwatched).await.unwrap()
}

fn file(summary: &ImportSummary, target: Target) -> &FileSummary {
    summary.files.iter().find(|f| f.target == target).unwrap()
}

on_both_databases! {
    async fn the_excerpt_imports_whole(db: TestDb) {
        let folder = workspace().join("tests/fixtures/ravenstack");
        let mapping = Mapping::read(&workspace().join("examples/ravenstack.toml")).unwrap();

        let first = import_mapped(db, &folder, &mapping).await;
        assert!(first.is_clean(), "{first:#?}");
        assert_eq!(file(&first, Target::Accounts).inserted, 9);
        assert_eq!(file(&first, Target::Usage).inserted, 493);
        assert_eq!(file(&first, Target::Outcomes).inserted, 11);
        assert_eq!(file(&first, Target::Outcomes).duplicates, 1);
        assert_eq!(count(db, "usage").await, 493);
        assert_eq!(number(db, "SELECT cast(sum(count) AS bigint) FROM usage").await, 4910);
        assert_eq!(number(db, "SELECT count(*) FROM account WHERE tier = 'MID_MARKET' AND status = 'ACTIVE'").await
            + number(db, "SELECT count(*) FROM account WHERE tier = 'MID_MARKET' AND status = 'CHURNED'").await, 2);
        assert_eq!(number(db, "SELECT count(*) FROM account WHERE status = 'CHURNED'").await, 3);

        let second = import_mapped(db, &folder, &mapping).await;
        assert!(second.is_clean());
        assert_eq!(second.changes(), 0, "{second:#?}");
    }
}
