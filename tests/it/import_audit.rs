//! What an import changes about who may see and do what stands in the audit log: an entry for each user and membership, and one
//! for the run.

use std::sync::Arc;

use rapport_tests::{TestDb, on_both_databases};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::ingest::{Folder, ImportOptions, Progress, RowOutcome, Target, import};
use tokio::sync::Notify;

use crate::import_stage::{folder, import_folder, import_texts, number, texts};

/// `action target before -> after`, the oldest first, without what an entry of a run says.
async fn entries(db: &TestDb) -> Vec<String> {
    texts(
        db,
        "SELECT action || ' ' || target_kind || ' ' || coalesce(before, '-') || ' -> ' || coalesce(after, '-') FROM audit_log
         WHERE target_kind <> 'IMPORT' ORDER BY id",
    )
    .await
}

/// What the entries of ended runs say, the oldest first.
async fn runs(db: &TestDb) -> Vec<Value> {
    told(db)
        .await
        .into_iter()
        .filter(|said| said["begun"].is_null())
        .collect()
}

/// What the entries of runs say, those of their beginnings among them.
async fn told(db: &TestDb) -> Vec<Value> {
    let texts = texts(
        db,
        "SELECT after FROM audit_log WHERE target_kind = 'IMPORT' AND action = 'import' ORDER BY id",
    )
    .await;
    texts
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect()
}

async fn run_sql(db: &TestDb, sql: &str) {
    db.write_tx(async |tx| {
        tx.execute_unprepared(sql).await.expect("a statement");
        Ok(())
    })
    .await
    .unwrap();
}

/// Watches an import until it has written a file of users.
#[derive(Default)]
struct UntilUsers(Notify);

impl Progress for UntilUsers {
    fn row(&self, target: Target, _: u64, _: RowOutcome) {
        if target == Target::Users {
            self.0.notify_one();
        }
    }
}

const USERS: &str =
    "email,name,role,manager_email\nann@x.example,Ann,csm,lou@x.example\nbo@x.example,Bo,viewer,\n";
const ACCOUNTS: &str = "external_id,name,tier\nacme,Acme,smb\n";
const TEAMS: &str =
    "account_external_id,user_email,team_role\nacme,ann@x.example,csm\nacme,bo@x.example,csm\n";

