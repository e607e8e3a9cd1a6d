//! The key of links: made once, the same for everybody who asks, however many ask at once.

use rapport_tests::on_both_databases;
use service::db::Db;
use service::link::{ActionLink, SigningKey};

use crate::import_stage::number;
use crate::link_stage::{run_sql, user};

on_both_databases! {
    async fn processes_that_start_at_once_have_one_key(db: TestDb) {
        let mut starting = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (url, now) = (db.url.clone(), db.clock.now());
            starting.spawn(async move {
                let own = Db::connect(&url).await.unwrap();
                let key = SigningKey::of_installation(&own, now).await.unwrap();
                own.close().await.unwrap();
                ActionLink::Unsubscribe { user: user(1) }.token(&key)
            });
        }
        let tokens = starting.join_all().await;
        assert_eq!(tokens.len(), 8);
        assert!(tokens.iter().all(|token| *token == tokens[0]));
        assert_eq!(number(db, "SELECT count(*) FROM link_key").await, 1);
        let key = SigningKey::of_installation(db, db.clock.now()).await.unwrap();
        assert!(ActionLink::open(&key, &tokens[0]).is_some());
        // Another installation has another key, and so has this one when its key was removed.
        run_sql(db, "DELETE FROM link_key").await;
        let other = SigningKey::of_installation(db, db.clock.now()).await.unwrap();
        assert_eq!(ActionLink::open(&other, &tokens[0]), None);
    }
}
