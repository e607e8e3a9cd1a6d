//! Whoever watches goes on hearing after the look at the database has broken off.

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use api::AppState;
use chrono::{DateTime, Utc};
use rapport_tests::on_both_databases;
use serde_json::json;

use crate::alert_stage::{evaluate, import, stage};
use crate::graphql_server::{Server, state};
use crate::subscriptions::Watcher;

const PATIENCE: Duration = Duration::from_mins(1);

static BROKEN_OFF: AtomicU64 = AtomicU64::new(0);

/// Counts what breaks off because of an instant that is no day.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if panic.to_string().contains("out of range") {
                BROKEN_OFF.fetch_add(1, Ordering::SeqCst);
            }
            before(panic);
        }));
    });
}

on_both_databases! {
    async fn a_look_that_breaks_off_is_followed_by_the_next_one(db: TestDb) {
        count_panics();
        import(db, &[("users.csv", "email,name,role\nadmin@example.com,Ada Admin,admin\n")]).await;
        stage(db).await;
        evaluate(db).await;
        let server = Server::serving(db, AppState { zone: chrono_tz::Asia::Tokyo, ..state(db) }).await;
        let mut admin = Watcher::connect(&server, &server.token).await;
        admin.watch("all", "subscription { alertRaised { rule severity account { externalId } } }").await;
        // The last instant there is has no day in Tokyo: whoever asks for it breaks off.
        let (now, broken_off) = (db.clock.now(), BROKEN_OFF.load(Ordering::SeqCst));
        db.clock.set(DateTime::<Utc>::MAX_UTC);
        let waiting = async {
            while BROKEN_OFF.load(Ordering::SeqCst) == broken_off {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "a look breaks off");
        db.clock.set(now);
        let text = "account_external_id,kind,observed_on,contact_external_id,summary\nbolt,departure,2026-06-16,c1,Left\n";
        import(db, &[("org_changes.csv", text)]).await;
        let heard = tokio::time::timeout(PATIENCE, admin.hear()).await;
        let heard = heard.expect("whoever subscribes still hears of what happens after a look broke off");
        assert_eq!(heard["payload"]["data"]["alertRaised"], json!({"rule": "sponsor.departed", "severity": "CRITICAL", "account": {"externalId": "bolt"}}));
        server.stop().await;
    }
}
