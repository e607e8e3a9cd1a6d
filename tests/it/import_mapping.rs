//! Foreign exports: the excerpt of RavenStack imports whole through the mapping that ships as an example.

use std::path::Path;
use std::sync::Arc;

use rapport_tests::{TestDb, on_both_databases};
use service::ingest::{
    FileSummary, ImportOptions, ImportSummary, Mapped, Mapping, Target, Unwatched, import,
};

use crate::import_stage::{count, folder, number, texts};

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

async fn import_mapped(db: &TestDb, folder: &Path, mapping: &Mapping) -> ImportSummary {
    let source = Arc::new(Mapped::open(folder, mapping).unwrap());
    import(
        db,
        &db.system(),
        &db.clock,
        source,
        &ImportOptions::default(),
        &Unwatched,
    )
    .await
    .unwrap()
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

    async fn rows_combine_as_the_mapping_says(db: TestDb) {
        let folder = folder(db, "combine", &[
            ("a.csv", b"id,plan\na,P\nb,Q\nc,P\n"),
            ("s.csv", b"sub,acc\ns1,a\ns2,a\ns3,b\ns4,c\n"),
            // Two subscriptions of a; a test; a negative count; an unknown subscription; c twice, too much to add up.
            ("u.csv", b"sub,n,test\ns1,2,no\ns2,3,no\ns1,40,yes\ns1,-1,no\ns9,1,no\ns3,1,no\ns4,7,no\ns4,9223372036854775807,no\n"),
        ]);
        let mapping = |combine: &str| Mapping::parse(&format!(r#"
            [accounts]
            file = "a.csv"
            [accounts.columns]
            external_id = "id"
            name = "id"
            tier = {{ column = "plan", translate = {{ P = "smb" }} }}
            [usage]
            file = "u.csv"
            combine = "{combine}"
            only = {{ test = ["no"] }}
            [usage.columns]
            account_external_id = {{ column = "sub", lookup = {{ file = "s.csv", key = "sub", value = "acc" }} }}
            feature = {{ value = "export" }}
            day = {{ value = "2026-05-01" }}
            count = "n"
        "#)).unwrap();
        let counts = "SELECT a.external_id || ' ' || cast(u.count AS text) FROM usage u JOIN account a ON a.id = u.account_id ORDER BY 1";
        for (combine, stored, inserted, duplicates, rejected) in [
            // Rejected: the negative count, the unknown subscription, b (whose plan has no translation), the overflow.
            ("sum", ["a 5", "c 7"], 2, 0, 4),
            ("last", ["a 3", "c 9223372036854775807"], 2, 2, 3),
            ("reject", ["a 2", "c 7"], 2, 0, 5),
        ] {
            let summary = import_mapped(db, &folder, &mapping(combine)).await;
            assert_eq!(file(&summary, Target::Accounts).rejected, 1);
            let usage = file(&summary, Target::Usage);
            assert_eq!(texts(db, counts).await, stored, "{combine}");
            assert_eq!((usage.inserted + usage.updated, usage.duplicates, usage.rejected), (inserted, duplicates, rejected), "{combine}");
        }
    }

    async fn a_column_that_the_foreign_file_lacks_refuses_it(db: TestDb) {
        let folder = folder(db, "lacking", &[("a.csv", b"id,plan\na,smb\n")]);
        let parse = |columns: &str| Mapping::parse(&format!("[accounts]\nfile = 'a.csv'\n[accounts.columns]\n{columns}")).unwrap();
        let summary = import_mapped(db, &folder, &parse("external_id = 'id'\nname = 'title'\ntier = 'plan'")).await;
        assert_eq!(summary.files[0].refused.as_deref(), Some("has no column `title`; its header is \"id, plan\""));
        let lookup = parse("external_id = { column = 'id', lookup = { file = 'c.csv', key = 'k', value = 'v' } }");
        let error = Mapped::open(&folder, &lookup).err().unwrap();
        assert!(error.starts_with("c.csv, which another file looks values up in, cannot be read"), "{error}");
    }
}
