//! Workers killed at random moments while a thousand mails are due: real processes, a real mail server, PostgreSQL.
//!
//! Nothing is lost; a Message-ID never has two bodies; and a mail comes twice only if its worker was killed between the end of
//! its DATA and the commit that marks it as sent. It waits for the killed workers' leases to run out by the real clock,
//! which takes a minute.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use engagement::id::MessageId;
use engagement::vocabulary::MessageStatus;
use harness::mail::{message, of_alert, of_outreach, plant};
use harness::smtp::{Answer, Moment, SmtpServer, Verb};
use harness::{Kind, TestDb};
use service::clock::Clock;
use service::outbox::{self, ListFilter};

use crate::worker::{PATIENCE, Worker};

const MAILS: usize = 1_000;
const KILLS: usize = 10;
/// Under way at once in a worker: four escalations and eight others.
const PLACES: usize = 12;

#[test]
fn killed_at_ten_random_moments_nothing_is_lost_and_only_the_one_window_repeats() {
    harness::run(Kind::Postgres, body);
}

fn start(db: &TestDb, server: &SmtpServer) -> Worker {
    let smtp = server.url();
    // They are no users: only as escalation addresses are they told of alerts.
    let escalation_to = (0..MAILS)
        .map(|n| format!("u{n}@x.example"))
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
    Worker::start(db.scratch(), &db.url, &mail)
}

/// Asks for a kill once the worker under way has got a random distance through its conversations.
fn at_random_moments(server: &SmtpServer, seed: u64) -> (Sender<()>, Receiver<Moment>) {
    let (arm, armed) = channel::<()>();
    let (tell, told) = channel();
    let mut random = fastrand::Rng::with_seed(seed);
    let mut left: Option<u32> = None;
    server.script(move |moment| {
        if armed.try_recv().is_ok() {
            // Greeting, EHLO, and four verbs a mail: 5 to 40 mails.
            left = Some(random.u32(20..180));
        }
        left = match left {
            Some(0) => {
                tell.send(moment.clone()).expect("somebody waits for it");
                None
            }
            Some(more) => Some(more - 1),
            None => None,
        };
        Answer::Accept
    });
    (arm, told)
}

async fn body(db: &TestDb) {
    let clock = Clock::system();
    let ids = queue(db, &clock).await;
    let server = SmtpServer::start();
    let seed = clock.now().timestamp_micros().unsigned_abs();
    println!("seed {seed}");
    let (arm, told) = at_random_moments(&server, seed);

    // Of each killed worker: the last session it may have had, and what was marked as sent when it was dead.
    let mut killed: Vec<(u64, HashSet<MessageId>)> = Vec::new();
    let mut moments: HashMap<Verb, u32> = HashMap::new();
    for _ in 0..KILLS {
        let worker = start(db, &server);
        arm.send(()).expect("the script listens");
        let moment = told.recv_timeout(PATIENCE).expect("the worker gets to work");
        worker.kill();
        *moments.entry(moment.verb).or_default() += 1;
        killed.push((server.sessions(), sent(db).await));
    }
    println!(
        "killed at {moments:?}, {} sent by then",
        killed.last().expect("ten kills").1.len()
    );
    assert!(
        killed.last().expect("ten kills").1.len() < MAILS,
        "there was nothing left to kill for"
    );

    let finishing = [start(db, &server), start(db, &server)];
    let started = Instant::now();
    while sent(db).await.len() < MAILS {
        assert!(
            started.elapsed() < PATIENCE,
            "{} of {MAILS} are sent",
            sent(db).await.len()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(finishing);
    judge(db, &server, &ids, &killed).await;
}

async fn queue(db: &TestDb, clock: &Clock) -> HashSet<MessageId> {
    let now = clock.now();
    plant(db, now).await;
    let message = |n: usize| {
        message(
            &format!("kill {n}"),
            &format!("u{n}@x.example"),
            if n.is_multiple_of(2) {
                of_alert()
            } else {
                of_outreach()
            },
            now,
        )
    };
    let messages: Vec<_> = (0..MAILS).map(message).collect();
    let queued = db
        .write_tx(async |tx| outbox::enqueue(tx, now, messages.clone()).await)
        .await
        .expect("queued");
    assert_eq!(queued.len(), MAILS);
    queued.into_iter().map(|one| one.id).collect()
}

async fn sent(db: &TestDb) -> HashSet<MessageId> {
    let filter = ListFilter {
        status: Some(MessageStatus::Sent),
        kind: None,
    };
    let (rows, _) = outbox::list(db, filter, MAILS as u64).await.expect("the outbox");
    rows.into_iter().map(|row| row.id).collect()
}

async fn judge(
    db: &TestDb,
    server: &SmtpServer,
    ids: &HashSet<MessageId>,
    killed: &[(u64, HashSet<MessageId>)],
) {
    // By Message-ID, in the order in which they came.
    let mut copies: HashMap<MessageId, Vec<(u64, String)>> = HashMap::new();
    for received in server.received() {
        let id = received.header("Message-ID").expect("a Message-ID");
        let id = id
            .trim_matches(['<', '>'])
            .split('@')
            .next()
            .expect("an id")
            .parse()
            .expect("our id");
        copies
            .entry(id)
            .or_default()
            .push((received.session, received.message));
    }
    assert_eq!(
        copies.keys().copied().collect::<HashSet<_>>(),
        *ids,
        "none is lost, none is made up"
    );
    let worker_of = |session: u64| killed.iter().position(|(last, _)| session <= *last);
    let mut repeats = 0;
    for (id, copies) in &copies {
        let kept = outbox::find(db, *id)
            .await
            .expect("the outbox")
            .expect("its row")
            .message
            .expect("its text");
        assert!(
            copies.iter().all(|(_, message)| *message == kept),
            "{id} has two bodies"
        );
        for pair in copies.windows(2) {
            let (before, after) = (worker_of(pair[0].0), worker_of(pair[1].0));
            let killed_worker = before.expect("what a worker sent that was not killed never comes again");
            assert_ne!(before, after, "{id} came twice from one worker");
            assert!(
                !killed[killed_worker].1.contains(id),
                "{id} came again although it was marked as sent"
            );
            repeats += 1;
        }
    }
    println!("{MAILS} mails, {KILLS} kills, 0 lost, {repeats} repeated");
    assert!(
        repeats <= KILLS * PLACES,
        "{repeats} repeats are more than were under way"
    );
}
