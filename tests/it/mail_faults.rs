//! Mail servers at their worst: each fault ends as it should, and nobody's mail but the one concerned.

use std::sync::Arc;

use chrono::TimeDelta;
use engagement::vocabulary::{MessageKind, MessageStatus, Role};
use rapport_tests::TestDb;
use rapport_tests::smtp::{Answer, Protection, SmtpServer, Verb};
use tokio::sync::Semaphore;
use worker::mail::{Delivered, deliver_due};

use crate::mail_stage::{
    LONG, context, disabled, mail_to, mail_to_url, message, new, of_alert, patience_hours, queue, queue_to,
    status, user, with_status,
};

/// Delivers what is due, and counts.
async fn deliver(db: &TestDb, mail: &worker::mail::Mail) -> Delivered {
    deliver_due(&context(db, "w"), mail).await
}

fn sent(sent: u64) -> Delivered {
    Delivered {
        sent,
        ..Delivered::default()
    }
}

/// Answers `answer` at `verb` to whoever writes to an address that starts with `bad`, and accepts everything else.
fn bad(server: &SmtpServer, verb: Verb, answer: Answer) {
    server.script(move |moment| {
        let concerned =
            moment.verb == verb && (moment.recipient.starts_with("bad") || moment.text.contains("<bad"));
        if concerned { answer.clone() } else { Answer::Accept }
    });
}

