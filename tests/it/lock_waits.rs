//! What somebody holds for long costs those who want it the time that they may wait, and nobody else anything.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use rapport_tests::{Kind, TestDb, on_both_databases};
use sea_orm::ConnectionTrait;
use service::db::{Db, Role};
use service::error::ServiceError;
use service::ingest::{RowOutcome, Target};
use service::settings::Settings;
use tokio::sync::Notify;

use crate::alert_stage::moment;
use crate::import_stage::{import_texts, number};

/// As many calls as want the account that is held.
const CALLS: usize = 9;

/// Names an account; says what became of it.
async fn name(db: &TestDb, by: &Db, account: &str, name: &str) -> Result<RowOutcome, ServiceError> {
    let rows = vec![vec![("external_id", account.into()), ("name", name.into())]];
    let written = service::ingest::write(
        by,
        &db.system(),
        &Settings::default(),
        moment(db),
        Target::Accounts,
        rows,
    )
    .await?;
    Ok(written[0].outcome)
}

/// Holds an account, on SQLite everything, while something is done.
async fn while_held<T>(db: &TestDb, doing: impl Future<Output = T>) -> T {
    let other = Db::connect(&db.url).await.unwrap();
    let (held, done) = (Notify::new(), Notify::new());
    let holding = other.write_tx(async |tx| {
        tx.execute_unprepared("UPDATE account SET industry = 'held' WHERE external_id = 'acme'")
            .await
            .unwrap();
        held.notify_one();
        done.notified().await;
        Ok(())
    });
    let doing = async {
        held.notified().await;
        let given = doing.await;
        done.notify_one();
        given
    };
    let (holding, given) = tokio::join!(holding, doing);
    holding.unwrap();
    other.close().await.unwrap();
    given
}

#[test]
fn calls_that_want_a_held_account_cost_nobody_else_anything() {
    rapport_tests::run(Kind::Postgres, held_account);
}

async fn held_account(db: &TestDb) {
    import_texts(
        db,
        &[(
            "accounts.csv",
            "external_id,name,tier\nacme,Acme,smb\nbolt,Bolt,smb\n",
        )],
    )
    .await;
    let api = db.for_role(Role::Api);
    let answered = AtomicUsize::new(0);
    let waiting = join_all((0..CALLS).map(|call| {
        let (api, answered) = (&api, &answered);
        async move {
            let given = name(db, api, "acme", &format!("by {call}")).await;
            answered.fetch_add(1, Ordering::Relaxed);
            given
        }
    }));
    let others = async {
        while number(db, "SELECT count(*) FROM pg_locks WHERE NOT granted").await == 0 {
            tokio::task::yield_now().await;
        }
        // New accounts, and one that is there; reading in between.
        for call in 0..10 {
            assert_eq!(
                name(db, &api, "bolt", &format!("Bolt {call}")).await.unwrap(),
                RowOutcome::Updated
            );
            service::record::account::find(&api, &db.system(), "acme")
                .await
                .unwrap()
                .unwrap();
        }
        answered.load(Ordering::Relaxed)
    };
    let (given, before) = Box::pin(while_held(db, async { tokio::join!(waiting, others) })).await;
    assert!(before < CALLS, "the others were done while somebody still waited");
    for given in given {
        assert!(matches!(given, Err(ServiceError::Busy { .. })), "{given:?}");
    }
    assert_eq!(
        name(db, &api, "acme", "at last").await.unwrap(),
        RowOutcome::Updated
    );
}

#[test]
fn an_account_that_is_held_briefly_is_not_waited_for_behind_one_that_is_held_for_long() {
    rapport_tests::run(Kind::Postgres, briefly_held);
}

/// Sets the industry of an account, and counts how often it was found held.
async fn describe(by: &Db, account: &str, found_held: &AtomicUsize) -> Result<(), ServiceError> {
    let sql = format!("UPDATE account SET industry = 'described' WHERE external_id = '{account}'");
    by.write_tx(async |tx| match tx.execute_unprepared(&sql).await {
        Ok(_) => Ok(()),
        Err(source) => {
            found_held.fetch_add(1, Ordering::Relaxed);
            Err(ServiceError::Busy {
                operation: "describing an account",
                source,
            })
        }
    })
    .await
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    assert!(
        tokio::time::timeout(std::time::Duration::from_mins(1), waiting)
            .await
            .is_ok(),
        "{what}"
    );
}

async fn briefly_held(db: &TestDb) {
    import_texts(
        db,
        &[(
            "accounts.csv",
            "external_id,name,tier\nacme,Acme,smb\nbolt,Bolt,smb\n",
        )],
    )
    .await;
    let api = db.for_role(Role::Api);
    let (found_acme, found_bolt) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let waiting = join_all((0..CALLS).map(|_| describe(&api, "acme", &found_acme)));
    let other = async {
        // Everybody has found it held, and waits before us for a place.
        until("they have found acme held", || {
            found_acme.load(Ordering::Relaxed) >= CALLS
        })
        .await;
        let holder = Db::connect(&db.url).await.unwrap();
        let (held, done) = (Notify::new(), Notify::new());
        let holding = holder.write_tx(async |tx| {
            tx.execute_unprepared("UPDATE account SET industry = 'held' WHERE external_id = 'bolt'")
                .await
                .unwrap();
            held.notify_one();
            done.notified().await;
            Ok(())
        });
        let asking = async {
            held.notified().await;
            let release = async {
                until("we have found bolt held", || {
                    found_bolt.load(Ordering::Relaxed) > 0
                })
                .await;
                done.notify_one();
            };
            tokio::join!(describe(&api, "bolt", &found_bolt), release).0
        };
        let (holding, described) = tokio::join!(holding, asking);
        holding.unwrap();
        holder.close().await.unwrap();
        described
    };
    let (given, described) = Box::pin(while_held(db, async { tokio::join!(waiting, other) })).await;
    described.expect("bolt was held for a moment only");
    for given in given {
        assert!(matches!(given, Err(ServiceError::Busy { .. })), "{given:?}");
    }
}

on_both_databases! {
    async fn a_call_that_cannot_have_what_it_wants_is_told_to_come_again(db: TestDb) {
        import_texts(db, &[("accounts.csv", "external_id,name,tier\nacme,Acme,smb\n")]).await;
        let api = db.for_role(Role::Api);
        let asking = async {
            tokio::join!(name(db, &api, "acme", "Mine"), async {
                service::record::account::find(&api, &db.system(), "acme").await.unwrap().unwrap().name
            })
        };
        let (written, read) = Box::pin(while_held(db, asking)).await;
        assert!(matches!(written, Err(ServiceError::Busy { .. })), "{written:?}");
        assert_eq!(read, "Acme");
        assert_eq!(name(db, &api, "acme", "Mine").await.unwrap(), RowOutcome::Updated);
    }
}
