//! The recompute jobs: which days and which accounts, seen in the stored scores.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use engagement::policy::Policy;
use rapport_tests::TestDb;
use service::access::Access;
use service::record::account;
use service::scoring::{assessment, touched};
use tokio_util::sync::CancellationToken;
use worker::jobs::find;
use worker::{Context, Pulse, Ran, run_if_due, run_now};

use crate::import_stage::import_texts;

const ACCOUNTS: &str = "external_id,name,tier,status,churned_on\nacme,Acme,smb,active,\nbolt,Bolt,smb,active,\ngone,Gone,smb,churned,2026-06-14\n";
const EMAIL: &str = "account_external_id,external_id,kind,direction,status,occurred_at\nacme,i1,email,inbound,completed,2026-06-01T10:00:00Z\n";

fn context(db: &TestDb) -> Context {
    let policy = Policy::default();
    Context {
        db: db.db.clone(),
        clock: db.clock.clone(),
        zone: chrono_tz::Europe::Berlin,
        policy: Arc::new(policy),
        escalation_to: Arc::from([]),
        installed_at: db.clock.now(),
        worker: "one".into(),
        pulse: Pulse::default(),
        meters: service::monitoring::Meters::default(),
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The days that have scores, by account, and the instant of each.
async fn scored(db: &TestDb) -> BTreeMap<String, BTreeMap<NaiveDate, DateTime<Utc>>> {
    let keys = ["acme", "bolt", "gone"].map(str::to_owned);
    let accounts = account::by_external_ids(db, &Access::system(), &keys)
        .await
        .unwrap();
    let ids: Vec<_> = accounts.values().map(|account| account.id).collect();
    let mut history =
        assessment::history_of(db, &Access::system(), &ids, day("2026-01-01"), day("2026-12-31"))
            .await
            .unwrap();
    accounts
        .into_iter()
        .map(|(key, account)| {
            let rows = history.remove(&account.id).unwrap_or_default();
            (key, rows.into_iter().map(|row| (row.day, row.as_of)).collect())
        })
        .collect()
}

fn days(first: &str, last: &str) -> Vec<NaiveDate> {
    day(first)
        .iter_days()
        .take_while(|one| *one <= day(last))
        .collect()
}

async fn look(name: &str, context: &Context) -> Ran {
    run_if_due(find(name).expect("a job"), context, &CancellationToken::new())
        .await
        .unwrap()
}

rapport_tests::on_both_databases! {
    async fn the_night_makes_yesterday_final_begins_today_and_fills_the_week(db: TestDb) {
        import_texts(db, &[("accounts.csv", ACCOUNTS), ("interactions.csv", EMAIL)]).await;
        let context = context(db);
        // 02:00 in Berlin, in summer.
        db.clock.set(instant("2026-06-17T23:59:59Z"));
        assert_eq!(look("recompute", &context).await, Ran::Nothing);
        db.clock.set(instant("2026-06-18T00:00:00Z"));
        let Ran::Done(counts) = look("recompute", &context).await else { panic!("it is due") };
        assert_eq!((counts["days"], counts["accounts"]), (8, 8 * 2 + 3), "two customers for eight days, the third for its last three");
        let found = scored(db).await;
        assert_eq!(found["acme"].keys().copied().collect::<Vec<_>>(), days("2026-06-11", "2026-06-18"));
        assert_eq!(found["gone"].keys().copied().collect::<Vec<_>>(), days("2026-06-11", "2026-06-13"));

        // The next night scores two days again, and leaves the others as they are.
        db.clock.set(instant("2026-06-19T00:00:30Z"));
        let Ran::Done(counts) = look("recompute", &context).await else { panic!("it is due") };
        assert_eq!((counts["days"], counts["accounts"]), (2, 4));
        let found = scored(db).await;
        let as_of: Vec<_> = found["acme"].iter().map(|(day, as_of)| (*day, *as_of)).collect();
        assert!(as_of.windows(2).all(|pair| pair[0].1 < pair[1].1), "each as of its own end: {as_of:?}");
        let last: Vec<_> = as_of.iter().rev().take(2).rev().copied().collect();
        assert_eq!(last, [(day("2026-06-18"), instant("2026-06-18T22:00:00Z")), (day("2026-06-19"), db.clock.now())]);
    }

    async fn a_week_without_workers_is_made_up_for(db: TestDb) {
        import_texts(db, &[("accounts.csv", ACCOUNTS)]).await;
        let context = context(db);
        db.clock.set(instant("2026-06-18T00:00:00Z"));
        look("recompute", &context).await;
        db.clock.advance(TimeDelta::days(5));
        look("recompute", &context).await;
        let found = scored(db).await;
        assert_eq!(found["acme"].keys().copied().collect::<Vec<_>>(), days("2026-06-11", "2026-06-23"));
    }

    async fn an_account_that_changed_is_scored_within_a_minute_and_no_other(db: TestDb) {
        import_texts(db, &[("accounts.csv", ACCOUNTS)]).await;
        let context = context(db);
        db.clock.advance(TimeDelta::minutes(1));
        assert!(matches!(look("recompute_touched", &context).await, Ran::Done(counts) if counts["accounts"] == 2));
        assert_eq!(touched::count(db, &Access::system()).await.unwrap(), 0);
        db.clock.advance(TimeDelta::minutes(5));
        assert_eq!(look("recompute_touched", &context).await, Ran::Nothing, "nothing has changed");

        import_texts(db, &[("interactions.csv", EMAIL)]).await;
        db.clock.advance(TimeDelta::minutes(1));
        assert!(matches!(look("recompute_touched", &context).await, Ran::Done(counts) if counts["accounts"] == 1));
        let found = scored(db).await;
        assert_eq!(found["acme"].values().copied().collect::<Vec<_>>(), [db.clock.now()]);
        assert_eq!(found["bolt"].values().copied().collect::<Vec<_>>(), [db.clock.now() - TimeDelta::minutes(6)]);
    }

    async fn a_run_that_is_told_to_stop_is_handed_back_and_done_by_the_next(db: TestDb) {
        import_texts(db, &[("accounts.csv", ACCOUNTS)]).await;
        let context = context(db);
        let stop = CancellationToken::new();
        stop.cancel();
        let job = find("recompute").expect("a job");
        assert_eq!(run_now(job, &context, &stop).await.unwrap(), Ran::Stopped);
        assert!(matches!(run_now(job, &context, &CancellationToken::new()).await.unwrap(), Ran::Done(_)));
        assert_eq!(scored(db).await["acme"].len(), 8);
    }
}
