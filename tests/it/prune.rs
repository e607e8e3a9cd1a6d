//! What the nightly thinning throws away, and what it never does.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{Days, NaiveDate, TimeDelta};
use engagement::policy::{Policy, RetentionPolicy};
use engagement::retention::is_kept;
use engagement::vocabulary::{MessageStatus, Role};
use rapport_tests::TestDb;
use sea_orm::{ConnectionTrait, Statement};
use service::digest::{DigestCounts, DigestSettings, queue_due};
use service::job::job_run::{self, RunCounts, RunOutcome};
use service::job::prune::{Pruned, prune};
use service::settings::Settings;
use tokio_util::sync::CancellationToken;
use worker::jobs::find;
use worker::mail::deliver_due;
use worker::{Ran, run_if_due, run_now};

use crate::import_stage::{import_texts, number, texts};
use crate::mail_stage::{self, instant, mail_into, message, queue_to, user};

async fn run_sql(db: &TestDb, sql: &str) {
    db.write_tx(async |tx| {
        tx.execute_raw(Statement::from_string(tx.get_database_backend(), sql))
            .await
            .unwrap();
        Ok(())
    })
    .await
    .unwrap();
}

fn settings(retention: RetentionPolicy) -> Settings {
    Settings {
        policy: Arc::new(Policy {
            retention,
            ..Policy::default()
        }),
        ..Settings::default()
    }
}

