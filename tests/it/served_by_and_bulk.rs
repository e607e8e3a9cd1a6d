//! Who serves an account, and which interactions were a newsletter or a campaign: from files and calls, over the database, to
//! what a client reads and what scoring reads.

use engagement::row::AccountRows;
use engagement::vocabulary::{Period, ServedBy};
use engagement::windows::Windows;
use rapport_tests::{Kind, TestDb, on_both_databases};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::db::Db;
use service::db::schema::migrate;
use service::engagement_rows::{Organisation, load};
use service::ingest::{ImportOptions, Mapped, Mapping, Unwatched, import};
use service::record::account;

use crate::access_stage::{settle, stage};
use crate::graphql_server::Server;
use crate::import_stage::{folder, import_texts, number, texts};

const SERVED: &str = "SELECT external_id || ' ' || served_by FROM account ORDER BY external_id";
const BULK: &str = "SELECT a.external_id || ' ' || i.external_id FROM interaction i JOIN account a ON a.id = i.account_id WHERE i.bulk ORDER BY 1";

/// What scoring reads of an account at the end of the clock's day.
async fn rows_of(db: &TestDb, named: &str) -> AccountRows {
    let windows = Windows::at(db.clock.now(), chrono_tz::UTC, Period::Quarterly);
    let account = account::find(db, &db.system(), named).await.unwrap().unwrap();
    let organisation = Organisation::read(db, &windows).await.unwrap();
    load(db, &db.system(), &organisation, &windows, &[account.id])
        .await
        .unwrap()
        .remove(0)
}

/// The times of the interactions that scoring takes for bulk, with how many take part.
async fn bulk_rows(db: &TestDb, named: &str) -> Vec<(String, usize)> {
    let rows = rows_of(db, named).await;
    let mut bulk: Vec<_> = rows
        .interactions
        .iter()
        .filter(|i| i.bulk)
        .map(|i| (i.occurred_at.to_rfc3339(), i.participants.len()))
        .collect();
    bulk.sort();
    bulk
}

