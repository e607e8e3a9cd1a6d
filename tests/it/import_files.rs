//! What import files bring about: every file lands, twice changes nothing, a corrected file corrects, a column that is
//! not there leaves alone, an empty cell clears, `deleted` removes, the later of two rows counts.

use rapport_tests::on_both_databases;
use service::ingest::Target;

use crate::import_stage::{count, import_texts, number, texts};

/// A little of everything.
pub(crate) const EVERYTHING: &[(&str, &str)] = &[
    (
        "users.csv",
        "email,name,role,time_zone,manager_email\nAnn@Example.com,Ann,manager,Europe/Berlin,\nbob@example.com,Bob,,,ann@example.com\n",
    ),
    (
        "accounts.csv",
        "external_id,name,tier,domain,status,churned_on,industry,region,arr,currency,contract_start,renewal_date\n\
         acme,\"Acme, Inc.\",Enterprise,acme.example,active,,Retail,EMEA,120000.50,EUR,2025-01-01,2026-12-31\n\
         bolt,שלום 👋,mid-market,,churned,2026-01-31,,,5000,JPY,,\n\
         cogs,=cmd(),smb,,,,,,,,,\n",
    ),
    (
        "teams.csv",
        "account_external_id,user_email,team_role\nacme,ann@example.com,manager\nacme,BOB@example.com,\n",
    ),
    (
        "contacts.ndjson",
        r#"{"account_external_id": "acme", "external_id": "c1", "name": "Cleo", "email": "Cleo@acme.example", "seniority": "c-level", "priorities": ["growth; fast", "cost"]}
{"account_external_id": "acme", "external_id": "c2", "name": "Dan", "status": "active"}
{"account_external_id": "bolt", "external_id": "c1", "name": "Eve"}
"#,
    ),
    (
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,until,rank\nacme,c1,2025-06-01,,primary\nacme,c2,2025-06-01,2026-01-01,backup\n",
    ),
    ("features.csv", "feature,name\nexport,Export\nlogin,Log in\n"),
    (
        "interactions.csv",
        "account_external_id,external_id,kind,direction,status,occurred_at,purpose,responded_at,responded_by,from_contact,rescheduled_to,canceled_by,subject,topics,outcome,owner_email,participants\n\
         acme,i1,email,outbound,completed,2026-05-01 09:00,strategic,2026-05-01T10:00:00Z,c1,,,,Hello,roadmap;value,good,bob@example.com,c1;c2:absent\n\
         acme,i2,MEETING,Outbound,canceled,2026-05-02T09:00:00+02:00,,,,,i9,vendor,,,,,\n\
         bolt,i1,forum_post,inbound,completed,2026-05-03 09:00:01,,,,c1,,,,,,,c1:attended\n",
    ),
    (
        "usage.csv",
        "account_external_id,contact_external_id,feature,day,count\nacme,c1,export,2026-05-01,3\nacme,,export,2026-05-01,4\nacme,,login,2026-05-01,0\n",
    ),
    (
        "metrics.csv",
        "account_external_id,metric,observed_on,value\nacme,roi,2026-05-01,-2.5\n",
    ),
    (
        "goals.csv",
        "account_external_id,goal,progress,due_on\nacme,Grow,62.5,2026-12-31\nacme,Last,,\n",
    ),
    (
        "initiatives.csv",
        "account_external_id,initiative,their_priority,alignment\nacme,Rollout,growth,high\n",
    ),
    (
        "org_changes.csv",
        "account_external_id,kind,observed_on,contact_external_id,summary,source,certainty,url,impact\n\
         acme,layoff,2026-04-01,,Ten percent,news,,https://news.example,less budget\n\
         acme,role_change,2026-04-02,c1,Now CEO,crm,,,\n",
    ),
    (
        "outcomes.csv",
        "account_external_id,kind,on,arr_before,arr_after\nbolt,churned,2026-01-31,5000,0\nacme,expanded,2026-02-01,100000,120000.50\n",
    ),
];

