//! `/metrics`: right without a worker, cheap however often it is asked for, about nobody, and documented.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use engagement::vocabulary::MessageKind;
use rapport_tests::TestDb;
use rapport_tests::smtp::{Answer, SmtpServer, Verb};
use serde_json::json;
use service::monitoring::{MailOutcome, Monitor, SlotOutcome};
use tokio_util::sync::CancellationToken;
use worker::mail::deliver_due;
use worker::{Context, Job, JobError, Ran, Work, run_if_due, run_now};

use crate::graphql_server::{Server, monitor};
use crate::mail_stage::{context, mail_to, new, of_alert, queue, queue_to};

/// The samples of a scrape by name and labels.
async fn samples(monitor: &Monitor) -> BTreeMap<String, f64> {
    read(&monitor.scrape().await.expect("a scrape"))
}

fn read(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit_once(' ').expect("a sample"))
        .map(|(name, value)| (name.to_owned(), value.parse().expect("a number")))
        .collect()
}

async fn run_sql(db: &TestDb, sql: &str) {
    use sea_orm::ConnectionTrait;
    db.write_tx(async |tx| {
        tx.execute_unprepared(sql).await.expect("the statement runs");
        Ok(())
    })
    .await
    .expect("the statement runs");
}

/// One sample, which must be a whole number.
fn of(samples: &BTreeMap<String, f64>, name: &str) -> i64 {
    let value = samples
        .get(name)
        .unwrap_or_else(|| panic!("{name} is missing in {:#?}", samples.keys()));
    assert!(value.fract().abs() < f64::EPSILON, "{name} {value}");
    *value as i64
}