on_both_databases! {
    async fn files_say_who_serves_an_account(db: TestDb) {
        stage(db).await;
        assert_eq!(texts(db, SERVED).await, ["north DIRECT", "south DIRECT"], "unless said");
        settle(db).await;
        let (summary, told) = import_texts(db, &[
            ("accounts.csv", "external_id,served_by\nnorth,Partner\nsouth, pooled \n"),
            ("accounts.ndjson", "{\"external_id\": \"new\", \"name\": \"New\", \"tier\": \"smb\", \"served_by\": \"PARTNER\"}\n"),
        ]).await;
        assert!(summary.is_clean(), "{:?}", told.rejected());
        assert_eq!(texts(db, SERVED).await, ["new PARTNER", "north PARTNER", "south POOLED"]);
        assert_eq!(number(db, "SELECT count(*) FROM touched_account").await, 3, "they are scored anew");
        assert_eq!(rows_of(db, "north").await.account.served_by, ServedBy::Partner);
        assert_eq!(rows_of(db, "south").await.account.served_by, ServedBy::Pooled);

        // The column left away changes nothing, as often as it is; a wrong word rejects its row and leaves the stored one.
        let (summary, _) = import_texts(db, &[("accounts.csv", "external_id,name,tier\nnorth,North Ltd,enterprise\n")]).await;
        assert_eq!(summary.changes(), 0);
        let (summary, told) = import_texts(db, &[
            ("accounts.csv", "external_id,name,served_by\nnorth,Norden,reseller\n"),
            ("accounts.ndjson", "{\"external_id\": \"south\", \"served_by\": [\"direct\"]}\n"),
        ]).await;
        assert_eq!((summary.is_clean(), summary.changes()), (false, 0));
        assert_eq!(told.rejected(), [
            "accounts.csv:2 served_by: expected one of direct, partner, pooled, found \"reseller\"",
            "accounts.ndjson:1 served_by: expected one value, not a list",
        ]);
        assert_eq!(texts(db, SERVED).await, ["new PARTNER", "north PARTNER", "south POOLED"]);

        // An empty cell is the default.
        import_texts(db, &[("accounts.csv", "external_id,served_by\nnorth,\n"), ("accounts.ndjson", "{\"external_id\": \"south\", \"served_by\": null}\n")]).await;
        assert_eq!(texts(db, SERVED).await, ["new PARTNER", "north DIRECT", "south DIRECT"]);
        assert_eq!(rows_of(db, "north").await.account.served_by, ServedBy::Direct);
    }

    async fn files_say_what_was_sent_to_many(db: TestDb) {
        stage(db).await;
        assert_eq!(bulk_rows(db, "north").await, []);
        settle(db).await;
        let (summary, told) = import_texts(db, &[
            ("interactions.csv", "account_external_id,external_id,bulk\nnorth,i2,TRUE\nsouth,i1,false\n"),
            ("interactions.ndjson", "{\"account_external_id\": \"north\", \"external_id\": \"n1\", \"kind\": \"email\", \"direction\": \"outbound\", \"status\": \"completed\", \
                \"occurred_at\": \"2026-06-03T10:00:00Z\", \"bulk\": true, \"participants\": [\"c1\", \"c2\"]}\n"),
        ]).await;
        assert!(summary.is_clean(), "{:?}", told.rejected());
        assert_eq!((summary.files[0].updated, summary.files[0].unchanged), (1, 1));
        assert_eq!(texts(db, BULK).await, ["north i2", "north n1"]);
        assert_eq!(texts(db, "SELECT a.external_id FROM touched_account t JOIN account a ON a.id = t.account_id").await, ["north"]);
        let both = [("2026-06-02T10:00:00+00:00".to_owned(), 1), ("2026-06-03T10:00:00+00:00".to_owned(), 2)];
        assert_eq!(bulk_rows(db, "north").await, both);
        assert_eq!(rows_of(db, "north").await.interactions.len(), 3, "the others are read beside them");
        assert_eq!(bulk_rows(db, "south").await, []);

        let (summary, _) = import_texts(db, &[("interactions.csv", "account_external_id,external_id,subject\nnorth,i2,Hello\n")]).await;
        assert_eq!(summary.changes(), 0, "the column left away changes nothing");
        let (summary, told) = import_texts(db, &[("interactions.csv", "account_external_id,external_id,subject,bulk\nnorth,i2,Other,perhaps\n")]).await;
        assert_eq!((summary.is_clean(), summary.changes()), (false, 0));
        assert_eq!(told.rejected(), ["interactions.csv:2 bulk: expected true or false, found \"perhaps\""]);
        assert_eq!(bulk_rows(db, "north").await, both);

        import_texts(db, &[("interactions.csv", "account_external_id,external_id,bulk\nnorth,i2,\nnorth,n1,no\n")]).await;
        assert_eq!(texts(db, BULK).await, [] as [&str; 0], "an empty cell is the default");
        assert_eq!(bulk_rows(db, "north").await, []);
    }

    async fn a_mapping_fills_both(db: TestDb) {
        let folder = folder(db, "mapped", &[
            ("a.csv", b"id,channel\na,Reseller\nb,Own\n"),
            ("i.csv", b"acc,no,campaign\na,1,Spring news\na,2,\n"),
        ]);
        let mapping = Mapping::parse(r#"
            [accounts]
            file = "a.csv"
            [accounts.columns]
            external_id = "id"
            name = "id"
            tier = { value = "smb" }
            served_by = { column = "channel", translate = { Reseller = "partner", Own = "direct" } }
            [interactions]
            file = "i.csv"
            [interactions.columns]
            account_external_id = "acc"
            external_id = "no"
            kind = { value = "email" }
            direction = { value = "outbound" }
            status = { value = "completed" }
            occurred_at = { value = "2026-06-01T10:00:00Z" }
            bulk = { column = "campaign", translate = { "" = "false" }, otherwise = "true" }
        "#).unwrap();
        let source = std::sync::Arc::new(Mapped::open(&folder, &mapping).unwrap());
        let summary = import(db, &db.system(), &db.clock, source, &ImportOptions::default(), &Unwatched).await.unwrap();
        assert!(summary.is_clean(), "{summary:#?}");
        assert_eq!(texts(db, SERVED).await, ["a PARTNER", "b DIRECT"]);
        assert_eq!(texts(db, BULK).await, ["a 1"]);
    }

    async fn calls_write_both_and_tell_them(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let query = "{ accounts(orderBy: {field: NAME, direction: ASC}) { nodes { servedBy interactions { nodes { externalId bulk } } } } }";
        let told = async || {
            let data = server.data(query, json!({})).await;
            let north = &data["accounts"]["nodes"][0];
            let bulk: Vec<&Value> = north["interactions"]["nodes"].as_array().unwrap().iter().filter(|i| i["bulk"] == true).map(|i| &i["externalId"]).collect();
            (north["servedBy"].clone(), json!(bulk))
        };
        assert_eq!(told().await, (json!("DIRECT"), json!([])));
        let upsert = "mutation($s: ServedBy) { upsertAccounts(input: {rows: [{externalId: \"north\", servedBy: $s}]}) { results { outcome message } } }";
        let record = "mutation($b: Boolean) { recordInteractions(input: {rows: [{accountExternalId: \"north\", externalId: \"i2\", bulk: $b}]}) { results { outcome message } } }";
        let written = async |query: &str, variables: Value| {
            let data = server.data(query, variables).await;
            data.as_object().unwrap().values().next().unwrap()["results"][0]["outcome"].clone()
        };
        // Given, given again, not given, null: written, unchanged, left alone, the default again.
        for (query, variables, outcome, after) in [
            (upsert, json!({"s": "POOLED"}), "UPDATED", (json!("POOLED"), json!([]))),
            (upsert, json!({"s": "POOLED"}), "UNCHANGED", (json!("POOLED"), json!([]))),
            (record, json!({"b": true}), "UPDATED", (json!("POOLED"), json!(["i2"]))),
            (record, json!({}), "UNCHANGED", (json!("POOLED"), json!(["i2"]))),
            (upsert, json!({}), "UNCHANGED", (json!("POOLED"), json!(["i2"]))),
            (record, json!({"b": null}), "UPDATED", (json!("POOLED"), json!([]))),
            (upsert, json!({"s": null}), "UPDATED", (json!("DIRECT"), json!([]))),
            (record, json!({"b": false}), "UNCHANGED", (json!("DIRECT"), json!([]))),
        ] {
            assert_eq!(written(query, variables.clone()).await, outcome, "{query} {variables}");
            assert_eq!(told().await, after, "{query} {variables}");
        }
        let changes = "SELECT before || ' -> ' || after FROM audit_log WHERE action IN ('upsertAccounts', 'recordInteractions')";
        let mut logged = texts(db, changes).await;
        // Entries of one instant have no order.
        logged.sort();
        assert_eq!(logged, [
            r#"{"bulk":false} -> {"bulk":true}"#,
            r#"{"bulk":true} -> {"bulk":false}"#,
            r#"{"served_by":"DIRECT"} -> {"served_by":"POOLED"}"#,
            r#"{"served_by":"POOLED"} -> {"served_by":"DIRECT"}"#,
        ]);
        for (query, variables) in [(upsert, json!({"s": "RESELLER"})), (record, json!({"b": "yes"}))] {
            let refused = server.ask(query, variables).await;
            assert_eq!(refused.code(), "BAD_USER_INPUT", "{}", refused.json());
        }
        server.stop().await;
    }

    async fn what_was_stored_before_the_step_has_the_defaults_after_it(db: TestDb) {
        use migration::{Migrator, MigratorTrait};
        let blank = Db::connect(&db.blank_url().await).await.unwrap();
        migrate(&blank).await.unwrap();
        let all = Migrator::migrations();
        let steps = all.iter().rev().position(|step| step.name().contains("served_by_and_bulk")).expect("the step") + 1;
        let id = |n: u8| match db.kind() {
            Kind::Sqlite => format!("x'0000000000000000000000000000000{n}'"),
            Kind::Postgres => format!("'00000000-0000-0000-0000-00000000000{n}'"),
        };
        let stored = [
            format!("INSERT INTO account (id, external_id, name, tier, status, created_at, updated_at) VALUES ({}, 'old', 'Old', 'SMB', 'ACTIVE', 0, 0)", id(1)),
            format!("INSERT INTO interaction (account_id, id, external_id, kind, direction, status, occurred_at, created_at, updated_at) VALUES ({}, {}, 'i', 'EMAIL', 'OUTBOUND', 'COMPLETED', 0, 0, 0)", id(1), id(2)),
        ];
        blank.schema_tx(async |tx| {
            Migrator::down(tx, Some(u32::try_from(steps).unwrap())).await.unwrap();
            for statement in &stored {
                tx.execute_unprepared(statement).await.unwrap();
            }
            assert!(tx.execute_unprepared("SAVEPOINT s").await.is_ok());
            for gone in ["SELECT served_by FROM account", "SELECT bulk FROM interaction"] {
                assert!(tx.execute_unprepared(gone).await.is_err(), "{gone}");
                tx.execute_unprepared("ROLLBACK TO SAVEPOINT s").await.unwrap();
            }
            Migrator::up(tx, None).await.unwrap();
            Ok(())
        }).await.unwrap();
        let told = "SELECT a.served_by || CASE WHEN i.bulk THEN ' bulk' ELSE ' not' END FROM account a JOIN interaction i ON i.account_id = a.id";
        let row = blank.read().query_one_raw(sea_orm::Statement::from_string(db.backend(), told)).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "DIRECT not");
        blank.close().await.unwrap();
    }
}
