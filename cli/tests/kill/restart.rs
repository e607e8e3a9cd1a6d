//! The database server killed and started again under a working worker, in the middle of a night's run and of hundreds of
//! mails: the run is finished, no mail is lost or sent twice, and the worker neither ends nor has to be told.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use engagement::vocabulary::MessageStatus;
use harness::Cluster;
use harness::mail::{message, of_alert, plant};
use harness::smtp::SmtpServer;
use service::db::Db;
use service::job::job_run::RunOutcome;
use service::outbox::{self, ListFilter};

use crate::worker::{PATIENCE, Worker, now, owe_a_night, until};

const ACCOUNTS: usize = 1_500;
const MAILS: usize = 400;

#[test]
fn a_worker_outlives_its_database_and_goes_on() {
    // A server of its own: this one is killed.
    let Some(cluster) = Cluster::start() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        tokio::time::timeout(PATIENCE, body(&cluster))
            .await
            .expect("it ends in time");
    });
}

async fn body(cluster: &Cluster) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = cluster.url();
    owe_a_night(folder.path(), &url, ACCOUNTS).await;
    queue(&url, "first", MAILS).await;
    let server = SmtpServer::start();
    let smtp = server.url();
    // They are no users: only as escalation addresses are they told of alerts.
    let of = |name: &'static str, mails| (0..mails).map(move |n| format!("{name}{n}@x.example"));
    let escalation_to = of("first", MAILS)
        .chain(of("second", 5))
        .collect::<Vec<_>>()
        .join(",");
    let mail = [
        "--smtp-url",
        &smtp,
        "--mail-from",
        "Rapport <rapport@vendor.example>",
        "--escalation-to",
        &escalation_to,
    ];
    let mut worker = Worker::start(folder.path(), &url, &mail);
    let db = Db::connect(&url).await.expect("the database opens");
    until(&db, |_, progress| progress.done >= 1 && progress.claimed == 1).await;
    wait("mail is under way", || async { server.received().len() >= 10 }).await;

    let before = server.received().len();
    cluster.kill();
    println!("killed with {before} of {MAILS} mails at the server");
    cluster.restart();
    assert!(worker.is_alive(), "it outlives its database");

    let restarted = Instant::now();
    let db = Db::connect(&url).await.expect("the database opens again");
    let (run, _) = until(&db, |run, _| run.outcome != RunOutcome::Running).await;
    println!("the run was finished {:?} after the restart", restarted.elapsed());
    assert_eq!((run.outcome, run.error), (RunOutcome::Done, None));
    assert_eq!(
        run.counts["accounts"],
        8 * (ACCOUNTS as u64 + 1),
        "with the one that the mails are about: {:?}",
        run.counts
    );
    wait("all mail is sent", || async { sent(&db).await == MAILS as u64 }).await;
    wait("queued mail is heard of again", || async {
        cluster.listeners().await == 1
    })
    .await;
    queue(&url, "second", 5).await;
    wait("what was queued since is sent", || async {
        sent(&db).await == MAILS as u64 + 5
    })
    .await;
    assert!(worker.is_alive());
    let mut copies: HashMap<String, u32> = HashMap::new();
    for received in server.received() {
        *copies
            .entry(received.header("Message-ID").expect("a Message-ID"))
            .or_default() += 1;
    }
    let twice: Vec<_> = copies.iter().filter(|(_, copies)| **copies > 1).collect();
    assert_eq!(
        (copies.len(), twice),
        (MAILS + 5, vec![]),
        "none lost, none twice"
    );
}

async fn queue(url: &str, name: &str, mails: usize) {
    let db = Db::connect(url).await.expect("the database opens");
    let now = now();
    plant(&db, now).await;
    let messages: Vec<_> = (0..mails)
        .map(|n| {
            message(
                &format!("{name} {n}"),
                &format!("{name}{n}@x.example"),
                of_alert(),
                now,
            )
        })
        .collect();
    db.write_tx(async |tx| outbox::enqueue(tx, now, messages.clone()).await)
        .await
        .expect("queued");
    db.close().await.expect("the database closes");
}

async fn sent(db: &Db) -> u64 {
    let filter = ListFilter {
        status: Some(MessageStatus::Sent),
        kind: None,
    };
    outbox::list(db, filter, 0).await.expect("the outbox").1
}

async fn wait<Looking: Future<Output = bool>>(for_what: &str, is_so: impl Fn() -> Looking) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < PATIENCE, "in vain: {for_what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("{for_what}: {:?}", started.elapsed());
}
