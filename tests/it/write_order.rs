//! Writers of the same rows in different orders: each waits for the other's end and none for somebody who waits for it, so no
//! transaction has to give way; and what one of them has written the next one does not overwrite with what it had read before.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::future::join_all;
use rapport_tests::{Kind, TestDb, on_both_databases};
use sea_orm::ConnectionTrait;
use service::clock::Moment;
use service::db::Db;
use service::error::ServiceError;
use service::ingest::{CallRow, ImportOptions, InMemory, RowOutcome, Target, Unwatched, import};
use service::job::recompute::{Recompute, Scope, recompute};
use service::settings::Settings;

use crate::alert_stage::moment;
use crate::import_stage::{count, import_texts, number, texts};

/// Calls at a time.
const CALLS: usize = 48;
/// Rows of each call.
const ROWS: usize = 40;

/// The row of a target with a number; `call` is what every call changes.
fn row(target: Target, number: usize, call: usize) -> CallRow {
    let account = ("account_external_id", format!("a{}", number % 7).into());
    match target {
        Target::Accounts => {
            vec![
                ("external_id", format!("new{number}").into()),
                ("name", format!("by {call}").into()),
                ("tier", "smb".into()),
            ]
        }
        Target::Contacts => vec![
            account,
            ("external_id", format!("c{number}").into()),
            ("name", format!("by {call}").into()),
        ],
        Target::Interactions => vec![
            account,
            ("external_id", format!("i{number}").into()),
            ("kind", "call".into()),
            ("direction", "outbound".into()),
            ("status", "completed".into()),
            ("occurred_at", "2026-06-01T10:00:00Z".into()),
            ("subject", format!("by {call}").into()),
        ],
        Target::Usage => vec![
            account,
            ("feature", format!("f{number}").into()),
            ("day", format!("2026-0{}-01", 1 + number % 6).into()),
            ("count", call.to_string().into()),
        ],
        Target::Metrics => {
            vec![
                account,
                ("metric", format!("m{number}").into()),
                ("observed_on", "2026-06-01".into()),
                ("value", call.to_string().into()),
            ]
        }
        Target::Goals => vec![
            account,
            ("goal", format!("g{number}").into()),
            ("progress", (call % 100).to_string().into()),
        ],
        _ => vec![
            account,
            ("initiative", format!("n{number}").into()),
            ("their_priority", format!("by {call}").into()),
            ("alignment", "high".into()),
        ],
    }
}

/// An order of the rows that is another one for every call.
fn shuffled(call: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ROWS).collect();
    match call % 3 {
        0 => {}
        1 => order.reverse(),
        _ => order.sort_by_key(|number| (number * 37 + call * 11) % ROWS),
    }
    order
}