const TABLES: &[(&str, i64)] = &[
    ("app_user", 2),
    ("account", 3),
    ("team_member", 2),
    ("contact", 3),
    ("sponsorship", 2),
    ("feature", 2),
    ("interaction", 3),
    ("interaction_participant", 3),
    ("usage", 3),
    ("metric", 1),
    ("goal", 2),
    ("initiative", 1),
    ("org_change", 2),
    ("outcome", 2),
];

on_both_databases! {
    async fn every_file_lands_and_a_second_time_changes_nothing(db: TestDb) {
        let (first, told) = import_texts(db, EVERYTHING).await;
        assert!(first.written && first.is_clean(), "{first:#?} {:?}", told.rejected());
        assert_eq!(told.warned(), [] as [&str; 0]);
        for (table, rows) in TABLES {
            assert_eq!(count(db, table).await, *rows, "{table}");
        }
        assert_eq!(first.changes(), 28);
        assert_eq!(texts(db, "SELECT name FROM account ORDER BY external_id").await, ["Acme, Inc.", "שלום 👋", "=cmd()"]);
        assert_eq!(number(db, "SELECT arr_minor FROM account WHERE external_id = 'acme'").await, 12_000_050);
        assert_eq!(number(db, "SELECT arr_minor FROM account WHERE external_id = 'bolt'").await, 5000);
        assert_eq!(texts(db, "SELECT currency FROM outcome ORDER BY occurred_on").await, ["JPY", "EUR"]);
        assert_eq!(texts(db, "SELECT role FROM app_user ORDER BY email").await, ["MANAGER", "CSM"]);
        assert_eq!(texts(db, "SELECT priorities FROM contact ORDER BY name").await, [r#"["growth; fast","cost"]"#, "[]", "[]"]);
        assert_eq!(number(db, "SELECT occurred_at FROM interaction WHERE external_id = 'i2'").await, 1_777_705_200_000_000);
        assert_eq!(texts(db, "SELECT certainty FROM org_change ORDER BY observed_on").await, ["SUSPECTED", "CONFIRMED"]);
        assert_eq!(texts(db, "SELECT attendance FROM interaction_participant ORDER BY attendance").await, ["ABSENT", "ATTENDED", "UNKNOWN"]);
        assert_eq!(count(db, "touched_account").await, 3);

        let before = number(db, "SELECT max(updated_at) FROM interaction").await;
        db.clock.advance(chrono::TimeDelta::days(1));
        let (second, _) = import_texts(db, EVERYTHING).await;
        assert_eq!(second.changes(), 0, "{second:#?}");
        assert_eq!(number(db, "SELECT max(updated_at) FROM interaction").await, before);
    }

    async fn a_corrected_file_corrects_and_leaves_the_rest_alone(db: TestDb) {
        import_texts(db, EVERYTHING).await;
        let (summary, told) = import_texts(db, &[
            ("accounts.csv", "external_id,name,industry\nacme,Acme Ltd,\nbolt,Bolt,\n"),
            ("interactions.ndjson", "{\"account_external_id\": \"acme\", \"external_id\": \"i1\", \"participants\": [\"c2\"]}\n"),
            ("usage.csv", "account_external_id,feature,day,count\nacme,export,2026-05-01,9\n"),
        ]).await;
        assert!(summary.is_clean(), "{:?}", told.rejected());
        assert_eq!(summary.files[0].updated, 2);
        assert_eq!(texts(db, "SELECT name FROM account ORDER BY external_id").await, ["Acme Ltd", "Bolt", "=cmd()"]);
        // Its column was there and empty: cleared. Its column was not there: left alone.
        assert_eq!(texts(db, "SELECT industry FROM account WHERE external_id = 'acme'").await, ["-"]);
        assert_eq!(texts(db, "SELECT region FROM account WHERE external_id = 'acme'").await, ["EMEA"]);
        assert_eq!(texts(db, "SELECT subject FROM interaction WHERE external_id = 'i1' AND subject IS NOT NULL").await, ["Hello"]);
        // The responder takes part no more.
        assert_eq!(told.warned(), ["interactions.ndjson:1 responded_by: is no participant of the interaction"]);
        assert_eq!(number(db, "SELECT count(*) FROM interaction WHERE responded_by IS NOT NULL").await, 0);
        assert_eq!(count(db, "interaction_participant").await, 2);
        assert_eq!(number(db, "SELECT cast(sum(count) AS bigint) FROM usage").await, 3 + 9);
    }

    async fn a_json_number_keeps_its_digits(db: TestDb) {
        let row = r#"{"external_id": 12345678901234567890123, "name": 7, "tier": "smb", "arr": 90071992547409.93, "currency": "EUR"}"#;
        let (summary, told) = import_texts(db, &[("accounts.ndjson", row)]).await;
        assert_eq!((summary.files[0].inserted, told.rejected()), (1, Vec::<String>::new()));
        assert_eq!(texts(db, "SELECT external_id FROM account").await, ["12345678901234567890123"]);
        assert_eq!(number(db, "SELECT arr_minor FROM account").await, 9_007_199_254_740_993);
    }

    async fn the_later_of_two_rows_counts(db: TestDb) {
        let rows: Vec<String> = (0..9000).map(|row| format!("a{},Name {row},smb", row % 6000)).collect();
        let accounts = format!("external_id,name,tier\n{}\n", rows.join("\n"));
        let files = [("accounts.csv", accounts.as_str()), ("accounts.ndjson", "{\"external_id\": \"a0\", \"name\": \"Last\", \"tier\": \"smb\"}")];
        let (summary, _) = import_texts(db, &files).await;
        assert_eq!((summary.files[0].rows, summary.files[0].inserted, summary.files[0].duplicates), (9000, 5999, 3001));
        assert_eq!(summary.files[1].inserted, 1);
        assert_eq!(texts(db, "SELECT name FROM account WHERE external_id IN ('a0', 'a1', 'a5999') ORDER BY external_id").await,
            ["Last", "Name 6001", "Name 5999"]);
        let (again, _) = import_texts(db, &files).await;
        assert_eq!((again.changes(), again.files[0].duplicates), (0, 3001));
    }

    async fn rows_are_removed_and_what_hangs_on_them(db: TestDb) {
        import_texts(db, EVERYTHING).await;
        let removals: &[(&str, &str)] = &[
            ("accounts.csv", "external_id,deleted\nbolt,true\ncogs,false\nnever,TRUE\n"),
            ("contacts.csv", "account_external_id,external_id,deleted\nacme,c1,true\nbolt,c1,true\n"),
            ("usage.csv", "account_external_id,feature,day,deleted\nacme,login,2026-05-01,yes\n"),
        ];
        let (summary, told) = import_texts(db, removals).await;
        // "cogs" is no removal; its name and tier are not in the file, and stay.
        assert!(summary.is_clean(), "{:?}", told.rejected());
        let removed: Vec<(Target, u64, u64)> = summary.files.iter().map(|f| (f.target, f.deleted, f.unchanged)).collect();
        assert_eq!(removed, [(Target::Accounts, 1, 2), (Target::Contacts, 1, 1), (Target::Usage, 1, 0)]);
        for (table, rows) in [("account", 2), ("contact", 1), ("sponsorship", 1), ("interaction", 2), ("interaction_participant", 1), ("usage", 1), ("org_change", 1)] {
            assert_eq!(count(db, table).await, rows, "{table}");
        }
        let (again, _) = import_texts(db, removals).await;
        assert!(again.is_clean() && again.changes() == 0, "{again:#?}");
    }

    async fn a_new_catalogue_touches_every_account(db: TestDb) {
        import_texts(db, &[("accounts.csv", "external_id,name,tier\na,A,smb\nb,B,smb\n")]).await;
        db.write_tx(async |tx| {
            sea_orm::ConnectionTrait::execute_unprepared(tx, "DELETE FROM touched_account").await.unwrap();
            Ok(())
        }).await.unwrap();
        import_texts(db, &[("features.csv", "feature\nexport\n")]).await;
        assert_eq!(count(db, "touched_account").await, 2);
    }
}