rapport_tests::on_both_databases! {
    async fn lag_grows_while_no_worker_runs(db: TestDb) {
        let monitor = monitor(db);
        let at_once = samples(&monitor).await;
        assert_eq!(of(&at_once, r#"rapport_job_lag_seconds{job="guardrails"}"#), 0, "an installation owes no past slot");
        // It is 12:00; the next full hour passes without anybody there, and another one and a half.
        db.clock.advance(TimeDelta::minutes(150));
        let later = samples(&monitor).await;
        assert_eq!(of(&later, r#"rapport_job_lag_seconds{job="guardrails"}"#), 5400);
        assert_eq!(of(&later, r#"rapport_job_lag_seconds{job="queue_digests"}"#), 8100);
        assert_eq!(of(&later, r#"rapport_job_lag_seconds{job="recompute"}"#), 0, "02:00 is yet to come");
        assert!(!later.contains_key(r#"rapport_job_last_success_timestamp_seconds{job="guardrails"}"#), "it never ran");
        // A worker comes.
        let context = Context { zone: chrono_tz::Tz::UTC, meters: monitor.meters().clone(), installed_at: db.clock.now() - TimeDelta::minutes(150), ..context(db, "one") };
        let job = worker::jobs::find("guardrails").expect("a job");
        assert!(matches!(run_if_due(job, &context, &CancellationToken::new()).await, Ok(Ran::Done(_))));
        db.clock.advance(TimeDelta::seconds(10));
        let done = samples(&monitor).await;
        assert_eq!(of(&done, r#"rapport_job_lag_seconds{job="guardrails"}"#), 0);
        let success = of(&done, r#"rapport_job_last_success_timestamp_seconds{job="guardrails"}"#);
        assert_eq!(success, (db.clock.now() - TimeDelta::seconds(10)).timestamp());
        assert_eq!(of(&done, r#"rapport_job_runs_total{job="guardrails",outcome="done"}"#), 1);
        assert_eq!(of(&done, r#"rapport_job_duration_seconds_count{job="guardrails"}"#), 1);
    }

    async fn a_job_that_has_work_only_at_times_lags_only_then(db: TestDb) {
        const LAG: &str = r#"rapport_job_lag_seconds{job="recompute_touched"}"#;
        let monitor = monitor(db);
        db.clock.advance(TimeDelta::hours(5));
        assert_eq!(of(&samples(&monitor).await, LAG), 0, "there was nothing to do");
        rapport_tests::mail::plant(db, db.clock.now()).await;
        let touched_at = db.clock.now();
        db.write_tx(async |tx| service::scoring::touched::touch(tx, &[rapport_tests::mail::ACCOUNT.into()], touched_at).await).await.unwrap();
        db.clock.advance(TimeDelta::seconds(150));
        let found = samples(&monitor).await;
        assert_eq!((of(&found, LAG), of(&found, "rapport_touched_accounts")), (90, 1), "due a minute after it was touched");
    }

    async fn what_waits_to_be_sent_is_counted_and_what_was_sent_is_timed(db: TestDb) {
        let monitor = monitor(db);
        queue_to(db, &["a@x.example", "gone@x.example"]).await;
        let now = db.clock.now();
        queue(db, vec![
            new("alert:1", "ben@x.example", of_alert(), now - TimeDelta::seconds(3)),
            new("alert:2", "cy@x.example", of_alert(), now + TimeDelta::hours(1)),
        ]).await;
        let waiting = samples(&monitor).await;
        assert_eq!(of(&waiting, r#"rapport_outbox_messages{kind="OUTREACH_PLANNED"}"#), 2);
        assert_eq!(of(&waiting, r#"rapport_outbox_messages{kind="ALERT"}"#), 2);
        assert_eq!(of(&waiting, r#"rapport_outbox_due_messages{kind="ALERT"}"#), 1);
        assert_eq!(of(&waiting, r#"rapport_outbox_oldest_due_seconds{kind="ALERT"}"#), 3);
        assert_eq!(of(&waiting, r#"rapport_outbox_messages{kind="WEEKLY_DIGEST"}"#), 0);
        let server = SmtpServer::start();
        server.script(|moment| {
            let gone = moment.verb == Verb::Rcpt && moment.recipient == "gone@x.example";
            if gone { Answer::Say("550 5.1.1 no such user") } else { Answer::Accept }
        });
        let context = Context { meters: monitor.meters().clone(), ..context(db, "one") };
        db.clock.advance(TimeDelta::milliseconds(5400));
        deliver_due(&context, &mail_to(&server)).await;
        let sent = samples(&monitor).await;
        assert_eq!(of(&sent, r#"rapport_mails_total{kind="OUTREACH_PLANNED",outcome="sent"}"#), 1);
        assert_eq!(of(&sent, r#"rapport_mails_total{kind="OUTREACH_PLANNED",outcome="failed"}"#), 1);
        assert_eq!(of(&sent, r#"rapport_mails_total{kind="ALERT",outcome="sent"}"#), 1);
        assert_eq!(of(&sent, r#"rapport_mails_total{kind="ALERT",outcome="retried"}"#), 0);
        // Queued 5.4 s before it was accepted, by the clock that stands still while it is sent.
        assert_eq!(of(&sent, r#"rapport_escalation_latency_seconds_count{kind="ALERT"}"#), 1);
        assert_eq!(of(&sent, r#"rapport_escalation_latency_seconds_bucket{le="5.0",kind="ALERT"}"#), 0);
        assert_eq!(of(&sent, r#"rapport_escalation_latency_seconds_bucket{le="10.0",kind="ALERT"}"#), 1);
        assert_eq!(of(&sent, r#"rapport_mail_attempt_duration_seconds_count{kind="OUTREACH_PLANNED"}"#), 2);
    }

    async fn scraping_costs_three_statements_every_five_seconds(db: TestDb) {
        // PostgreSQL is also asked for the time.
        let reading = if db.kind() == rapport_tests::Kind::Postgres { 4 } else { 3 };
        let monitor = monitor(db);
        let before = db.statements();
        samples(&monitor).await;
        assert_eq!(db.statements() - before, reading);
        for _ in 0..20 {
            samples(&monitor).await;
        }
        db.clock.advance(TimeDelta::milliseconds(4999));
        samples(&monitor).await;
        assert_eq!(db.statements() - before, reading, "it is news for five seconds");
        db.clock.advance(TimeDelta::milliseconds(1));
        tokio::join!(samples(&monitor), samples(&monitor), samples(&monitor));
        assert_eq!(db.statements() - before, 2 * reading, "those who ask at once wait for one answer");
        db.clock.advance(TimeDelta::hours(-1));
        samples(&monitor).await;
        assert_eq!(db.statements() - before, 3 * reading, "a clock that was set back does not keep old news");
    }

    async fn a_scrape_is_text_for_prometheus_and_tells_nobody_anything_about_anybody(db: TestDb) {
        let server = Server::start(db).await;
        queue_to(db, &["secret.person@x.example"]).await;
        server.ask("query NameOfTheClient { accounts(first: 1) { totalCount } }", json!({})).await;
        server.ask("{ nobodyKnows }", json!({})).await;
        server.ask("mutation ($id: ID!) { acknowledgeAlert(input: {alertId: $id}) { alert { id } } }", json!({"id": "nonsense"})).await;
        server.send("POST /graphql HTTP/1.1\r\nContent-Type: application/json", b"{}").await;
        server.send("GET /private/path?token=abc HTTP/1.1", b"").await;
        server.send("BREW /graphql HTTP/1.1", b"").await;
        let answer = server.send("GET /metrics HTTP/1.1", b"").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("Content-Type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        for private in ["NameOfTheClient", "nobodyKnows", "private", "abc", "BREW", "secret", "x.example", "admin@", "_01", "Harlan", &server.token] {
            assert!(!answer.body.contains(private), "{private} in {}", answer.body);
        }
        let found = read(&answer.body);
        for (operation, code) in [("query", "OK"), ("query", "GRAPHQL_VALIDATION_FAILED"), ("mutation", "BAD_USER_INPUT"), ("none", "UNAUTHENTICATED")] {
            assert_eq!(of(&found, &format!(r#"rapport_graphql_requests_total{{operation="{operation}",code="{code}"}}"#)), 1);
        }
        assert_eq!(of(&found, r#"rapport_graphql_request_duration_seconds_count{operation="query"}"#), 2);
        assert_eq!(of(&found, r#"rapport_http_requests_total{method="POST",route="/graphql",status="401"}"#), 1);
        assert_eq!(of(&found, r#"rapport_http_requests_total{method="GET",route="none",status="404"}"#), 1);
        assert_eq!(of(&found, r#"rapport_http_requests_total{method="OTHER",route="/graphql",status="405"}"#), 1);
        assert_eq!(of(&found, "rapport_database_up"), 1);
        let limit: i64 = found.keys().filter(|name| name.starts_with("rapport_database_connections_max")).map(|name| of(&found, name)).sum();
        assert_eq!(limit, if db.kind() == rapport_tests::Kind::Sqlite { 26 } else { 35 }, "of all roles");
        let pools = found.keys().filter(|name| name.starts_with("rapport_database_connections_max")).count();
        assert_eq!(pools, if db.kind() == rapport_tests::Kind::Sqlite { 8 } else { 7 }, "each role's own");
        server.stop().await;
    }

    async fn a_database_that_does_not_answer_is_said_and_the_rest_is_there(db: TestDb) {
        let monitor = monitor(db);
        run_sql(db, "ALTER TABLE job_run RENAME TO job_run_away").await;
        let found = samples(&monitor).await;
        assert_eq!(of(&found, "rapport_database_up"), 0);
        assert_eq!(of(&found, r#"rapport_mails_total{kind="ALERT",outcome="sent"}"#), 0);
        assert!(!found.keys().any(|name| name.starts_with("rapport_outbox")), "what is not known is not said");
        run_sql(db, "ALTER TABLE job_run_away RENAME TO job_run").await;
        db.clock.advance(TimeDelta::seconds(5));
        assert_eq!(of(&samples(&monitor).await, "rapport_database_up"), 1);
    }

    async fn failed_and_missed_runs_are_counted(db: TestDb) {
        const FAILS: Job = Job {
            name: "fails",
            pattern: "0 * * * *",
            clockwork: engagement::schedule::Clockwork::Utc,
            catch_up: TimeDelta::minutes(10),
            reason: "a test",
            wanted: None,
            work: Work::Whole(|_, _| Box::pin(async { Err(JobError::Failed("no".to_owned())) })),
        };
        let monitor = monitor(db);
        let context = Context { meters: monitor.meters().clone(), ..context(db, "one") };
        run_now(&FAILS, &context, &CancellationToken::new()).await.unwrap();
        db.clock.advance(TimeDelta::minutes(90));
        assert_eq!(run_if_due(&FAILS, &context, &CancellationToken::new()).await.unwrap(), Ran::Missed);
        let found = samples(&monitor).await;
        assert_eq!(of(&found, r#"rapport_job_runs_total{job="fails",outcome="failed"}"#), 1);
        assert_eq!(of(&found, r#"rapport_job_runs_total{job="fails",outcome="missed"}"#), 1);
    }

    async fn the_table_of_the_documentation_is_what_a_scrape_prints(db: TestDb) {
        let monitor = monitor(db);
        let meters = monitor.meters();
        // What has no series before its first event.
        meters.http_answered("GET", Some("/".to_owned()), 200, Duration::from_millis(1));
        meters.graphql_answered(None, None, Duration::from_millis(1));
        meters.mail_ended(MessageKind::Alert, MailOutcome::Sent);
        meters.job_ran("recompute", SlotOutcome::Done, Duration::from_secs(1));
        let context = Context { zone: chrono_tz::Tz::UTC, ..context(db, "one") };
        run_now(worker::jobs::find("recompute").expect("a job"), &context, &CancellationToken::new()).await.unwrap();
        let text = monitor.scrape().await.unwrap();
        let mut printed = BTreeSet::new();
        for line in text.lines() {
            if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
                let prefix = format!("{name}{{");
                let suffixed = [format!("{name}_bucket{{"), prefix];
                let sample = text.lines().find(|line| suffixed.iter().any(|start| line.starts_with(start.as_str())));
                let labels: Vec<&str> = sample
                    .and_then(|line| line.split_once('{')?.1.split_once('}'))
                    .map(|(labels, _)| labels.split(',').filter_map(|label| label.split_once('=')).map(|(label, _)| label).filter(|label| *label != "le").collect())
                    .unwrap_or_default();
                assert!(text.contains(&format!("# HELP {name} ")), "{name} says what it is");
                printed.insert((name.to_owned(), kind.to_owned(), labels.join(", ")));
            }
        }
        // Off Linux, `/proc` says nothing about this process.
        let known = |name: &str| cfg!(target_os = "linux") || !name.starts_with("process_") || name == "process_start_time_seconds";
        let documented: BTreeSet<_> = include_str!("../../docs/operations.md")
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
            .filter(|(name, _)| (name.starts_with("rapport_") || name.starts_with("process_")) && known(name))
            .map(|(name, rest)| {
                let cells: Vec<&str> = rest.split('|').map(str::trim).collect();
                (name.to_owned(), cells[0].to_owned(), cells[1].replace('`', ""))
            })
            .collect();
        assert_eq!(documented, printed);
    }
}