rapport_tests::on_both_databases! {
    async fn all_is_well(db: TestDb) {
        let server = SmtpServer::start();
        let ids = queue_to(db, &["ada@x.example", "ben@x.example", "cy@x.example"]).await;
        assert_eq!(deliver(db, &mail_to(&server)).await, sent(3));
        assert_eq!(deliver(db, &mail_to(&server)).await, sent(0));
        let mut accepted = server.accepted();
        accepted.sort_by(|a, b| a.to.cmp(&b.to));
        assert_eq!(accepted.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ["ada@x.example", "ben@x.example", "cy@x.example"]);
        for (id, received) in ids.iter().zip(&accepted) {
            let row = message(db, *id).await;
            assert_eq!((row.status, row.attempts, row.finished_at, &row.lease, &row.error), (MessageStatus::Sent, 1, Some(db.clock.now()), &None, &None));
            assert_eq!(row.message.as_deref(), Some(received.message.as_str()), "what is kept is what was sent");
            assert_eq!(received.header("Message-ID"), Some(format!("<{id}@vendor.example>")));
            assert_eq!(received.from, "rapport@vendor.example");
        }
    }

    async fn one_recipient_of_three_is_refused_and_a_user_among_them_gets_no_more_mail(db: TestDb) {
        let server = SmtpServer::start();
        let bad_user = user(db, "bad@x.example", Role::Manager, None).await;
        let good_user = user(db, "ada@x.example", Role::Csm, None).await;
        let ids = queue_to(db, &["ada@x.example", "bad@x.example", "cy@x.example", "bad.stranger@x.example"]).await;
        bad(&server, Verb::Rcpt, Answer::Say("550 5.1.1 <bad@x.example>: no such user"));
        assert_eq!(deliver(db, &mail_to(&server)).await, Delivered { sent: 2, failed: 2, ..Delivered::default() });
        let row = message(db, ids[1]).await;
        assert_eq!((row.status, row.attempts), (MessageStatus::Failed, 1));
        assert_eq!(row.error.as_deref(), Some("the mail server answered 550 5.1.1 <…>: no such user when naming the recipient"));
        assert_eq!(disabled(db, bad_user).await, Some(db.clock.now()));
        assert_eq!(disabled(db, good_user).await, None);

        // The next message to them is not even tried; putting one back lifts that.
        let next = |key: &str| vec![service::outbox::NewMessage { user: Some(bad_user), ..new(key, "bad@x.example", of_alert(), db.clock.now()) }];
        let canceled = queue(db, next("next")).await[0].id;
        server.accept_all();
        assert_eq!(deliver(db, &mail_to(&server)).await, Delivered { canceled: 1, ..Delivered::default() });
        let row = message(db, canceled).await;
        assert_eq!(row.status, MessageStatus::Canceled);
        assert_eq!(row.error.as_deref(), Some("mail does not reach the recipient since 2026-06-17 12:00 UTC"));
        assert_eq!(service::mail::retry(db, &db.system(), &[canceled], db.clock.now()).await.unwrap(), [canceled]);
        assert_eq!(disabled(db, bad_user).await, None);
        assert_eq!(deliver(db, &mail_to(&server)).await, sent(1));
    }

    async fn a_refusal_that_is_not_about_the_recipient_disables_nobody(db: TestDb) {
        let server = SmtpServer::start();
        let someone = user(db, "bad@x.example", Role::Csm, None).await;
        for (round, (verb, answer)) in [
            (Verb::Rcpt, "550 5.7.1 relaying denied"),
            (Verb::Rcpt, "552 5.2.2 mailbox full"),
            (Verb::Rcpt, "550 5.1.0 rejected"),
            (Verb::Rcpt, "550 administrative prohibition"),
            (Verb::Rcpt, "550 Sender verify failed: no such user"),
            (Verb::Rcpt, "551 not here"),
            (Verb::Rcpt, "553 not allowed"),
            (Verb::Data, "554 no"),
            (Verb::Message, "554 5.6.0 this is spam"),
            (Verb::Message, "550 5.1.1 no such user"),
        ].into_iter().enumerate() {
            let id = queue(db, vec![new(&format!("{round}"), "bad@x.example", of_alert(), db.clock.now())]).await[0].id;
            bad(&server, verb, Answer::Say(answer));
            assert_eq!(deliver(db, &mail_to(&server)).await, Delivered { failed: 1, ..Delivered::default() }, "{answer}");
            let error = message(db, id).await.error.unwrap();
            assert!(error.contains(answer), "{error}");
        }
        assert_eq!(disabled(db, someone).await, None);
    }

    async fn a_refusal_for_now_is_tried_again_later_with_the_same_bytes(db: TestDb) {
        for (round, verb) in [Verb::Mail, Verb::Rcpt, Verb::Data, Verb::Message].into_iter().enumerate() {
            let server = SmtpServer::start();
            let (bad_one, good) = (format!("bad{round}@x.example"), format!("good{round}@x.example"));
            let ids = queue_to(db, &[&bad_one, &good]).await;
            if verb == Verb::Mail {
                // Sender and recipient are not told apart yet: the first to come.
                let mut first = true;
                server.script(move |moment| {
                    if moment.verb == Verb::Mail && std::mem::take(&mut first) { Answer::Say("451 4.3.0 later") } else { Answer::Accept }
                });
            } else {
                bad(&server, verb, Answer::Say("451 4.3.0 later"));
            }
            assert_eq!(deliver(db, &mail_to(&server)).await, Delivered { sent: 1, retried: 1, ..Delivered::default() }, "{verb:?}");
            let row = if status(db, ids[0]).await == MessageStatus::Queued { message(db, ids[0]).await } else { message(db, ids[1]).await };
            let wait = row.due_at - db.clock.now();
            assert!(wait >= TimeDelta::seconds(15) && wait <= TimeDelta::seconds(30), "{wait}");
            assert!(row.error.as_deref().is_some_and(|error| error.contains("451 4.3.0 later")), "{row:?}");
            // Not before its time.
            server.accept_all();
            db.clock.set(row.due_at - TimeDelta::microseconds(1));
            assert_eq!(deliver(db, &mail_to(&server)).await, sent(0));
            db.clock.set(row.due_at);
            assert_eq!(deliver(db, &mail_to(&server)).await, sent(1));
            let again = server.accepted().pop().unwrap();
            assert_eq!(row.message.as_deref(), Some(again.message.as_str()), "rendered once, before the first attempt");
            let done = message(db, row.id).await;
            assert_eq!((done.status, done.attempts, done.message, done.error), (MessageStatus::Sent, 2, row.message, None));
        }
    }

    async fn a_server_that_goes_silent_costs_its_time_limit_and_nobody_else(db: TestDb) {
        for (round, verb) in [Verb::Rcpt, Verb::Data, Verb::Message].into_iter().enumerate() {
            for (turn, answer) in [Answer::Stall, Answer::Drip, Answer::Close].into_iter().enumerate() {
                let server = SmtpServer::start();
                let name = |who: &str| format!("{who}{round}{turn}@x.example");
                let ids = queue_to(db, &[&name("bad"), &name("good"), &name("fine")]).await;
                bad(&server, verb, answer.clone());
                let ambiguous = u64::from(verb == Verb::Message);
                assert_eq!(deliver(db, &mail_to(&server)).await, Delivered { sent: 2, retried: 1, ambiguous, ..Delivered::default() }, "{verb:?} {answer:?}");
                let row = message(db, ids[0]).await;
                assert_eq!((row.status, row.attempts), (MessageStatus::Queued, 1));
                // What the server may have is not repeated before a claim would have run out.
                let least = if ambiguous == 1 { 60 } else { 15 };
                assert!(row.due_at - db.clock.now() >= TimeDelta::seconds(least), "{verb:?} {answer:?}: {}", row.due_at);
                server.accept_all();
                db.clock.advance(TimeDelta::minutes(2));
                assert_eq!(deliver(db, &mail_to(&server)).await, sent(1));
                let copies: Vec<_> = server.received().into_iter().filter(|one| one.to.starts_with("bad")).collect();
                assert_eq!(copies.len() as u64, 1 + ambiguous, "{verb:?} {answer:?}");
                assert!(copies.iter().all(|copy| Some(&copy.message) == row.message.as_ref()), "the same bytes, the same Message-ID");
            }
        }
    }

    async fn a_connection_that_went_stale_is_replaced_before_anything_is_lost(db: TestDb) {
        let server = SmtpServer::start();
        let mail = mail_to(&server);
        let context = context(db, "w");
        queue_to(db, &["a@x.example"]).await;
        // One connection stays open in the pool: by hand, because `deliver_due` lets go of what it opened.
        let permits = Arc::new(Semaphore::new(0));
        let hold = permits.clone();
        server.script(move |moment| if moment.verb == Verb::Message { Answer::Hold(hold.clone()) } else { Answer::Accept });
        let delivering = tokio::spawn({ let (context, mail) = (context.clone(), mail.clone()); async move { deliver_due(&context, &mail).await } });
        server.wait_for(1).await;
        // While the first is under way a second one comes; the server hangs up on the connection at its MAIL.
        queue_to(db, &["b@x.example"]).await;
        let mut hung_up = false;
        server.script(move |moment| {
            let stale = moment.verb == Verb::Mail && moment.session == 1 && !std::mem::replace(&mut hung_up, true);
            if stale { Answer::Close } else { Answer::Accept }
        });
        permits.add_permits(1);
        assert_eq!(delivering.await.unwrap().sent, 1);
        assert_eq!(deliver(db, &mail).await, sent(1));
        assert_eq!(message(db, queue_id(db, "b@x.example").await).await.attempts, 1);
    }

    async fn nobody_there(db: TestDb) {
        let port = { std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port() };
        outage(db, &format!("smtp://127.0.0.1:{port}?tls=none"), "connecting").await;
    }

    async fn a_server_that_never_greets(db: TestDb) {
        let server = SmtpServer::start();
        server.script(|moment| if moment.verb == Verb::Connect { Answer::Stall } else { Answer::Accept });
        outage(db, &server.url(), "took too long when connecting").await;
    }

    async fn a_server_that_greets_for_ever(db: TestDb) {
        let server = SmtpServer::start();
        server.script(|moment| if moment.verb == Verb::Connect { Answer::Drip } else { Answer::Accept });
        outage(db, &server.url(), "took too long when connecting").await;
    }

    async fn a_server_that_sends_everybody_away(db: TestDb) {
        let server = SmtpServer::start();
        server.script(|moment| if moment.verb == Verb::Connect { Answer::Say("554 go away") } else { Answer::Accept });
        outage(db, &server.url(), "554 go away").await;
    }

    async fn a_server_that_refuses_the_sender(db: TestDb) {
        let server = SmtpServer::start();
        server.script(|moment| if moment.verb == Verb::Mail { Answer::Say("550 5.7.1 not from here") } else { Answer::Accept });
        outage(db, &server.url(), "550 5.7.1 not from here").await;
    }

    async fn a_server_that_refuses_the_sender_when_it_hears_the_recipient(db: TestDb) {
        let ada = user(db, "ada@x.example", Role::Csm, None).await;
        queue_to(db, &["ada@x.example"]).await;
        let server = SmtpServer::start();
        let answer = "550 5.1.8 sender address rejected: domain not found";
        server.script(move |moment| if moment.verb == Verb::Rcpt { Answer::Say(answer) } else { Answer::Accept });
        outage(db, &server.url(), answer).await;
        assert_eq!(disabled(db, ada).await, None);
    }

    async fn a_password_that_is_wrong(db: TestDb) {
        let server = SmtpServer::start();
        server.script(|moment| if moment.verb == Verb::Auth { Answer::Say("535 5.7.8 who are you") } else { Answer::Accept });
        outage(db, &format!("smtp://ada:s3cret@127.0.0.1:{}?tls=none", server.port()), "535 5.7.8 who are you").await;
    }

    async fn a_server_that_speaks_no_tls_where_tls_is_required(db: TestDb) {
        let server = SmtpServer::start();
        outage(db, &format!("smtp://localhost:{}", server.port()), "STARTTLS is not supported").await;
        assert!(!server.verbs().contains(&Verb::Mail), "not a word of mail without it");
    }

    async fn a_server_that_breaks_off_tls(db: TestDb) {
        let server = SmtpServer::protected(Protection::StartTls);
        server.script(|moment| if moment.verb == Verb::StartTls { Answer::Close } else { Answer::Accept });
        outage(db, &format!("smtp://u:s3cret@localhost:{}", server.port()), "connecting").await;
        assert!(!server.verbs().iter().any(|verb| matches!(verb, Verb::Auth | Verb::Mail)), "not a word of mail without it");
    }

    async fn a_server_whose_certificate_nobody_vouches_for(db: TestDb) {
        for protection in [Protection::StartTls, Protection::Implicit] {
            let server = SmtpServer::protected(protection);
            let scheme = if protection == Protection::Implicit { "smtps" } else { "smtp" };
            outage(db, &format!("{scheme}://u:s3cret@localhost:{}", server.port()), "connecting").await;
            assert!(!server.verbs().iter().any(|verb| matches!(verb, Verb::Auth | Verb::Mail)), "no password to a stranger");
        }
    }

    async fn a_server_whose_certificate_is_for_another_name(db: TestDb) {
        let server = SmtpServer::protected(Protection::StartTls);
        let file = db.scratch().join("ca.pem");
        server.write_authority(&file);
        outage(db, &format!("smtp://127.0.0.1:{}?ca={}", server.port(), file.display()), "connecting").await;
    }

    async fn tls_with_a_private_authority_and_a_password(db: TestDb) {
        let file = db.scratch().join("ca.pem");
        for (round, protection) in [Protection::StartTls, Protection::Implicit].into_iter().enumerate() {
            let server = SmtpServer::protected(protection);
            server.write_authority(&file);
            let scheme = if protection == Protection::Implicit { "smtps" } else { "smtp" };
            let mail = mail_to_url(&format!("{scheme}://ada:s3cret@localhost:{}?tls=required&ca={}", server.port(), file.display()));
            queue_to(db, &[&format!("u{round}@x.example")]).await;
            assert_eq!(deliver(db, &mail).await, sent(1), "{protection:?}");
            assert!(server.verbs().contains(&Verb::Auth));
        }
    }

    async fn after_a_day_a_message_is_given_up_and_after_three_an_escalation(db: TestDb) {
        let server = SmtpServer::start();
        server.script(|moment| if moment.verb == Verb::Rcpt { Answer::Say("450 4.2.0 later") } else { Answer::Accept });
        let mail = mail_to(&server);
        let plan = queue_to(db, &["ada@x.example"]).await[0];
        let alert = queue(db, vec![new("alert", "ada@x.example", of_alert(), db.clock.now())]).await[0].id;
        let start = db.clock.now();
        for (id, kind) in [(plan, MessageKind::OutreachPlanned), (alert, MessageKind::Alert)] {
            let mut attempts = 0;
            while status(db, id).await == MessageStatus::Queued {
                let due = message(db, id).await.due_at;
                db.clock.set(due.max(db.clock.now()));
                deliver(db, &mail).await;
                attempts += 1;
                assert!(attempts < 400, "it is never given up");
            }
            let row = message(db, id).await;
            let after = row.finished_at.unwrap() - start;
            let hours = TimeDelta::hours(patience_hours(kind));
            assert!(after >= hours && after <= hours + LONG, "{kind}: {after}");
            assert_eq!(row.status, MessageStatus::Failed);
            let error = row.error.unwrap();
            assert!(error.starts_with("given up after ") && error.contains("450 4.2.0 later"), "{error}");
        }
        assert_eq!(server.accepted(), []);
    }

    async fn workers_that_were_all_away_for_days_try_what_is_late_more_than_once(db: TestDb) {
        let server = SmtpServer::start();
        let id = queue_to(db, &["ada@x.example"]).await[0];
        db.clock.advance(TimeDelta::days(5));
        server.script(|moment| if moment.verb == Verb::Rcpt { Answer::Say("450 4.2.0 later") } else { Answer::Accept });
        assert_eq!(deliver(db, &mail_to(&server)).await.retried, 1);
        server.accept_all();
        db.clock.advance(TimeDelta::seconds(30));
        assert_eq!(deliver(db, &mail_to(&server)).await, sent(1));
        assert_eq!(status(db, id).await, MessageStatus::Sent);
    }
}