async fn prune_now(db: &TestDb, settings: &Settings) -> Pruned {
    prune(db, settings, db.clock.now()).await.unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Stores a score of every account for days, past everything that would compute one.
async fn store(db: &TestDb, days: &[NaiveDate]) {
    let flag = if db.kind() == rapport_tests::Kind::Postgres {
        "false"
    } else {
        "0"
    };
    for some in days.chunks(200) {
        let mut list = String::new();
        for day in some {
            let cast = if db.kind() == rapport_tests::Kind::Postgres {
                "::date"
            } else {
                ""
            };
            write!(
                list,
                "{}SELECT '{day}'{cast} AS day",
                if list.is_empty() { "" } else { " UNION ALL " }
            )
            .unwrap();
        }
        run_sql(db, &format!(
            "INSERT INTO assessment (account_id, day, as_of, coverage, provisional, coverage_changed, single_threaded, multi_threaded, signals, policy_hash)
             SELECT account.id, days.day, 0, 0, {flag}, {flag}, {flag}, {flag}, 0, '0123456789abcdef' FROM account CROSS JOIN ({list}) AS days"
        )).await;
    }
}

async fn stored_days(db: &TestDb) -> BTreeSet<NaiveDate> {
    let days = if db.kind() == rapport_tests::Kind::Postgres {
        "SELECT DISTINCT day::text FROM assessment"
    } else {
        "SELECT DISTINCT day FROM assessment"
    };
    texts(db, days).await.iter().map(|text| day(text)).collect()
}

async fn digests(db: &TestDb) -> Vec<String> {
    texts(db, "SELECT week FROM digest ORDER BY week").await
}

rapport_tests::on_both_databases! {
    async fn scores_are_thinned_to_sundays_and_then_to_month_ends(db: TestDb) {
        import_texts(db, &[("accounts.csv", "external_id,name,tier\nacme,Acme,smb\nbolt,Bolt,smb\n")]).await;
        let today = day("2026-06-17");
        let all: Vec<NaiveDate> = (0..1_300).map(|days| today - Days::new(days)).collect();
        store(db, &all).await;
        let context = mail_stage::context(db, "one");
        let policy = RetentionPolicy::default();
        // 03:00 in Berlin, in summer.
        db.clock.set(instant("2026-06-18T00:59:59Z"));
        let job = find("prune").expect("a job");
        assert_eq!(run_if_due(job, &context, &CancellationToken::new()).await.unwrap(), Ran::Nothing);
        db.clock.set(instant("2026-06-18T01:00:00Z"));
        let Ran::Done(counts) = run_if_due(job, &context, &CancellationToken::new()).await.unwrap() else { panic!("it is due") };
        let kept: BTreeSet<NaiveDate> = all.iter().copied().filter(|day| is_kept(*day, today + Days::new(1), &policy)).collect();
        assert_eq!(stored_days(db).await, kept);
        assert_eq!(counts["assessments"], 2 * (1_300 - kept.len() as u64));
        for (text, is_kept) in [("2026-03-20", true), ("2026-03-19", false), ("2026-03-15", true), ("2024-06-23", true), ("2024-06-16", false), ("2024-05-31", true), ("2023-02-28", true)] {
            assert_eq!(kept.contains(&day(text)), is_kept, "{text}");
        }
        // Again: nothing more to throw away.
        assert_eq!(prune_now(db, &settings(policy)).await, Pruned::default());
    }

    async fn a_day_with_more_rows_than_a_batch_goes_whole_in_several(db: TestDb) {
        let mut accounts = "external_id,name,tier\n".to_owned();
        for n in 0..2_003 {
            writeln!(accounts, "a{n},Account {n},smb").unwrap();
        }
        import_texts(db, &[("accounts.csv", &accounts)]).await;
        store(db, &[day("2026-01-06"), day("2026-01-31")]).await;
        let before = db.statements();
        assert_eq!(prune_now(db, &settings(RetentionPolicy::default())).await.assessments, 2_003);
        assert_eq!(stored_days(db).await, BTreeSet::from([day("2026-01-31")]));
        let statements = db.statements() - before;
        assert!(statements < 20, "{statements} statements for three batches and what else there is to look at");
    }

    async fn texts_of_mails_go_and_what_became_of_them_stays(db: TestDb) {
        let context = mail_stage::context(db, "one");
        let sent = queue_to(db, &["ada@x.example"]).await[0];
        assert_eq!(deliver_due(&context, &mail_into(db.scratch())).await.sent, 1);
        let failed = queue_to(db, &["ben@x.example"]).await[0];
        run_sql(db, &format!(
            "UPDATE outbox SET status = 'FAILED', message = 'text', message_id = 'x@y', finished_at = {} WHERE recipient = 'ben@x.example'",
            db.clock.now().timestamp_micros()
        )).await;
        let before = message(db, sent).await;
        assert!(before.message.is_some());
        db.clock.advance(TimeDelta::days(90));
        let waiting = queue_to(db, &["cy@x.example"]).await[0];
        let policy = settings(RetentionPolicy::default());
        assert_eq!(prune_now(db, &policy).await, Pruned::default(), "ninety days to the second");
        db.clock.advance(TimeDelta::seconds(1));
        assert_eq!(prune_now(db, &policy).await, Pruned { mail_bodies: 2, ..Pruned::default() });
        let after = message(db, sent).await;
        assert_eq!((after.message.as_deref(), after.context.as_str()), (None, "{}"));
        let of = |message: service::outbox::Message| service::outbox::Message { message: None, context: String::new(), ..message };
        assert_eq!(of(after), of(before), "when, to whom, under which key and id");
        let failed = message(db, failed).await;
        assert_eq!((failed.message.as_deref(), failed.status), (None, MessageStatus::Failed));
        assert_ne!(failed.context, "{}", "it may be put back, and is written anew then");
        assert_eq!(message(db, waiting).await.status, MessageStatus::Queued);
        // What was decided once is not decided again: its key is still there.
        assert_eq!(number(db, "SELECT count(*) FROM outbox").await, 3);
        assert_eq!(prune_now(db, &policy).await, Pruned::default());
    }

    async fn runs_go_but_the_last_slot_of_each_job_stays(db: TestDb) {
        let begin = db.clock.now();
        for hours in 0..3 {
            let slot = begin + TimeDelta::hours(hours);
            let claim = job_run::claim(db, "guardrails", slot, "w", slot).await.unwrap().unwrap();
            job_run::settle(db, claim, RunOutcome::Done, &RunCounts::new(), None, slot).await.unwrap();
        }
        job_run::record_missed(db, "recompute", begin, "w", begin).await.unwrap();
        let running = job_run::claim(db, "queue_digests", begin, "w", begin).await.unwrap().unwrap();
        db.clock.advance(TimeDelta::days(91));
        let policy = settings(RetentionPolicy::default());
        assert_eq!(prune_now(db, &policy).await, Pruned { job_runs: 2, ..Pruned::default() });
        let left = job_run::latest(db, "guardrails", 9).await.unwrap();
        assert_eq!(left.iter().map(|run| run.slot_at).collect::<Vec<_>>(), [begin + TimeDelta::hours(2)]);
        assert_eq!(job_run::last_slot(db, "recompute", db.clock.now()).await.unwrap(), Some(begin));
        assert!(job_run::find(db, running.run()).await.unwrap().is_some());
    }

    async fn no_digest_is_sent_twice_for_it(db: TestDb) {
        import_texts(db, &[
            ("users.csv", "email,name,role\nann@x.example,Ann,csm\n"),
            ("accounts.csv", "external_id,name,tier,status,arr,currency,renewal_date\nacme,Acme,enterprise,active,500000,USD,2026-07-10\n"),
            ("teams.csv", "account_external_id,user_email,team_role\nacme,ann@x.example,csm\n"),
        ]).await;
        let digest_settings = DigestSettings { policy: Arc::new(Policy::default()), zone: chrono_tz::Tz::UTC, installed_at: db.clock.now() };
        let look = async || queue_due(db, &digest_settings, db.clock.now()).await.unwrap();
        db.clock.set(instant("2026-06-22T08:00:00Z"));
        assert_ne!(look().await, DigestCounts::default());
        // As short as it can be set.
        let policy = settings(RetentionPolicy { digest_days: 1, mail_body_days: 1, job_run_days: 1, ..RetentionPolicy::default() });
        db.clock.advance(TimeDelta::days(2) + TimeDelta::hours(20));
        prune_now(db, &policy).await;
        assert_eq!(look().await, DigestCounts::default(), "the week is settled");
        assert_eq!(digests(db).await, ["2026-W26"]);
    }

    async fn a_user_keeps_their_latest_week_and_the_last_that_told_them_something(db: TestDb) {
        let ann = user(db, "ann@x.example", Role::Csm, None).await;
        let rows = [("2026-W01", "QUEUED"), ("2026-W02", "EMPTY"), ("2026-W03", "QUEUED"), ("2026-W04", "MISSED"), ("2026-W05", "MISSED"), ("2027-W40", "QUEUED")];
        let id = if db.kind() == rapport_tests::Kind::Postgres { format!("'{}'", ann.uuid()) } else { format!("x'{}'", ann.uuid().simple()) };
        for (n, (week, outcome)) in rows.into_iter().enumerate() {
            let due = if week.starts_with("2027") { instant("2027-10-04T08:00:00Z") } else { instant("2026-01-05T08:00:00Z") + TimeDelta::days(7 * n as i64) };
            run_sql(db, &format!(
                "INSERT INTO digest (user_id, week, outcome, due_at, settled_at) VALUES ({id}, '{week}', '{outcome}', {}, {})",
                due.timestamp_micros(),
                (instant("2026-01-05T08:00:00Z") + TimeDelta::days(7 * n as i64)).timestamp_micros()
            )).await;
        }
        assert_eq!(prune_now(db, &settings(RetentionPolicy::default())).await, Pruned { digests: 3, ..Pruned::default() });
        assert_eq!(digests(db).await, ["2026-W03", "2026-W05", "2027-W40"], "a week that a wrong clock has seen counts for nothing");
    }

    async fn by_hand_it_is_the_same(db: TestDb) {
        let context = mail_stage::context(db, "one");
        let ran = run_now(find("prune").expect("a job"), &context, &CancellationToken::new()).await.unwrap();
        assert!(matches!(ran, Ran::Done(counts) if counts.values().all(|count| *count == 0)));
    }
}
