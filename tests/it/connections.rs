//! Connections: each role has its own, a transaction that has failed is not committed, one that is dropped leaves nothing, and
//! a statement is waited for as long as the server works on it.

use std::sync::Arc;
use std::time::Duration;

use rapport_tests::Kind;
use sea_orm::{ConnectionTrait, Statement};
use service::db::{Db, Role};
use service::error::ServiceError;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::graphql_server::monitor;

/// No test waits longer for what has to come.
const PATIENCE: Duration = Duration::from_mins(1);

async fn accounts(db: &Db) -> u64 {
    let statement = Statement::from_string(db.backend(), "SELECT count(*) FROM account");
    let row = db.read().query_one_raw(statement).await.unwrap().unwrap();
    u64::try_from(row.try_get_by_index::<i64>(0).unwrap()).unwrap()
}

fn failed(operation: &'static str) -> impl Fn(sea_orm::DbErr) -> ServiceError {
    move |source| ServiceError::Database { operation, source }
}

/// Holds a transaction of a role until the permit comes, and says when it has begun.
fn hold(db: &Db, begun: &Arc<Semaphore>, end: &Arc<Semaphore>) -> tokio::task::JoinHandle<()> {
    let (db, begun, end) = (db.clone(), Arc::clone(begun), Arc::clone(end));
    tokio::spawn(async move {
        let held = db.write_tx(async |tx| {
            tx.execute_unprepared("UPDATE account SET name = name")
                .await
                .map_err(failed("holding"))?;
            begun.add_permits(1);
            end.acquire().await.unwrap().forget();
            Ok(())
        });
        held.await.unwrap();
    })
}