async fn queue_id(db: &TestDb, to: &str) -> engagement::id::MessageId {
    let (rows, _) = service::outbox::list(db, service::outbox::ListFilter::default(), 100)
        .await
        .unwrap();
    rows.into_iter()
        .find(|row| row.recipient.as_ref().is_some_and(|found| found.expose() == to))
        .unwrap()
        .id
}

/// A server that takes nothing from anybody: no message pays for it, and all are there when it is back.
async fn outage(db: &TestDb, url: &str, said: &str) {
    let addresses: Vec<String> = (0..20).map(|n| format!("u{n}.{}@x.example", url.len())).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let ids = queue_to(db, &addresses).await;
    let before = with_status(db, MessageStatus::Queued).await;
    let delivered = deliver(db, &mail_to_url(url)).await;
    let (tried, untouched) = (
        delivered.handed_back,
        delivered.sent + delivered.retried + delivered.failed,
    );
    assert!(tried >= 1 && untouched == 0, "{delivered:?}");
    assert_eq!(with_status(db, MessageStatus::Queued).await, before);
    let mut told = 0;
    for id in &ids {
        let row = message(db, *id).await;
        assert_eq!(
            (row.attempts, row.lease),
            (0, None),
            "handed back at once, without an attempt: {:?}",
            row.error
        );
        assert!(!row.error.as_deref().is_some_and(|error| error.contains("s3cret")));
        told += u32::from(row.error.is_some_and(|error| error.contains(said)));
    }
    assert!(
        told >= 1,
        "somebody should say '{said}': {:?}",
        message(db, ids[0]).await.error
    );
    // When it is back they all go, in the order in which they were due.
    let server = SmtpServer::start();
    db.clock.advance(TimeDelta::minutes(1));
    assert_eq!(deliver(db, &mail_to(&server)).await.sent, before);
}
