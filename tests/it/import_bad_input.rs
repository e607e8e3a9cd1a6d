//! Whatever stands in a file: a rejection that names column and reason, or stored as it is. The other rows land.

use rapport_tests::on_both_databases;
use service::ingest::ImportOptions;

use crate::import_files::EVERYTHING;
use crate::import_stage::{count, folder, import_folder, import_texts, texts};

on_both_databases! {
    async fn bad_rows_are_named_and_the_others_land(db: TestDb) {
        import_texts(db, EVERYTHING).await;
        let (summary, told) = import_texts(db, &[
            ("accounts.csv", "external_id,name,tier,arr,currency,contract_start,renewal_date\n\
                ,Nameless,smb,,,,\n\
                a1,,smb,,,,\n\
                a2,Two,huge,,,,\n\
                a3,Three,smb,-5,EUR,,\n\
                a4,Four,smb,NaN,EUR,,\n\
                a5,Five,smb,1.5,JPY,,\n\
                a6,Six,smb,,EURO,,\n\
                a7,Seven,smb,,,2026-01-02,2026-01-01\n\
                a8,Eight,smb,,,0000-01-01,\n\
                a9,Nine,smb,,,,99999-01-01\n\
                good,Good 👋,smb,1.50,EUR,,\n"),
            ("teams.csv", "account_external_id,user_email\nacme,nobody@example.com\nacme,not an address\n"),
            ("contacts.csv", "account_external_id,external_id,name,email\nnowhere,c1,X,\nacme,c9,X,nonsense\n"),
            ("sponsorships.csv", "account_external_id,contact_external_id,since,until,rank\nacme,c1,2026-01-01,2026-01-01,primary\nacme,c9,2026-01-01,,primary\nbolt,c2,2026-01-01,,backup\n"),
            ("interactions.csv", "account_external_id,external_id,kind,direction,status,occurred_at,responded_at\n\
                acme,x1,email,outbound,completed,2026-05-01 09:00,2026-05-01 08:59\n\
                acme,x2,fax,outbound,completed,2026-05-01 09:00,\n\
                acme,x3,email,outbound,completed,,\n"),
            ("usage.csv", "account_external_id,contact_external_id,feature,day,count\nacme,,export,2026-05-01,-1\nacme,c9,export,2026-05-01,1\nacme,,,2026-05-01,1\nacme,,export,2026-02-30,1\n"),
            ("metrics.csv", "account_external_id,metric,observed_on,value\nacme,roi,2026-05-02,inf\nacme,roi,2026-05-02,\n"),
            ("goals.csv", "account_external_id,goal,progress\nacme,Grow,101\n"),
            ("outcomes.csv", "account_external_id,kind,on,arr_after\nbolt,churned,2026-01-31,1.5\n"),
        ]).await;
        assert_eq!(told.rejected(), [
            r"accounts.csv:2 external_id: a required value is missing",
            r"accounts.csv:3 name: a required value is missing",
            r#"accounts.csv:4 tier: expected one of enterprise, mid_market, smb, found "huge""#,
            r#"accounts.csv:5 arr: expected an amount that is not negative, with a decimal point and no separators, found "-5""#,
            r#"accounts.csv:6 arr: expected an amount that is not negative, with a decimal point and no separators, found "NaN""#,
            r"accounts.csv:7 arr: more decimals than JPY has (0)",
            r#"accounts.csv:8 currency: expected an ISO 4217 currency code such as EUR, found "EURO""#,
            r"accounts.csv:9 contract_start: after renewal_date (2026-01-02 is after 2026-01-01)",
            r#"accounts.csv:10 contract_start: expected a day YYYY-MM-DD from 1970 to 2199, found "0000-01-01""#,
            r#"accounts.csv:11 renewal_date: expected a day YYYY-MM-DD from 1970 to 2199, found "99999-01-01""#,
            r"teams.csv:2 user_email: unknown user: no user has this e-mail address",
            r"teams.csv:3 user_email: not an e-mail address (expected name@domain)",
            r#"contacts.csv:2 account_external_id: unknown account "nowhere""#,
            r"contacts.csv:3 email: not an e-mail address (expected name@domain)",
            r"sponsorships.csv:2 until: not after since (2026-01-01 is not after 2026-01-01)",
            r#"sponsorships.csv:3 contact_external_id: unknown contact "c9" of this account"#,
            r#"sponsorships.csv:4 contact_external_id: unknown contact "c2" of this account"#,
            r"interactions.csv:2 responded_at: before occurred_at",
            r#"interactions.csv:3 kind: expected one of email, call, meeting, strategic_check_in, executive_dinner, qbr, training, certification, forum_post, community_event, reference, referral, internal_advocacy, found "fax""#,
            r"interactions.csv:4 occurred_at: a required value is missing",
            r#"usage.csv:2 count: expected a whole number that is not negative, found "-1""#,
            r#"usage.csv:3 contact_external_id: unknown contact "c9" of this account"#,
            r"usage.csv:4 feature: a required value is missing",
            r#"usage.csv:5 day: expected a day YYYY-MM-DD from 1970 to 2199, found "2026-02-30""#,
            r#"metrics.csv:2 value: expected a finite number with a decimal point, found "inf""#,
            r"metrics.csv:3 value: a required value is missing",
            r#"goals.csv:2 progress: expected a number from 0 to 100, found "101""#,
            r"outcomes.csv:2 arr_after: more decimals than JPY has (0)",
        ]);
        assert_eq!(texts(db, "SELECT name FROM account WHERE external_id = 'good'").await, ["Good 👋"]);
        assert_eq!(summary.files.iter().map(|f| f.rejected).sum::<u64>(), 28);
        assert!(summary.files.iter().all(|f| f.rows == f.inserted + f.updated + f.unchanged + f.deleted + f.duplicates + f.rejected));
    }

    async fn what_a_row_can_do_without_is_warned_of(db: TestDb) {
        import_texts(db, EVERYTHING).await;
        let (summary, told) = import_texts(db, &[
            ("interactions.csv", "account_external_id,external_id,kind,direction,status,occurred_at,responded_by,from_contact,owner_email,participants,colour,=cmd()\n\
                acme,w1,email,inbound,completed,2026-05-01 09:00,c1,c7,who@example.com,c2;c8:absent,red,1\n"),
            ("usage.csv", "account_external_id,feature,day,count\nacme,teleport,2026-05-01,1\nacme,login,2026-05-02,1\n"),
        ]).await;
        assert!(summary.is_clean(), "{:?}", told.rejected());
        assert_eq!(told.warned(), [
            r"interactions.csv:1 colour: interactions has no such column; it is left out (there are account_external_id, external_id, kind, direction, status, occurred_at, purpose, responded_at, responded_by, from_contact, rescheduled_to, canceled_by, subject, topics, outcome, owner_email, bulk, participants, deleted)",
            r"interactions.csv:1 =cmd(): interactions has no such column; it is left out (there are account_external_id, external_id, kind, direction, status, occurred_at, purpose, responded_at, responded_by, from_contact, rescheduled_to, canceled_by, subject, topics, outcome, owner_email, bulk, participants, deleted)",
            r#"interactions.csv:2 from_contact: unknown contact "c7" of this account"#,
            r"interactions.csv:2 owner_email: unknown user: no user has this e-mail address",
            r#"interactions.csv:2 participants: unknown contact "c8" of this account"#,
            r"interactions.csv:2 responded_by: is no participant of the interaction",
            r#"usage.csv:2 feature: "teleport" is not in the feature catalogue"#,
        ]);
        assert_eq!(summary.files[0].warned, 6);
        assert_eq!(texts(db, "SELECT feature FROM usage WHERE day = '2026-05-01' AND feature = 'teleport'").await, ["teleport"]);
        assert_eq!(count(db, "interaction_participant").await, 4);
    }

    async fn a_merge_with_stored_values_is_checked_too(db: TestDb) {
        import_texts(db, EVERYTHING).await;
        let (_, told) = import_texts(db, &[
            ("accounts.csv", "external_id,renewal_date\nacme,2024-12-31\nnew,2030-01-01\n"),
            ("interactions.csv", "account_external_id,external_id,occurred_at\nacme,i1,2026-05-01 10:30\n"),
        ]).await;
        assert_eq!(told.rejected(), [
            "accounts.csv:2 contract_start: after renewal_date (2025-01-01 is after 2024-12-31)",
            "accounts.csv:3 name: a required value is missing",
            "interactions.csv:2 responded_at: before occurred_at",
        ]);
    }

    async fn bytes_that_are_no_text_cost_their_row_only(db: TestDb) {
        let mut accounts = b"external_id,name,tier\r\na1,\xff\xfe,smb\na2,nul\0,smb\ra3,".to_vec();
        accounts.extend(std::iter::repeat_n(b'x', 10 << 20));
        accounts.extend_from_slice(",smb\r\na4,\u{202e}ltr\u{202c} 👩‍👩‍👧,smb\na5,".as_bytes());
        accounts.extend(std::iter::repeat_n(b'y', 600));
        accounts.extend_from_slice(b",smb\na6,\"+1\nline two\",smb\n");
        let folder = folder(db, "bytes", &[("accounts.csv", &accounts)]);
        let options = ImportOptions { report: Some(folder.join("report")), ..ImportOptions::default() };
        let (summary, _) = import_folder(db, &folder, &options).await;
        let report = std::fs::read_to_string(folder.join("report/rejected.csv")).unwrap();
        assert_eq!(report.lines().collect::<Vec<_>>(), [
            r"file,line,column,reason",
            r"accounts.csv,2,name,not UTF-8 text",
            r#"accounts.csv,3,name,"holds a NUL character (U+0000), which cannot be stored""#,
            r"accounts.csv,4,name,cell longer than 1 MiB",
            r"accounts.csv,6,name,longer than 512 characters",
        ]);
        assert_eq!(summary.files[0].inserted, 2);
        assert_eq!(texts(db, "SELECT name FROM account ORDER BY external_id").await, ["\u{202e}ltr\u{202c} 👩‍👩‍👧", "+1\nline two"]);
    }

    async fn reports_hold_no_formulas(db: TestDb) {
        let folder = folder(db, "formulas", &[("accounts.csv", b"external_id,name,tier,=HYPERLINK(1)\n=1+1,@x,smb,2\n")]);
        let options = ImportOptions { report: Some(folder.join("report")), ..ImportOptions::default() };
        let (summary, _) = import_folder(db, &folder, &options).await;
        assert!(summary.is_clean());
        let report = std::fs::read_to_string(folder.join("report/warnings.csv")).unwrap();
        assert!(report.contains("accounts.csv,1,'=HYPERLINK(1),"), "{report}");
        assert!(!folder.join("report/rejected.csv").exists());
        assert_eq!(texts(db, "SELECT external_id FROM account").await, ["=1+1"]);
    }

    async fn a_file_that_is_none_is_refused_and_the_others_go_on(db: TestDb) {
        let folder = folder(db, "refused", &[
            ("users.csv", b"\x89PNG\r\n\x1a\n\0\0"),
            ("accounts.csv", b"external_id,name,tier\na,A,smb\n"),
            ("contacts.csv", b"account_external_id;external_id;name\na;c;C\n"),
            ("teams.ndjson", b"[]"),
            ("features.csv", b""),
        ]);
        std::fs::create_dir(folder.join("goals.csv")).unwrap();
        let (summary, told) = import_folder(db, &folder, &ImportOptions::default()).await;
        assert_eq!(told.rejected(), [
            r"users.csv:1 : the file is not CSV: its header is not UTF-8 text",
            r"teams.ndjson:1 : the file is not NDJSON: one object per line is expected, not an array",
            r#"contacts.csv:1 : the file has no column `account_external_id`, `external_id`; its header is "account_external_id;external_id;name" (are its columns separated by semicolons? commas are expected)"#,
            r"features.csv:1 : the file is empty: a header row is expected",
            r"goals.csv:1 : the file is not a regular file (it is read more than once)",
        ]);
        assert!(!summary.is_clean());
        assert_eq!(count(db, "account").await, 1);
    }
}