/// Waits until so many connections of a pool are lent.
async fn until_in_use(db: &Db, name: &str, connections: u32) {
    let waiting = async {
        while !db
            .pools()
            .iter()
            .any(|pool| pool.name == name && pool.in_use == connections)
        {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("they are lent");
}

async fn insert(tx: &service::db::Tx, number: u32) -> Result<(), ServiceError> {
    let id = match tx.get_database_backend() {
        sea_orm::DbBackend::Postgres => format!("'00000000-0000-0000-0000-{number:012}'::uuid"),
        _ => format!("x'{number:032}'"),
    };
    let row = format!(
        "INSERT INTO account (id, external_id, name, tier, status, created_at, updated_at)
            VALUES ({id}, 'a{number}', 'A', 'SMB', 'ACTIVE', 0, 0)"
    );
    tx.execute_unprepared(&row)
        .await
        .map(drop)
        .map_err(failed("inserting"))
}

rapport_tests::on_both_databases! {
    async fn the_api_at_its_limit_leaves_worker_and_health_alone(db: TestDb) {
        let (api, worker) = (db.for_role(Role::Api), db.for_role(Role::Worker));
        let pool = api.pools().into_iter().find(|pool| pool.name == "api_write").expect("a pool");
        let (begun, end) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let held: Vec<_> = (0..pool.limit).map(|_| hold(&api, &begun, &end)).collect();
        timeout(PATIENCE, begun.acquire_many(pool.limit)).await.expect("they begin").unwrap().forget();
        let in_use = |name: &str| db.pools().into_iter().find(|pool| pool.name == name).map(|pool| pool.in_use);
        assert_eq!(in_use("api_write"), Some(pool.limit));

        assert_eq!(monitor(db).obstacles().await, Vec::<String>::new(), "being busy is no fault");
        assert_eq!(accounts(&worker).await, 0);
        if db.kind() == Kind::Postgres {
            worker.write_tx(async |tx| insert(tx, 1).await).await.expect("the worker has connections of its own");
            let refused = api.write_tx(async |tx| insert(tx, 2).await).await.expect_err("there is no connection");
            assert!(matches!(refused, ServiceError::Busy { .. }), "{refused:?}");
            assert!(refused.is_passing());
        }
        end.add_permits(held.len());
        for held in held {
            held.await.unwrap();
        }
        api.write_tx(async |tx| insert(tx, 3).await).await.expect("there are connections again");
    }

    async fn writers_of_other_roles_are_not_behind_a_long_queue(db: TestDb) {
        if db.kind() == Kind::Postgres {
            return;
        }
        let (api, worker) = (db.for_role(Role::Api), db.for_role(Role::Worker));
        worker.write_tx(async |tx| insert(tx, 2).await).await.expect("it has a connection");
        until_in_use(db, "worker_write", 0).await;
        let (begun, end) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let held: Vec<_> = (0..20).map(|_| hold(&api, &begun, &end)).collect();
        timeout(PATIENCE, begun.acquire()).await.expect("the first begins").unwrap().forget();
        let writing = tokio::spawn(async move { worker.write_tx(async |tx| insert(tx, 1).await).await });
        until_in_use(db, "worker_write", 1).await;
        // It has its turn after two of the twenty at most.
        end.add_permits(2);
        timeout(PATIENCE, writing).await.expect("it has its turn").unwrap().expect("it writes");
        end.add_permits(20);
        for held in held {
            held.await.unwrap();
        }
    }

    async fn a_transaction_in_which_a_statement_failed_is_not_committed(db: TestDb) {
        let done = db.write_tx(async |tx| {
            insert(tx, 1).await?;
            // Somebody who does not look.
            let _ = tx.execute_unprepared("INSERT INTO account (id) VALUES (NULL)").await;
            let _ = insert(tx, 2).await;
            Ok(())
        });
        assert!(done.await.is_err(), "what is not stored is not acknowledged");
        assert_eq!(accounts(db).await, 0);
        db.write_tx(async |tx| insert(tx, 3).await).await.expect("the next one is not concerned");
        assert_eq!(accounts(db).await, 1);
    }

    async fn a_transaction_that_is_dropped_leaves_nothing(db: TestDb) {
        let (begun, end) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        for _ in 0..8 {
            let held = hold(db, &begun, &end);
            timeout(PATIENCE, begun.acquire()).await.expect("it begins").unwrap().forget();
            held.abort();
            assert!(held.await.unwrap_err().is_cancelled());
        }
        let other = Db::connect(&db.url).await.unwrap();
        other.write_tx(async |tx| insert(tx, 1).await).await.expect("no lock is left");
        db.write_tx(async |tx| insert(tx, 2).await).await.expect("no connection is missing");
        assert_eq!(accounts(db).await, 2);
        other.close().await.unwrap();
    }

    async fn what_is_closed_stands_whole_in_its_file(db: TestDb) {
        if db.kind() == Kind::Postgres {
            return;
        }
        let file = db.url.strip_prefix("sqlite://").and_then(|rest| rest.split('?').next()).unwrap();
        db.db.clone().close().await.unwrap();
        for number in 0..50 {
            let db = Db::connect(&db.url).await.unwrap();
            // Every role has connections, some of which are still on their way back.
            let roles: Vec<Db> = [Role::Command, Role::Api, Role::Worker, Role::Health].into_iter().map(|role| db.for_role(role)).collect();
            let readers = roles.iter().flat_map(|db| std::iter::repeat_n(db, 4));
            futures_util::future::join_all(readers.map(accounts)).await;
            for (role, place) in roles.iter().zip(0..) {
                role.write_tx(async |tx| insert(tx, number * 10 + place).await).await.unwrap();
            }
            db.close().await.unwrap();
            let log = std::fs::metadata(format!("{file}-wal")).map_or(0, |log| log.len());
            assert_eq!(log, 0, "bytes of log beside the file after closing it for time {number}");
        }
    }

    async fn a_statement_is_waited_for_while_the_server_works_on_it(db: TestDb) {
        if db.kind() == Kind::Sqlite {
            return;
        }
        let slow = Statement::from_string(db.backend(), "SELECT 7 FROM pg_sleep(11)");
        let row = db.read().query_one_raw(slow).await.expect("an answer").expect("a row");
        assert_eq!(row.try_get_by_index::<i32>(0).unwrap(), 7);
    }

    async fn readiness_writes(db: TestDb) {
        let statement = || Statement::from_string(db.backend(), "SELECT at, ballast IS NULL FROM heartbeat");
        assert!(db.read().query_one_raw(statement()).await.unwrap().is_none());
        assert_eq!(monitor(db).obstacles().await, Vec::<String>::new());
        let row = db.read().query_one_raw(statement()).await.unwrap().expect("a heartbeat");
        assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), db.clock.now().timestamp_micros());
        assert!(row.try_get_by_index::<bool>(1).unwrap());
    }
}
