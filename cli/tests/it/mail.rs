//! The outbox from the command line, over a database that a worker writes to.

use std::time::{Duration, Instant};

use harness::mail::{message, of_alert, plant};
use service::clock::Clock;
use service::db::Db;
use service::outbox::enqueue;

use crate::process::{Place, Running};

/// Queues an alert to each address, as another process would.
fn queue(place: &Place, addresses: &[&str]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let db = Db::connect(&format!("sqlite://{}", place.path().join("rapport.db").display()))
            .await
            .unwrap();
        let now = Clock::system().now();
        plant(&db, now).await;
        let message = |to: &&str| message(&format!("test {to}"), to, of_alert(), now);
        let messages: Vec<_> = addresses.iter().map(message).collect();
        db.write_tx(async |tx| enqueue(tx, now, messages.clone()).await)
            .await
            .unwrap();
        db.close().await.unwrap();
    });
}

#[test]
fn mail_is_queued_written_to_files_listed_shown_and_put_back() {
    let place = Place::new();
    place.run("migrate").good();
    let nothing = place.run("mail list");
    assert_eq!((nothing.good(), nothing.stderr.as_str()), ("", "no messages\n"));
    // A folder that cannot be one: the worker goes on, and says what is wrong.
    place.write("outbox", "");
    queue(&place, &["ada@x.example", "ben@x.example"]);
    let listed = place.run("mail list --status queued --limit 1");
    let line = listed.good().to_owned();
    assert!(
        line.starts_with("msg_")
            && line.contains("  queued  ")
            && line.contains("  alert  ")
            && line.contains("@x.example"),
        "{line}"
    );
    assert_eq!(listed.stderr, "1 of 2; --limit shows more\n");
    assert!(
        place
            .run("jobs")
            .good()
            .contains("waiting   2 queued, 2 due, the oldest for ")
    );

    let id = line.split_whitespace().next().unwrap();
    let before = place.run(&format!("mail show {id}"));
    assert!(
        before.good().contains("not rendered; its context:") && before.good().contains("status      queued"),
        "{before:?}"
    );
    assert!(
        place
            .run(&format!("mail show {id} --eml"))
            .refusal(1)
            .contains("has no text")
    );
    assert!(
        place
            .run(&format!("mail retry {id}"))
            .stderr
            .contains("neither given up nor canceled")
    );

    let worker = Running::start(place.command("worker --escalation-to ada@x.example,ben@x.example"));
    let wait = |what: &str, is: &dyn Fn() -> bool| {
        let started = Instant::now();
        while !is() {
            assert!(started.elapsed() < Duration::from_mins(1), "{what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    wait("it says that it cannot write", &|| {
        place.run("mail list").good().contains("outbox/")
    });
    std::fs::remove_file(place.path().join("outbox")).unwrap();
    wait("both are written", &|| {
        place.run("mail list --status sent").good().lines().count() == 2
    });
    worker.signal("-TERM");
    assert_eq!(worker.end().code, Some(0));

    let files: Vec<_> = std::fs::read_dir(place.path().join("outbox"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files.len(), 2, "{files:?}");
    let eml = place.run(&format!("mail show {id} --eml"));
    let file = files
        .iter()
        .find(|file| file.to_string_lossy().contains(id))
        .unwrap();
    assert_eq!(eml.good(), std::fs::read_to_string(file).unwrap());
    assert!(
        eml.good()
            .contains("Subject: Critical: The sponsor stays away, Harlan & Voss")
    );
    let after = place.run(&format!("mail show {id}"));
    assert!(
        after.good().contains("Message-ID  <msg_") && after.good().contains("attempts    1"),
        "{after:?}"
    );
    assert_eq!(place.run("mail retry --failed").good(), "0 put back\n");
    assert!(
        place
            .run("mail show msg_01h2xcejqtf2nbrexx3vqjhp41")
            .refusal(1)
            .contains("there is no message msg_01h2")
    );
}