on_both_databases! {
    async fn every_user_and_membership_that_a_file_changes_has_its_entry(db: TestDb) {
        import_texts(db, &[("users.csv", USERS), ("accounts.csv", ACCOUNTS), ("teams.csv", TEAMS)]).await;
        let made = entries(db).await;
        assert_eq!(made.len(), 4, "{made:?}");
        assert!(made.iter().any(|entry| entry.starts_with("import USER - -> ") && entry.contains("ann@x.example") && entry.contains("lou@x.example")), "{made:?}");
        assert_eq!(made.iter().filter(|entry| entry.starts_with("import TEAM_MEMBER - -> ")).count(), 2, "{made:?}");
        assert_eq!(runs(db).await.len(), 1);
        // The same again says nothing about anybody.
        import_texts(db, &[("users.csv", USERS), ("accounts.csv", ACCOUNTS), ("teams.csv", TEAMS)]).await;
        assert_eq!(entries(db).await.len(), 4);
        // A role, a manager's address, a role in a team, one who leaves it, and one who leaves.
        db.clock.advance(chrono::TimeDelta::minutes(1));
        import_texts(db, &[
            ("users.csv", "email,name,role,manager_email\nann@x.example,Ann,admin,vi@x.example\n"),
            ("teams.csv", "account_external_id,user_email,team_role,deleted\nacme,ann@x.example,manager,\nacme,bo@x.example,csm,true\n"),
        ]).await;
        let mut changed = entries(db).await.split_off(4);
        changed.sort();
        assert_eq!(changed, [
            changed[0].clone(),
            r#"import TEAM_MEMBER {"team_role":"CSM"} -> {"team_role":"MANAGER"}"#.to_owned(),
            r#"import USER {"manager_email":"lou@x.example","role":"CSM"} -> {"manager_email":"vi@x.example","role":"ADMIN"}"#.to_owned(),
        ]);
        assert!(changed[0].starts_with("import TEAM_MEMBER {") && changed[0].ends_with(" -> -"), "{}", changed[0]);
        assert_eq!(number(db, "SELECT count(*) FROM audit_log WHERE target_kind = 'USER' AND target_id IN (SELECT id FROM app_user WHERE email = 'ann@x.example')").await, 2);
        assert_eq!(number(db, "SELECT count(*) FROM audit_log WHERE target_kind = 'TEAM_MEMBER' AND account_id IN (SELECT id FROM account) AND target_id IN (SELECT id FROM app_user)").await, 4);
        assert_eq!(number(db, "SELECT count(*) FROM audit_log WHERE user_id IS NOT NULL").await, 0, "it was the system");
    }

    async fn a_run_has_one_entry_that_counts_its_rows(db: TestDb) {
        let (summary, _) = import_texts(db, &[("users.csv", "email,name\nann@x.example,Ann\nno address,Bo\n"), ("accounts.csv", ACCOUNTS)]).await;
        assert!(!summary.is_clean());
        let found = runs(db).await;
        assert_eq!(found, [json!({"files": [
            {"file": "users.csv", "kind": "users", "inserted": 1, "updated": 0, "unchanged": 0, "deleted": 0, "duplicates": 0, "rejected": 1},
            {"file": "accounts.csv", "kind": "accounts", "inserted": 1, "updated": 0, "unchanged": 0, "deleted": 0, "duplicates": 0, "rejected": 0},
        ]})]);
    }

    async fn memberships_that_go_with_their_user_or_account_have_their_entries(db: TestDb) {
        import_texts(db, &[
            ("users.csv", "email,name,role,manager_email\nann@x.example,Ann,csm,bo@x.example\nbo@x.example,Bo,viewer,\ncy@x.example,Cy,csm,\n"),
            ("accounts.csv", "external_id,name,tier\nacme,Acme,smb\nzeta,Zeta,smb\n"),
            ("teams.csv", "account_external_id,user_email,team_role\nacme,ann@x.example,csm\nacme,bo@x.example,csm\nzeta,bo@x.example,manager\nzeta,cy@x.example,csm\n"),
        ]).await;
        let made = entries(db).await.len();
        db.clock.advance(chrono::TimeDelta::minutes(1));
        import_texts(db, &[("users.csv", "email,deleted\nbo@x.example,true\n")]).await;
        let gone = entries(db).await.split_off(made);
        assert_eq!((gone.len(), number(db, "SELECT count(*) FROM team_member").await), (3, 2), "{gone:?}");
        let left = |entry: &String, role: &str| {
            entry.starts_with("import TEAM_MEMBER {") && entry.contains(&format!(r#""team_role":"{role}""#)) && entry.ends_with("} -> -")
        };
        for role in ["CSM", "MANAGER"] {
            assert_eq!(gone.iter().filter(|entry| left(entry, role)).count(), 1, "{gone:?}");
        }
        assert_eq!(texts(db, "SELECT manager_email FROM app_user WHERE email = 'ann@x.example'").await, ["bo@x.example"], "an address stays an address");
        db.clock.advance(chrono::TimeDelta::minutes(1));
        import_texts(db, &[("accounts.csv", "external_id,deleted\nzeta,true\n")]).await;
        let gone = entries(db).await.split_off(made + 3);
        assert!(gone.len() == 1 && left(&gone[0], "CSM"), "{gone:?}");
        let whose = "SELECT count(*) FROM audit_log l JOIN app_user u ON u.id = l.target_id WHERE l.target_kind = 'TEAM_MEMBER' AND l.after IS NULL AND u.email = 'cy@x.example'";
        assert_eq!(number(db, whose).await, 1);
    }

    async fn an_import_says_that_it_has_begun_and_when_it_breaks_off_how_far_it_came(db: TestDb) {
        let files: Vec<(&str, &[u8])> = vec![("users.csv", USERS.as_bytes()), ("accounts.csv", ACCOUNTS.as_bytes()), ("teams.csv", TEAMS.as_bytes())];
        let folder = folder(db, "files", &files);
        let begun = json!({"begun": ["users.csv", "accounts.csv", "teams.csv"]});
        // Killed: nothing of it runs any more once a batch has landed.
        let watch = UntilUsers::default();
        let (system, options) = (db.system(), ImportOptions::default());
        let source = Arc::new(Folder::open(&folder).unwrap());
        tokio::select! {
            biased;
            () = watch.0.notified() => {}
            done = import(db, &system, &db.clock, source, &options, &watch) => panic!("it was to be killed: {done:?}"),
        }
        assert_eq!(number(db, "SELECT count(*) FROM app_user").await, 2);
        assert_eq!(told(db).await, std::slice::from_ref(&begun));
        // Broken off: the third file cannot be written.
        db.clock.advance(chrono::TimeDelta::minutes(1));
        run_sql(db, "DELETE FROM account").await;
        run_sql(db, "ALTER TABLE team_member RENAME TO away").await;
        let source = Arc::new(Folder::open(&folder).unwrap());
        let broken = import(db, &system, &db.clock, source, &options, &watch).await.unwrap_err();
        run_sql(db, "ALTER TABLE away RENAME TO team_member").await;
        let of = |file: &str, inserted: u32, unchanged: u32| json!({"file": format!("{file}.csv"), "kind": file, "inserted": inserted, "updated": 0, "unchanged": unchanged, "deleted": 0, "duplicates": 0, "rejected": 0});
        let ended = json!({"broken_off": broken.to_string(), "files": [of("users", 0, 2), of("accounts", 1, 0), of("teams", 0, 0)]});
        assert_eq!(told(db).await.iter().filter(|said| **said == begun).count(), 2);
        assert_eq!(runs(db).await, [ended]);
        // What changes nothing does not begin, and has its counts.
        db.clock.advance(chrono::TimeDelta::minutes(1));
        import_folder(db, &folder, &options).await;
        import_folder(db, &folder, &options).await;
        assert_eq!(told(db).await.len(), 3 + 2 + 1);
    }

    async fn what_writes_nothing_leaves_nothing(db: TestDb) {
        let files: Vec<(&str, &[u8])> = vec![("users.csv", USERS.as_bytes()), ("accounts.csv", b"external_id,name,tier\nacme,Acme,no such\n")];
        let folder = folder(db, "dry", &files);
        for options in [ImportOptions { dry_run: true, ..ImportOptions::default() }, ImportOptions { strict: true, ..ImportOptions::default() }] {
            import_folder(db, &folder, &options).await;
        }
        assert_eq!(number(db, "SELECT count(*) FROM audit_log").await, 0);
    }

    async fn the_first_admin_and_mail_that_is_shut_off_and_let_through_again_have_theirs(db: TestDb) {
        service::record::user::create_first_admin(db, &db.clock, &"ada@x.example".parse().unwrap(), "Ada").await.unwrap();
        assert_eq!(entries(db).await, [r#"init USER - -> {"email":"ada@x.example","name":"Ada","role":"ADMIN"}"#]);
        // The mail server does not know her.
        let server = rapport_tests::smtp::SmtpServer::start();
        server.script(|moment| {
            let rcpt = moment.verb == rapport_tests::smtp::Verb::Rcpt;
            if rcpt { rapport_tests::smtp::Answer::Say("550 5.1.1 no such user") } else { rapport_tests::smtp::Answer::Accept }
        });
        db.clock.advance(chrono::TimeDelta::minutes(1));
        rapport_tests::mail::plant(db, db.clock.now()).await;
        let user = service::record::user::find_by_email(db, &db.system(), &"ada@x.example".parse().unwrap()).await.unwrap().unwrap();
        let message = service::outbox::NewMessage {
            user: Some(user.id),
            ..crate::mail_stage::new("k", "ada@x.example", crate::mail_stage::of_alert(), db.clock.now())
        };
        let id = crate::mail_stage::queue(db, vec![message]).await[0].id;
        worker::mail::deliver_due(&crate::mail_stage::context(db, "w"), &crate::mail_stage::mail_to(&server)).await;
        assert!(crate::mail_stage::disabled(db, user.id).await.is_some());
        let off = entries(db).await;
        assert!(off.len() == 2 && off[1].starts_with("disableMail USER "), "{off:?}");
        db.clock.advance(chrono::TimeDelta::minutes(1));
        service::mail::retry(db, &db.system(), &[id], db.clock.now()).await.unwrap();
        let on = entries(db).await;
        assert!(on.len() == 3 && on[2].starts_with("retryMail USER "), "{on:?}");
    }
}
