//! Delivery in the ledger of runs: a row for each burst, none for an idle worker.

use engagement::vocabulary::MessageStatus;
use rapport_tests::TestDb;
use rapport_tests::smtp::{Answer, SmtpServer, Verb};
use service::job::job_run::{self, JobRun, LEASE, RunOutcome};
use tokio_util::sync::CancellationToken;
use worker::mail::{DELIVER, deliver, deliver_by_hand, deliver_due};

use crate::mail_stage::{context, mail_into, mail_to, queue_to, with_status};

async fn runs(db: &TestDb) -> Vec<JobRun> {
    let mut runs = job_run::latest(db, DELIVER, 99).await.unwrap();
    runs.sort_by_key(|run| run.slot_at);
    runs
}

rapport_tests::on_both_databases! {
    async fn a_burst_is_a_run_with_what_it_did(db: TestDb) {
        let server = SmtpServer::start();
        server.script(|moment| {
            let unknown = moment.verb == Verb::Rcpt && moment.text.contains("nobody@");
            if unknown { Answer::Say("550 5.1.1 no such user") } else { Answer::Accept }
        });
        queue_to(db, &["ada@x.example", "ben@x.example", "nobody@x.example"]).await;
        deliver_due(&context(db, "one"), &mail_to(&server)).await;
        let runs = runs(db).await;
        assert_eq!(runs.len(), 1, "{runs:?}");
        assert_eq!((runs[0].outcome, runs[0].worker.as_str(), runs[0].leased_until), (RunOutcome::Partial, "one", None));
        assert_eq!(serde_json::json!(runs[0].counts), serde_json::json!({"sent": 2, "failed": 1}));
        assert_eq!(runs[0].error.as_deref(), Some("1 messages were given up; they are listed as failed"));
    }

    async fn an_idle_worker_leaves_none_and_by_hand_leaves_one(db: TestDb) {
        let (one, mail) = (context(db, "one"), mail_into(db.scratch()));
        deliver_due(&one, &mail).await;
        assert_eq!(runs(db).await, []);
        let did = deliver_by_hand(&one, &mail, &CancellationToken::new()).await;
        assert_eq!(did.counts().len(), 0);
        // At the same instant: another run all the same.
        queue_to(db, &["ada@x.example"]).await;
        assert_eq!(deliver_by_hand(&one, &mail, &CancellationToken::new()).await.sent, 1);
        let runs = runs(db).await;
        assert_eq!(runs.iter().map(|run| (run.outcome, run.counts.get("sent").copied())).collect::<Vec<_>>(), [(RunOutcome::Done, None), (RunOutcome::Done, Some(1))]);
    }

    async fn a_server_that_takes_nothing_is_a_run_that_failed(db: TestDb) {
        let server = SmtpServer::start();
        server.script(|_| Answer::Say("421 4.3.2 closing"));
        queue_to(db, &["ada@x.example"]).await;
        deliver_due(&context(db, "one"), &mail_to(&server)).await;
        let runs = runs(db).await;
        assert!(matches!(&runs[..], [run] if run.outcome == RunOutcome::Failed && run.error.as_deref().is_some_and(|error| error.contains("421"))), "{runs:?}");
    }

    async fn a_worker_that_goes_on_settles_its_burst_when_it_stops_and_a_killed_one_is_seen(db: TestDb) {
        job_run::begin_burst(db, DELIVER, "killed", db.clock.now()).await.unwrap();
        db.clock.advance(LEASE);
        let stop = CancellationToken::new();
        let working = tokio::spawn(deliver(context(db, "one"), mail_into(db.scratch()), stop.clone()));
        queue_to(db, &["ada@x.example"]).await;
        while with_status(db, MessageStatus::Sent).await == 0 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        assert_eq!(working.await.unwrap().sent, 1);
        let runs = runs(db).await;
        assert_eq!(runs.iter().map(|run| (run.worker.as_str(), run.outcome)).collect::<Vec<_>>(), [("killed", RunOutcome::Failed), ("one", RunOutcome::Done)]);
        assert!(runs[0].error.as_deref().is_some_and(|error| error.starts_with("abandoned")), "{runs:?}");
    }
}
