//! Mail that does not arrive: one alert for each recipient, told to those admins whom mail reaches, once; and gone when mail
//! arrives again.

use chrono::TimeDelta;
use engagement::alert::{AlertRule, Subject};
use engagement::policy::Policy;
use engagement::vocabulary::{AlertStatus, Disposition, MessageStatus, Role, Severity};
use rapport_tests::TestDb;
use rapport_tests::smtp::{Answer, SmtpServer, Verb};
use sea_orm::EntityTrait;
use service::alert::StoredAlert;
use service::clock::Moment;
use service::mail;
use service::outbox::{self, ListFilter};
use worker::mail::{Delivered, deliver_due};

use crate::import_stage::number;
use crate::mail_stage::{
    LONG, context, disabled, mail_to, mail_to_url, new, of_alert, of_outreach, queue, queue_to, user,
};

/// All alerts about mail, the resolved ones too, by whom they are about.
async fn alerts(db: &TestDb) -> Vec<StoredAlert> {
    let rows = entity::alert::Entity::find()
        .all(db.read())
        .await
        .expect("alerts");
    let ids: Vec<_> = rows.into_iter().map(|row| row.id.into()).collect();
    let found = service::alert::by_ids(db, &db.system(), &ids)
        .await
        .expect("alerts");
    let mut found: Vec<_> = found
        .into_values()
        .filter(|stored| stored.alert.key.rule == AlertRule::MailUndeliverable)
        .collect();
    found.sort_by_key(|stored| stored.alert.key.subject.clone());
    found
}

/// The only alert about mail, about this address.
async fn alert_of(db: &TestDb, address: &str) -> StoredAlert {
    let found = alerts(db).await;
    let found: Vec<_> = found
        .into_iter()
        .filter(|stored| stored.alert.key.subject == Subject::Recipient(address.to_owned()))
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().expect("one")
}

/// To whom mail about alerts waits, in order.
async fn waiting(db: &TestDb) -> Vec<String> {
    let (found, _) = outbox::list(
        db,
        ListFilter {
            status: Some(MessageStatus::Queued),
            kind: None,
        },
        100,
    )
    .await
    .expect("the outbox");
    let mut found: Vec<String> = found
        .iter()
        .filter_map(|one| one.recipient.as_ref())
        .map(|to| to.expose().to_owned())
        .collect();
    found.sort();
    found
}

/// Delivers until nothing is due, also what was queued meanwhile.
async fn deliver(db: &TestDb, server: &SmtpServer) -> Delivered {
    let mut all = Delivered::default();
    loop {
        let done = deliver_due(&context(db, "w"), &mail_to(server)).await;
        if done == Delivered::default() {
            return all;
        }
        all = Delivered {
            sent: all.sent + done.sent,
            failed: all.failed + done.failed,
            canceled: all.canceled + done.canceled,
            ..done
        };
    }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    assert!(
        tokio::time::timeout(std::time::Duration::from_mins(2), waiting)
            .await
            .is_ok(),
        "{what}"
    );
}

/// A server that says this to whoever writes to an address that starts with `bad`.
fn refusing(answer: &'static str) -> SmtpServer {
    let server = SmtpServer::start();
    server.script(move |moment| {
        if moment.verb == Verb::Rcpt && moment.text.contains("<bad") {
            Answer::Say(answer)
        } else {
            Answer::Accept
        }
    });
    server
}

const UNKNOWN: &str = "550 5.1.1 no such user";
const SPAM: &str = "550 5.7.1 not from you";