/// The same for importing: rows of one target.
fn source<const N: usize>(
    target: Target,
    rows: impl Iterator<Item = [(&'static str, String); N]>,
) -> std::sync::Arc<InMemory> {
    let mut source = InMemory::new();
    for row in rows {
        source
            .push(target, row.map(|(name, text)| (name, text.into())))
            .unwrap();
    }
    std::sync::Arc::new(source)
}

async fn bulk(db: &TestDb, from: &[Db], target: Target) {
    let accounts: String = (0..7).fold("external_id,name,tier\n".to_owned(), |mut text, n| {
        let _ = writeln!(text, "a{n},A{n},smb");
        text
    });
    import_texts(db, &[("accounts.csv", &accounts)]).await;
    let settings = Settings::default();
    let access = db.system();
    let calls = (0..CALLS).map(|call| {
        let rows: Vec<CallRow> = shuffled(call)
            .into_iter()
            .map(|number| row(target, number, call))
            .collect();
        let (access, settings, from) = (&access, &settings, &from[call % from.len()]);
        async move { service::ingest::write(from, access, settings, moment(db), target, rows).await }
    });
    let mut failures = Vec::new();
    let mut inserted = 0;
    for result in join_all(calls).await {
        match result {
            Ok(results) => {
                assert_eq!(results.len(), ROWS);
                inserted += results
                    .iter()
                    .filter(|result| result.outcome == RowOutcome::Inserted)
                    .count();
                let fine = |outcome| {
                    matches!(
                        outcome,
                        RowOutcome::Inserted | RowOutcome::Updated | RowOutcome::Unchanged
                    )
                };
                assert!(results.iter().all(|result| fine(result.outcome)), "{results:?}");
            }
            Err(error) => failures.push(describe(&error)),
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {CALLS} calls of {target} failed: {}",
        failures.len(),
        failures[0]
    );
    assert_eq!(inserted, ROWS, "{target}: each row came to be once");
    assert_eq!(
        from.iter().map(Db::gave_way).sum::<u64>(),
        0,
        "{target}: nobody had to give way"
    );
}

fn describe(error: &ServiceError) -> String {
    let source = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    format!("{error}: {source}")
}

on_both_databases! {
    async fn bulk_calls_of_the_same_rows_in_other_orders_all_succeed(db: TestDb) {
        // Processes, so that on PostgreSQL all calls are under way at once. On SQLite the writers of a process take turns.
        let processes = if db.kind() == Kind::Postgres { CALLS / 4 } else { 1 };
        let mut from = Vec::new();
        for _ in 0..processes {
            from.push(Db::connect(&db.url).await.unwrap());
        }
        for target in [Target::Accounts, Target::Contacts, Target::Interactions, Target::Usage, Target::Metrics, Target::Goals, Target::Initiatives] {
            bulk(db, &from, target).await;
        }
        for process in from {
            process.close().await.unwrap();
        }
    }

    async fn the_catalogue_and_the_users_are_imported_twice_at_once(db: TestDb) {
        let options = ImportOptions::default();
        let access = db.system();
        let imports = (0..8_usize).map(|call| {
            let order = shuffled(call);
            let users = source(Target::Users, order.clone().into_iter().map(|n| [("email", format!("u{n}@x.example")), ("name", format!("by {call}"))]));
            let features = source(Target::Features, order.into_iter().map(|n| [("feature", format!("f{n}")), ("name", format!("by {call}"))]));
            let (access, options) = (&access, &options);
            async move {
                import(db, access, &db.clock, users, options, &Unwatched).await?;
                import(db, access, &db.clock, features, options, &Unwatched).await
            }
        });
        for done in join_all(imports).await {
            assert!(done.unwrap().is_clean());
        }
        assert_eq!((count(db, "app_user").await, count(db, "feature").await), (40, 40));
        assert_eq!(db.gave_way(), 0);
    }
}

/// Accounts of one writer: 60 with a sponsor each. Of the first 50 somebody else is told than of the others.
fn book(prefix: &str, first: &str, second: &str) -> [String; 4] {
    let mut accounts = "external_id,name,tier\n".to_owned();
    let mut teams = "account_external_id,user_email\n".to_owned();
    let mut contacts = "account_external_id,external_id,name,seniority\n".to_owned();
    let mut sponsorships = "account_external_id,contact_external_id,since,rank\n".to_owned();
    for number in 0..60 {
        let account = format!("{prefix}{number:02}");
        let _ = writeln!(accounts, "{account},{account},enterprise");
        let _ = writeln!(teams, "{account},{}", if number < 50 { first } else { second });
        let _ = writeln!(contacts, "{account},boss,Boss,c_level");
        let _ = writeln!(sponsorships, "{account},boss,2025-01-01,primary");
    }
    [accounts, teams, contacts, sponsorships]
}

async fn stage_two_books(db: &TestDb) {
    let users = "email,name,role\nann@x.example,Ann,csm\nbob@x.example,Bob,csm\nada@x.example,Ada,admin\n";
    import_texts(db, &[("users.csv", users)]).await;
    for [accounts, teams, contacts, sponsorships] in [
        book("one", "ann@x.example", "bob@x.example"),
        book("two", "bob@x.example", "ann@x.example"),
    ] {
        let files = [
            ("accounts.csv", &accounts),
            ("teams.csv", &teams),
            ("contacts.csv", &contacts),
            ("sponsorships.csv", &sponsorships),
        ];
        let (summary, told) = import_texts(db, &files.map(|(name, text)| (name, text.as_str()))).await;
        assert!(summary.is_clean(), "{:?}", told.rejected());
    }
    // The accounts' order is that of their ids, as the batches go through them.
    let order = texts(
        db,
        "SELECT external_id FROM account WHERE external_id LIKE 'one%' ORDER BY id",
    )
    .await;
    assert!(order.is_sorted(), "{order:?}");
}

/// All sponsors of a book have left.
async fn all_leave(db: &Db, of: &TestDb, prefix: &str) -> Result<(), String> {
    let gone = (0..60).map(|number| {
        [
            ("account_external_id", format!("{prefix}{number:02}")),
            ("external_id", "boss".to_owned()),
            ("status", "departed".to_owned()),
            ("departed_on", "2026-06-16".to_owned()),
        ]
    });
    let done = import(
        db,
        &of.system(),
        &of.clock,
        source(Target::Contacts, gone),
        &ImportOptions::default(),
        &Unwatched,
    )
    .await;
    done.map(drop).map_err(|error| {
        format!(
            "{error}: {:?}",
            std::error::Error::source(&error).map(ToString::to_string)
        )
    })
}

on_both_databases! {
    async fn imports_that_escalate_for_many_accounts_at_once_all_succeed(db: TestDb) {
        stage_two_books(db).await;
        let other = Db::connect(&db.url).await.unwrap();
        let (one, two) = tokio::join!(all_leave(db, db, "one"), all_leave(&other, db, "two"));
        assert_eq!((one, two), (Ok(()), Ok(())));
        assert_eq!(db.gave_way() + other.gave_way(), 0);
        assert_eq!(number(db, "SELECT count(*) FROM alert WHERE rule = 'sponsor.departed'").await, 120);
        other.close().await.unwrap();
    }

    async fn recomputing_while_departures_are_imported_succeeds(db: TestDb) {
        stage_two_books(db).await;
        let score = async || {
            let now = db.clock.now();
            let request = Recompute { as_of: now, ending_on: now.date_naive(), scope: Scope::All };
            recompute(db, &db.system(), &Settings::default(), &request, |_| {}).await
        };
        // The first evaluation of an account tells nobody of what has been so for long.
        score().await.unwrap();
        let other = Db::connect(&db.url).await.unwrap();
        let (one, two, scored) = tokio::join!(all_leave(&other, db, "one"), all_leave(&other, db, "two"), score());
        assert_eq!((one, two), (Ok(()), Ok(())));
        scored.unwrap();
        assert_eq!(db.gave_way() + other.gave_way(), 0);
        other.close().await.unwrap();
    }
}

/// What another writer has just written is not overwritten with what was read before.
#[test]
fn a_call_that_had_to_wait_reads_what_the_other_one_wrote() {
    rapport_tests::run(Kind::Postgres, waited_for);
}

async fn waited_for(db: &TestDb) {
    import_texts(db, &[("accounts.csv", "external_id,name,tier\nacme,Acme,smb\n")]).await;
    let other = Db::connect(&db.url).await.unwrap();
    let (written, proceed) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
    let renaming = other.write_tx(async |tx| {
        tx.execute_unprepared("UPDATE account SET name = 'Renamed' WHERE external_id = 'acme'")
            .await
            .unwrap();
        written.notify_one();
        proceed.notified().await;
        Ok(())
    });
    let calling = async {
        written.notified().await;
        let rows = vec![vec![
            ("external_id", "acme".into()),
            ("industry", "Mining".into()),
        ]];
        let (access, settings) = (db.system(), Settings::default());
        let Moment { now, today } = moment(db);
        let call = service::ingest::write(
            db,
            &access,
            &settings,
            Moment { now, today },
            Target::Accounts,
            rows,
        );
        let letting_go = async {
            while number(db, "SELECT count(*) FROM pg_locks WHERE NOT granted").await == 0 {
                tokio::task::yield_now().await;
            }
            proceed.notify_one();
        };
        tokio::join!(call, letting_go).0
    };
    let (renamed, called) = tokio::join!(renaming, calling);
    renamed.unwrap();
    assert_eq!(called.unwrap()[0].outcome, RowOutcome::Updated);
    assert_eq!(
        texts(db, "SELECT name || ' ' || industry FROM account").await,
        ["Renamed Mining"]
    );
    other.close().await.unwrap();
}

/// Whoever waits for each other all the same: the database picks one who gives way, and that one is run again.
#[test]
fn a_transaction_that_had_to_give_way_is_run_again() {
    rapport_tests::run(Kind::Postgres, giving_way);
}

async fn giving_way(db: &TestDb) {
    import_texts(
        db,
        &[(
            "accounts.csv",
            "external_id,name,tier\none,One,smb\ntwo,Two,smb\n",
        )],
    )
    .await;
    let met = tokio::sync::Barrier::new(2);
    let runs = AtomicU32::new(0);
    let rename = async |first: &str, second: &str, name: &str| {
        let is_first_run = AtomicBool::new(true);
        let rename = async |tx: &service::db::Tx, account: &str| {
            let update =
                format!("UPDATE account SET name = name || '{name}' WHERE external_id = '{account}'");
            tx.execute_unprepared(&update)
                .await
                .map_err(|source| ServiceError::Busy {
                    operation: "renaming",
                    source,
                })
        };
        db.write_tx(async |tx| {
            runs.fetch_add(1, Ordering::Relaxed);
            rename(tx, first).await?;
            if is_first_run.swap(false, Ordering::Relaxed) {
                met.wait().await;
            }
            rename(tx, second).await
        })
        .await
        .map(drop)
    };
    let (one, two) = tokio::join!(rename("one", "two", "+"), rename("two", "one", "-"));
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    assert_eq!((runs.into_inner(), db.gave_way()), (3, 1));
    for name in texts(db, "SELECT name FROM account").await {
        assert!(
            name.matches(['+', '-']).count() == 2,
            "each is written by both, once: {name}"
        );
    }
}

/// One that has to give way again and again is not run for ever.
#[test]
fn a_transaction_gives_way_five_times_at_most() {
    rapport_tests::run(Kind::Postgres, giving_way_for_ever);
}

async fn giving_way_for_ever(db: &TestDb) {
    for code in ["40001", "40P01"] {
        let runs = AtomicU32::new(0);
        let done = db
            .write_tx(async |tx| {
                runs.fetch_add(1, Ordering::Relaxed);
                let fail = format!("DO $$ BEGIN RAISE EXCEPTION 'give way' USING ERRCODE = '{code}'; END $$");
                tx.execute_unprepared(&fail)
                    .await
                    .map_err(|source| ServiceError::Busy {
                        operation: "failing",
                        source,
                    })
                    .map(drop)
            })
            .await;
        assert!(matches!(done, Err(ServiceError::Busy { .. })), "{done:?}");
        assert_eq!(runs.into_inner(), 5);
    }
}