rapport_tests::on_both_databases! {
    async fn a_bounce_is_told_once_to_the_admins_whom_mail_reaches(db: TestDb) {
        user(db, "ada@x.example", Role::Admin, None).await;
        let bad = user(db, "bad@x.example", Role::Admin, None).await;
        user(db, "csm@x.example", Role::Csm, None).await;
        let server = refusing(UNKNOWN);
        queue_to(db, &["bad@x.example"]).await;
        // Delivering goes on until nothing is due: the admin is told in the same breath.
        assert_eq!(deliver(db, &server).await, Delivered { failed: 1, sent: 1, ..Delivered::default() });
        let alert = alert_of(db, "bad@x.example").await;
        assert_eq!((alert.alert.status, alert.alert.severity, alert.account_id), (AlertStatus::Open, Severity::High, None));
        assert_eq!(
            alert.alert.message,
            "Mail does not reach bad@x.example: the mail server answered 550 5.1.1 no such user when naming the recipient. \
             Nothing is sent there until a message is put back."
        );
        assert_eq!(disabled(db, bad).await, Some(db.clock.now()));
        let told = server.accepted();
        assert_eq!(told.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ["ada@x.example"], "not the one whom it is about");
        assert!(told[0].header("Subject").is_some_and(|subject| subject.contains("Mail cannot be delivered")), "{:?}", told[0]);
        assert!(told[0].message.contains("bad@x.example"), "{}", told[0].message);
    }

    async fn an_alert_that_cannot_be_read_has_no_message_sent_twice(db: TestDb) {
        let server = refusing(UNKNOWN);
        queue_to(db, &["bad@x.example"]).await;
        assert_eq!(deliver(db, &server).await.failed, 1);
        let worse = user(db, "bad.too@x.example", Role::Csm, None).await;
        let statement = "UPDATE alert SET evidence = 'of a later version'";
        db.write_tx(async |tx| { sea_orm::ConnectionTrait::execute_unprepared(tx, statement).await.unwrap(); Ok(()) }).await.unwrap();
        // Mail arrives there again, which resolves the alert; and another message is given up, which opens one.
        let open = SmtpServer::start();
        let now = db.clock.now();
        let again = queue(db, vec![new("again", "bad@x.example", of_outreach(), now)]).await[0].id;
        assert_eq!(deliver(db, &open).await, Delivered { sent: 1, ..Delivered::default() });
        let row = crate::mail_stage::message(db, again).await;
        assert_eq!((row.status, row.attempts), (MessageStatus::Sent, 1));
        let lost = queue(db, vec![new("lost", "bad.too@x.example", of_outreach(), now), new("good", "ada@x.example", of_outreach(), now)]).await;
        assert_eq!(deliver(db, &server).await, Delivered { sent: 1, failed: 1, ..Delivered::default() });
        let ended: Vec<_> = [crate::mail_stage::status(db, lost[0].id).await, crate::mail_stage::status(db, lost[1].id).await].into();
        assert!(ended.contains(&MessageStatus::Sent) && ended.contains(&MessageStatus::Failed), "{ended:?}");
        assert_eq!(disabled(db, worse).await, Some(now), "that does not hang on alerts");
        db.clock.advance(LONG);
        assert_eq!(deliver(db, &open).await, Delivered::default());
        assert_eq!((open.accepted().len(), server.accepted().len()), (1, 1));
        // What was not reported then is reported with the next one, once the alert can be read.
        let statement = "UPDATE alert SET evidence = '[]'";
        db.write_tx(async |tx| { sea_orm::ConnectionTrait::execute_unprepared(tx, statement).await.unwrap(); Ok(()) }).await.unwrap();
        queue(db, vec![new("next", "bad@x.example", of_outreach(), db.clock.now())]).await;
        assert_eq!(deliver(db, &open).await.sent, 1);
        assert_eq!(alert_of(db, "bad@x.example").await.alert.status, AlertStatus::Resolved);
    }

    async fn a_storm_of_failures_is_one_alert_and_one_message(db: TestDb) {
        user(db, "ada@x.example", Role::Admin, None).await;
        let server = refusing(SPAM);
        for round in 0..3 {
            let now = db.clock.now();
            let messages = (0..10).map(|place| new(&format!("{round}:{place}"), "bad@x.example", of_outreach(), now)).collect();
            queue(db, messages).await;
            assert_eq!(deliver(db, &server).await, Delivered { failed: 10, sent: u64::from(round == 0), ..Delivered::default() });
            db.clock.advance(LONG);
        }
        let alert = alert_of(db, "bad@x.example").await;
        assert_eq!((alerts(db).await.len(), alert.alert.severity, alert.alert.status), (1, Severity::Medium, AlertStatus::Open));
        assert!(alert.alert.message.contains("to bad@x.example") && alert.alert.message.contains("given up") && alert.alert.message.contains(SPAM), "{}", alert.alert.message);
        assert_eq!(server.accepted().len(), 1);
    }

    async fn many_recipients_at_once_are_a_few_messages(db: TestDb) {
        user(db, "ada@x.example", Role::Admin, None).await;
        let server = refusing(SPAM);
        let names: Vec<String> = (0..30).map(|place| format!("bad{place}@x.example")).collect();
        queue_to(db, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert_eq!(deliver(db, &server).await.failed, 30);
        assert_eq!(alerts(db).await.len(), 30);
        assert_eq!(server.accepted().len(), 5);
        assert_eq!(waiting(db).await, ["ada@x.example"], "the rest is one message when the hour is over");
        db.clock.advance(LONG);
        assert_eq!(deliver(db, &server).await.sent, 1);
        let last = server.accepted().pop().expect("a message").message;
let named = (0..30).filter(|place| last.contains(&format!("bad{place}@x"))).count();
        assert!(named == 20 && last.contains("and 5 more"), "{named} in {last}");
    }

    async fn mail_about_mail_that_fails_makes_no_more_mail(db: TestDb) {
        // Two admins; mail to both of them is refused for its contents.
        user(db, "bad.ada@x.example", Role::Admin, None).await;
        user(db, "bad.ben@x.example", Role::Admin, None).await;
        let server = refusing(SPAM);
        queue_to(db, &["bad.stranger@x.example"]).await;
        assert_eq!(deliver(db, &server).await, Delivered { failed: 3, ..Delivered::default() }, "the stranger's, and both admins' about it");
        assert_eq!(alerts(db).await.len(), 3, "each is an alert to be seen");
        for _ in 0..3 {
            db.clock.advance(LONG);
            assert_eq!((waiting(db).await.len(), deliver(db, &server).await), (0, Delivered::default()));
        }
    }

    async fn the_only_admin_is_not_told_that_mail_does_not_reach_them(db: TestDb) {
        let only = user(db, "bad@x.example", Role::Admin, None).await;
        let server = refusing(UNKNOWN);
        queue_to(db, &["bad@x.example", "bad.other@x.example"]).await;
        deliver(db, &server).await;
        assert!(disabled(db, only).await.is_some());
        db.clock.advance(LONG);
        deliver(db, &server).await;
        assert_eq!((waiting(db).await, server.accepted().len(), alerts(db).await.len()), (vec![], 0, 2), "the alerts stand in the lists");
    }

    async fn it_resolves_itself_when_mail_arrives_and_is_news_when_it_fails_again(db: TestDb) {
        user(db, "ada@x.example", Role::Admin, None).await;
        let server = refusing(SPAM);
        queue_to(db, &["bad@x.example"]).await;
        deliver(db, &server).await;
        server.accept_all();
        db.clock.advance(LONG);
        let next = |key: &str| vec![new(key, "bad@x.example", of_alert(), db.clock.now())];
        queue(db, next("second")).await;
        deliver(db, &server).await;
        let alert = alert_of(db, "bad@x.example").await;
        assert_eq!((alert.alert.status, alert.alert.disposition), (AlertStatus::Resolved, None));
        assert_eq!(server.accepted().len(), 2);
        let server = refusing(UNKNOWN);
        db.clock.advance(LONG);
        queue(db, next("third")).await;
        deliver(db, &server).await;
        let again = alert_of(db, "bad@x.example").await;
        assert_eq!((again.id, again.alert.status, again.alert.severity), (alert.id, AlertStatus::Open, Severity::High));
        assert_eq!(server.accepted().iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ["ada@x.example"], "told again");
    }

    async fn putting_a_message_back_resolves_it_and_has_mail_tried_again(db: TestDb) {
        let bad = user(db, "bad@x.example", Role::Csm, None).await;
        let server = refusing(UNKNOWN);
        let ids = queue_to(db, &["bad@x.example", "bad.other@x.example"]).await;
        deliver(db, &server).await;
        db.clock.advance(LONG);
        assert_eq!(mail::retry(db, &db.system(), &ids[..1], db.clock.now()).await.unwrap(), ids[..1]);
        assert_eq!(alert_of(db, "bad@x.example").await.alert.status, AlertStatus::Resolved);
        assert_eq!(alert_of(db, "bad.other@x.example").await.alert.status, AlertStatus::Open, "nobody has looked after them");
        assert_eq!(disabled(db, bad).await, None);
        deliver(db, &server).await;
        assert_eq!(alert_of(db, "bad@x.example").await.alert.status, AlertStatus::Open, "it was not mended after all");
        assert!(disabled(db, bad).await.is_some());
    }

    async fn resolved_by_hand_it_comes_back_with_the_next_failure_unless_it_is_noise(db: TestDb) {
        let bad = user(db, "bad@x.example", Role::Csm, None).await;
        let server = refusing(UNKNOWN);
        let fail = async |key: &str| {
            db.clock.advance(LONG);
            queue(db, vec![new(key, "bad@x.example", of_alert(), db.clock.now())]).await;
            deliver(db, &server).await
        };
        let resolve = async |said| {
            let moment = Moment { now: db.clock.now(), today: db.clock.now().date_naive() };
            let id = alert_of(db, "bad@x.example").await.id;
            service::alert::resolve(db, &db.system(), &Policy::default(), moment, id, said, None).await.unwrap()
        };
        fail("first").await;
        resolve(Disposition::AlreadyKnown).await;
        assert!(disabled(db, bad).await.is_some(), "nobody has mended anything");
        mail::retry_failed(db, &db.system(), db.clock.now()).await.unwrap();
        deliver(db, &server).await;
        assert_eq!(alert_of(db, "bad@x.example").await.alert.status, AlertStatus::Open);
        resolve(Disposition::Acted).await;
        assert_eq!(disabled(db, bad).await, None, "somebody has");
        fail("second").await;
        assert_eq!(alert_of(db, "bad@x.example").await.alert.status, AlertStatus::Open);
        resolve(Disposition::Noise).await;
        mail::retry_failed(db, &db.system(), db.clock.now()).await.unwrap();
        deliver(db, &server).await;
        assert_eq!(alert_of(db, "bad@x.example").await.alert.status, AlertStatus::Resolved, "muted for 30 days");
    }

    async fn a_message_that_cannot_be_rendered_is_an_alert_and_the_others_go(db: TestDb) {
        user(db, "ada@x.example", Role::Admin, None).await;
        let server = SmtpServer::start();
        let ids = queue_to(db, &["one@x.example", "two@x.example"]).await;
        let broken = entity::outbox::ActiveModel {
            id: sea_orm::ActiveValue::Set(ids[0].uuid()),
            context: sea_orm::ActiveValue::Set("{}".to_owned()),
            ..Default::default()
        };
        db.write_tx(async |tx| {
            sea_orm::ActiveModelTrait::update(broken.clone(), tx).await.expect("the row is broken");
            Ok(())
        }).await.unwrap();
        assert_eq!(deliver(db, &server).await, Delivered { sent: 2, failed: 1, ..Delivered::default() });
        let alert = alert_of(db, "one@x.example").await;
        assert_eq!(alert.alert.severity, Severity::Medium, "it says nothing about their mailbox");
        let mut reached: Vec<String> = server.accepted().into_iter().map(|one| one.to).collect();
        reached.sort();
        assert_eq!(reached, ["ada@x.example", "two@x.example"]);
    }

    async fn a_mail_server_that_takes_nothing_for_days_is_one_alert(db: TestDb) {
        user(db, "ada@x.example", Role::Admin, None).await;
        queue_to(db, &["one@x.example", "two@x.example", "three@x.example"]).await;
        let nobody = format!("smtp://127.0.0.1:{}?tls=none", SmtpServer::start().port());
        // A connection of its own: its statements are the worker's.
        let context = worker::Context { db: service::db::Db::connect(&db.url).await.unwrap(), ..context(db, "w") };
        let worker_db = context.db.clone();
        let often = std::time::Duration::from_millis(5);
        let mail = mail_to_url(&nobody);
        let mail = worker::mail::Mail { pace: worker::mail::Pace { poll: often, slow_poll: often, ..mail.pace }, ..mail };
        let stop = tokio_util::sync::CancellationToken::new();
        let delivering = tokio::spawn(worker::mail::deliver(context, mail, stop.clone()));
        // They were tried, and are nobody's; and the worker looks around again, as often as that it has noticed.
        let tried = "SELECT count(*) FROM outbox WHERE leased_by IS NULL AND (SELECT count(*) FROM outbox WHERE error IS NOT NULL) > 0";
        until("they are tried", async || number(db, tried).await == 3).await;
        let before = worker_db.statements();
        until("the worker looks around", async || worker_db.statements() > before + 40).await;
        // The next attempt is two days later: it is hopeless, and everything is overdue.
        db.clock.advance(TimeDelta::days(2));
        until("they are given up", async || !alerts(db).await.is_empty()).await;
        stop.cancel();
        delivering.await.unwrap();
        worker_db.close().await.unwrap();
        let found = alerts(db).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].alert.key.subject.clone(), found[0].alert.severity), (Subject::None, Severity::High));
        assert!(found[0].alert.message.starts_with("3 messages were given up: given up: the mail server has taken no mail for too long"), "{}", found[0].alert.message);
        assert_eq!(waiting(db).await, ["ada@x.example"], "it waits for the server like everything else");
        // It is back, and the message about it is not sent any more once something else has gone through.
        let server = SmtpServer::start();
        db.clock.advance(LONG);
        queue_to(db, &["four@x.example"]).await;
        deliver(db, &server).await;
        assert_eq!(alerts(db).await[0].alert.status, AlertStatus::Resolved);
    }
}
