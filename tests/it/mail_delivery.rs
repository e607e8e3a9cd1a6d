//! Delivery as it runs on and on: at once, side by side, escalations first, by several workers, and until it is stopped.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use engagement::id::{AccountId, AlertId, UserId};
use engagement::vocabulary::{MessageStatus, Role, TeamRole};
use rapport_tests::TestDb;
use rapport_tests::mail::{ACCOUNT, ALERT, plant};
use rapport_tests::smtp::{Answer, SmtpServer, Verb};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use service::db::Db;
use service::outbox::{EscalationContext, LEASE, ListFilter, NewMessage, OutboxContext};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use worker::mail::{Delivered, Mail, Pace, deliver, deliver_due};

use crate::import_stage::import_texts;
use crate::link_stage::run_sql;
use crate::mail_stage::{
    LONG, context, mail_into, mail_to, mail_to_url, message, new, of_alert, of_outreach, queue, queue_to,
    status, user, with_status,
};

/// Nobody waits longer for anything.
const PATIENCE: Duration = Duration::from_mins(1);

struct Worker {
    stop: CancellationToken,
    running: JoinHandle<Delivered>,
}

impl Worker {
    fn start(db: &TestDb, name: &str, mail: Mail) -> Self {
        let stop = CancellationToken::new();
        let running = tokio::spawn(deliver(context(db, name), mail, stop.clone()));
        Self { stop, running }
    }

    async fn stop(self) -> Delivered {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.running)
            .await
            .expect("it stops")
            .expect("it does not break")
    }
}

async fn until<F: AsyncFnMut() -> bool>(what: &str, mut is: F) {
    let waiting = async {
        while !is().await {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "{what}");
}

/// Waits as [`until`], while a minute passes every now and then: longer than anybody waits before trying a server again.
async fn until_in_time<F: AsyncFnMut() -> bool>(db: &TestDb, what: &str, mut is: F) {
    let mut looks = 0_u32;
    until(what, async || {
        looks += 1;
        if looks.is_multiple_of(200) {
            db.clock.advance(TimeDelta::seconds(61));
        }
        is().await
    })
    .await;
}

/// A pace at which nothing is found by looking.
fn deaf(mail: Mail) -> Mail {
    let never = Duration::from_hours(1);
    Mail {
        pace: Pace {
            poll: never,
            slow_poll: never,
            ..mail.pace
        },
        ..mail
    }
}

async fn join_team(db: &TestDb, account: uuid::Uuid, user: UserId) {
    let row = entity::team_member::ActiveModel {
        account_id: Set(account),
        user_id: Set(user.uuid()),
        team_role: Set(TeamRole::ALL[0].as_str().to_owned()),
    };
    db.write_tx(async |tx| {
        entity::team_member::Entity::insert(row.clone())
            .exec_without_returning(tx)
            .await
            .expect("a member");
        Ok(())
    })
    .await
    .unwrap();
}

rapport_tests::on_both_databases! {
    async fn mail_goes_as_soon_as_its_transaction_is_committed(db: TestDb) {
        let server = SmtpServer::start();
        // It does not look by itself: being told is all there is.
        let worker = Worker::start(db, "w", deaf(mail_to(&server)));
        for round in 1..=5 {
            queue_to(db, &[&format!("u{round}@x.example")]).await;
            tokio::time::timeout(PATIENCE, server.wait_for(round)).await.expect("it comes");
        }
        until("all are settled", async || with_status(db, MessageStatus::Sent).await == 5).await;
        assert_eq!(worker.stop().await.sent, 5);
    }

    async fn mail_that_another_process_queues_goes_too(db: TestDb) {
        let server = SmtpServer::start();
        let worker = Worker::start(db, "w", mail_to(&server));
        let other = Db::connect(&db.url).await.unwrap();
        let now = db.clock.now();
        plant(db, now).await;
        let foreign = vec![new("foreign", "ada@x.example", of_alert(), now)];
        other.write_tx(async |tx| service::outbox::enqueue(tx, now, foreign.clone()).await).await.unwrap();
        tokio::time::timeout(PATIENCE, server.wait_for(1)).await.expect("it comes");
        other.close().await.unwrap();
        worker.stop().await;
    }

    async fn an_escalation_does_not_wait_behind_a_thousand_others(db: TestDb) {
        let server = SmtpServer::start();
        let permits = Arc::new(Semaphore::new(0));
        let hold = permits.clone();
        // Ordinary mail gets nowhere.
        server.script(move |moment| {
            let ordinary = moment.verb == Verb::Message && moment.recipient.starts_with('u');
            if ordinary { Answer::Hold(hold.clone()) } else { Answer::Accept }
        });
        let now = db.clock.now();
        queue(db, (0..1_000).map(|n| new(&format!("{n}"), &format!("u{n}@x.example"), of_outreach(), now)).collect()).await;
        let mut mail = mail_to_url(&server.url());
        mail.transport = patient(&server);
        let worker = Worker::start(db, "w", mail);
        tokio::time::timeout(PATIENCE, server.wait_for(8)).await.expect("as many as there are places");
        let urgent = queue(db, vec![new("urgent", "boss@x.example", of_alert(), now)]).await[0].id;
        until("it is sent", async || status(db, urgent).await == MessageStatus::Sent).await;
        assert_eq!(with_status(db, MessageStatus::Sent).await, 1);
        permits.add_permits(10_000);
        until("the others follow", async || with_status(db, MessageStatus::Sent).await == 1_001).await;
        assert_eq!(worker.stop().await.sent, 1_001);
    }

    async fn one_that_dawdles_does_not_stop_the_others(db: TestDb) {
        let server = SmtpServer::start();
        let permits = Arc::new(Semaphore::new(0));
        let hold = permits.clone();
        server.script(move |moment| if moment.verb == Verb::Message && moment.recipient.starts_with("slow") { Answer::Hold(hold.clone()) } else { Answer::Accept });
        let slow = queue_to(db, &["slow@x.example"]).await[0];
        let mut mail = mail_to(&server);
        mail.transport = patient(&server);
        let worker = Worker::start(db, "w", mail);
        tokio::time::timeout(PATIENCE, server.wait_for(1)).await.expect("it is under way");
        for round in 0..3 {
            let others: Vec<String> = (0..40).map(|n| format!("u{round}.{n}@x.example")).collect();
            queue_to(db, &others.iter().map(String::as_str).collect::<Vec<_>>()).await;
            until("the others are sent", async || with_status(db, MessageStatus::Sent).await == 40 * (round + 1)).await;
        }
        assert_eq!(status(db, slow).await, MessageStatus::Queued);
        permits.add_permits(1);
        until("it is sent too", async || status(db, slow).await == MessageStatus::Sent).await;
        worker.stop().await;
    }

    async fn two_workers_send_each_message_once(db: TestDb) {
        let server = SmtpServer::start();
        let now = db.clock.now();
        queue(db, (0..400).map(|n| new(&format!("{n}"), &format!("u{n}@x.example"), of_outreach(), now)).collect()).await;
        let (one, other) = (Worker::start(db, "one", mail_to(&server)), Worker::start(db, "other", mail_to(&server)));
        until("all are sent", async || with_status(db, MessageStatus::Sent).await == 400).await;
        let (one, other) = (one.stop().await, other.stop().await);
        assert_eq!((one.sent + other.sent, one.fenced + other.fenced), (400, 0));
        let mut copies: HashMap<String, u32> = HashMap::new();
        for received in server.accepted() {
            *copies.entry(received.to).or_default() += 1;
        }
        assert_eq!((copies.len(), copies.values().max()), (400, Some(&1)));
    }

    async fn a_worker_that_lost_its_lease_changes_nothing(db: TestDb) {
        let server = SmtpServer::start();
        let permits = Arc::new(Semaphore::new(0));
        let hold = permits.clone();
        let mut first = true;
        server.script(move |moment| {
            if moment.verb == Verb::Message && std::mem::take(&mut first) { Answer::Hold(hold.clone()) } else { Answer::Accept }
        });
        let id = queue_to(db, &["ada@x.example"]).await[0];
        let mut mail = mail_to(&server);
        mail.transport = patient(&server);
        let asleep = Worker::start(db, "asleep", mail);
        tokio::time::timeout(PATIENCE, server.wait_for(1)).await.expect("it is under way");
        db.clock.advance(LEASE);
        // Another one finds the lease run out, and sends the same bytes.
        assert_eq!(deliver_due(&context(db, "awake"), &mail_to(&server)).await.sent, 1);
        let row = message(db, id).await;
        assert_eq!((row.status, row.attempts), (MessageStatus::Sent, 2));
        permits.add_permits(1);
        let late = asleep.stop().await;
        assert_eq!((late.sent, late.fenced), (0, 1));
        assert_eq!(message(db, id).await, row);
        let copies = server.received();
        assert_eq!(copies.len(), 2);
        assert_eq!(copies[0].message, copies[1].message);
    }

    async fn a_clock_that_jumps_has_nothing_sent_twice_and_loses_nothing(db: TestDb) {
        for (round, jump) in [TimeDelta::hours(1), TimeDelta::hours(-1)].into_iter().enumerate() {
            let server = SmtpServer::start();
            let permits = Arc::new(Semaphore::new(0));
            let hold = permits.clone();
            server.script(move |moment| {
                let held = moment.verb == Verb::Message && moment.recipient.starts_with("held");
                if held { Answer::Hold(hold.clone()) } else { Answer::Accept }
            });
            let mut mail = mail_to(&server);
            mail.transport = patient(&server);
            let often = Duration::from_millis(5);
            let mail = Mail { pace: Pace { poll: often, slow_poll: often, ..mail.pace }, ..mail };
            let worker = Worker::start(db, "w", mail);
            // One under way in each lane, and both lanes have room for more.
            let now = db.clock.now();
            let (plan, alert) = (format!("held.plan{round}@x.example"), format!("held alert {round}"));
            let held = queue(db, vec![new(&plan, &plan, of_outreach(), now), new(&alert, "held.boss@x.example", of_alert(), now)]).await;
            tokio::time::timeout(PATIENCE, server.wait_for(2)).await.expect("they are under way");
            db.clock.advance(jump);
            // It looks again and again, and finds what is queued now.
            for more in 0..3 {
                let (plan, alert) = (format!("plan{round}.{more}@x.example"), format!("alert {round} {more}"));
                let now = db.clock.now();
                let new = queue(db, vec![new(&plan, &plan, of_outreach(), now), new(&alert, "boss@x.example", of_alert(), now)]).await;
                for one in new {
                    until("the others go", async || status(db, one.id).await == MessageStatus::Sent).await;
                }
            }
            assert_eq!(server.received().len(), 2 + 6, "nothing was begun twice");
            permits.add_permits(10);
            for one in held {
                until("what was under way is settled", async || status(db, one.id).await == MessageStatus::Sent).await;
                assert_eq!(message(db, one.id).await.attempts, 1);
            }
            let delivered = worker.stop().await;
            assert_eq!((delivered.sent, delivered.fenced, server.accepted().len()), (8, 0, 8));
        }
    }

    async fn what_was_queued_before_the_clock_was_set_back_goes_when_its_time_comes(db: TestDb) {
        let server = SmtpServer::start();
        let ids = queue_to(db, &["ada@x.example"]).await;
        let queued_at = db.clock.now();
        db.clock.advance(TimeDelta::hours(-1));
        assert_eq!(deliver_due(&context(db, "w"), &mail_to(&server)).await, Delivered::default());
        db.clock.set(queued_at);
        assert_eq!(deliver_due(&context(db, "w"), &mail_to(&server)).await.sent, 1);
        assert_eq!((status(db, ids[0]).await, server.accepted().len()), (MessageStatus::Sent, 1));
    }

    async fn mail_goes_at_once_when_the_clock_of_the_one_who_queues_is_ahead(db: TestDb) {
        let server = SmtpServer::start();
        // It does not look by itself: it finds the message when it is told of it, or not at all.
        let worker = Worker::start(db, "w", deaf(mail_to(&server)));
        let now = db.clock.now() + TimeDelta::milliseconds(200);
        plant(db, now).await;
        let ahead = vec![new("ahead", "ada@x.example", of_alert(), now)];
        db.write_tx(async |tx| service::outbox::enqueue(tx, now, ahead.clone()).await).await.unwrap();
        tokio::time::timeout(PATIENCE, server.wait_for(1)).await.expect("it comes");
        assert_eq!(worker.stop().await.sent, 1);
    }

    async fn what_has_waited_too_long_since_it_was_claimed_is_not_sent(db: TestDb) {
        // The time limit of an attempt reaches beyond the lease as soon as the clock has moved on.
        let server = SmtpServer::start();
        let id = queue_to(db, &["ada@x.example"]).await[0];
        let rows = service::outbox::claim(db, service::outbox::Lane::Ordinary, "slow", 1, db.clock.now()).await.unwrap();
        assert_eq!(rows[0].id, id);
        db.clock.advance(LEASE - TimeDelta::seconds(1));
        assert_eq!(deliver_due(&context(db, "w"), &mail_to(&server)).await, Delivered::default(), "it is still somebody's");
        db.clock.advance(TimeDelta::seconds(1));
        assert_eq!(deliver_due(&context(db, "w"), &mail_to(&server)).await.sent, 1);
    }

    async fn stopping_finishes_or_hands_back(db: TestDb) {
        let server = SmtpServer::start();
        server.script(|moment| match moment.verb {
            Verb::Rcpt if moment.text.contains("<stuck") => Answer::Stall,
            Verb::Message if moment.recipient.starts_with("taken") => Answer::Stall,
            _ => Answer::Accept,
        });
        let ids = queue_to(db, &["stuck@x.example", "taken@x.example"]).await;
        let mut mail = mail_to(&server);
        mail.transport = patient(&server);
        let worker = Worker::start(db, "w", mail);
        until("both are under way", async || {
            server.verbs().iter().filter(|verb| **verb == Verb::Rcpt).count() == 2 && server.received().len() == 1
        }).await;
        let delivered = worker.stop().await;
        assert_eq!((delivered.handed_back, delivered.retried, delivered.ambiguous), (1, 1, 1));
        let stuck = message(db, ids[0]).await;
        assert_eq!((stuck.status, stuck.attempts, stuck.lease, stuck.due_at), (MessageStatus::Queued, 0, None, db.clock.now()), "the next worker has it at once");
        let taken = message(db, ids[1]).await;
        assert_eq!((taken.status, taken.attempts, taken.lease), (MessageStatus::Queued, 1, None));
        assert!(taken.due_at >= db.clock.now() + LEASE, "the server may have it");
    }

    async fn a_server_that_comes_back_is_noticed_and_an_outage_of_a_day_gives_up(db: TestDb) {
        let down = SmtpServer::start();
        down.script(|moment| if moment.verb == Verb::Connect { Answer::Say("421 closed for repairs") } else { Answer::Accept });
        let dead = mail_to(&down);
        let dead = Mail { pace: Pace { poll: Duration::from_millis(5), slow_poll: Duration::from_millis(5), ..dead.pace }, ..dead };
        let now = db.clock.now();
        let plans = queue_to(db, &["a@x.example", "b@x.example", "c@x.example"]).await;
        queue(db, vec![new("alert", "ada@x.example", of_alert(), now)]).await;
        let worker = Worker::start(db, "w", dead);
        until("all have tried", async || down.sessions() == 4).await;
        until_in_time(db, "one tries again", async || with_status(db, MessageStatus::Queued).await == 4 && down.sessions() > 4).await;
        // Hours later it is tried again, and still down; nothing is given up within its time.
        db.clock.advance(TimeDelta::hours(20));
        queue(db, vec![new("later", "d@x.example", of_outreach(), db.clock.now())]).await;
        db.clock.advance(TimeDelta::hours(4) + TimeDelta::seconds(1));
        until_in_time(db, "the plans are given up", async || with_status(db, MessageStatus::Failed).await == 3).await;
        for id in plans {
            let row = message(db, id).await;
            assert!(row.error.as_deref().is_some_and(|error| error.starts_with("given up: the mail server has taken no mail for too long: the mail server answered 421 closed for repairs when connecting")), "{row:?}");
        }
        assert_eq!(with_status(db, MessageStatus::Queued).await, 2, "what was queued later, and the escalation, have time left");
        worker.stop().await;
        let server = SmtpServer::start();
        assert_eq!(deliver_due(&context(db, "w"), &mail_to(&server)).await.sent, 2);
    }

    async fn whoever_lost_access_gets_no_mail(db: TestDb) {
        let accounts = "external_id,name,tier,status\nbolt,Bolt,smb,active\n";
        import_texts(db, &[("accounts.csv", accounts)]).await;
        plant(db, db.clock.now()).await;
        let found = service::record::account::by_external_ids(db, &db.system(), &["bolt".to_owned()]).await.unwrap();
        let (acme, bolt) = (AccountId::from(ACCOUNT), found["bolt"].id);
        let people = [
            ("admin@x.example", Role::Admin, None), ("manager@x.example", Role::Manager, None),
            ("member@x.example", Role::Csm, Some("lead@x.example")), ("lead@x.example", Role::Csm, None),
            ("stranger@x.example", Role::Csm, None), ("named@x.example", Role::Csm, None), ("elsewhere@x.example", Role::Viewer, None), ("onlooker@x.example", Role::Viewer, None),
            ("blind@x.example", Role::Viewer, None),
        ];
        let mut ids = HashMap::new();
        for (email, role, manager) in people {
            ids.insert(email, user(db, email, role, manager).await);
        }
        for (who, account) in [("member@x.example", acme), ("elsewhere@x.example", bolt)] {
            join_team(db, account.uuid(), ids[who]).await;
        }
        run_sql(db, "UPDATE app_user SET sees_everything = (1 = 1) WHERE email IN ('onlooker@x.example', 'elsewhere@x.example', 'stranger@x.example')").await;
        let now = db.clock.now();
        // By the account of the row, or by those that the message tells of.
        for by_row in [true, false] {
            let to = |email: &str| NewMessage {
                user: Some(ids[email]),
                account: by_row.then_some(acme),
                ..new(&format!("{email} {by_row}"), email, of_alert(), now)
            };
            queue(db, people.iter().map(|(email, ..)| to(email)).collect()).await;
        }
        let mut context = context(db, "w");
        context.escalation_to = Arc::from(["named@x.example".parse().unwrap()]);
        let server = SmtpServer::start();
        let delivered = deliver_due(&context, &mail_to(&server)).await;
        let mut got: Vec<_> = server.accepted().into_iter().map(|one| one.to).collect();
        got.sort();
        got.dedup();
        assert_eq!(got, ["admin@x.example", "lead@x.example", "manager@x.example", "member@x.example", "named@x.example", "onlooker@x.example"]);
        assert_eq!((delivered.sent, delivered.canceled), (12, 6));
        let (canceled, _) = service::outbox::list(db, service::outbox::ListFilter { status: Some(MessageStatus::Canceled), kind: None }, 9).await.unwrap();
        assert!(canceled.iter().all(|row| row.error.as_deref() == Some("the recipient may not see the account any more") && row.message.is_none()));
    }

    async fn an_address_that_is_no_users_gets_mail_while_it_has_to_do_with_the_account(db: TestDb) {
        let now = db.clock.now();
        plant(db, now).await;
        // Two members of the team, each with a manager who is no user.
        for (email, manager) in [("ann@x.example", "lead@x.example"), ("max@x.example", "head@x.example")] {
            let id = user(db, email, Role::Csm, Some(manager)).await;
            join_team(db, ACCOUNT, id).await;
        }
        let strangers = ["lead@x.example", "head@x.example", "board@x.example", "former@x.example"];
        queue(db, strangers.map(|to| new(to, to, of_alert(), now)).into()).await;
        let named = |to: &[&str]| {
            let to: Vec<_> = to.iter().map(|to| to.parse().unwrap()).collect();
            worker::Context { escalation_to: to.into(), ..context(db, "w") }
        };
        // The mail server is away for a while. Somebody else leads Max by then, and the addresses for escalations have changed.
        let server = SmtpServer::start();
        server.script(|moment| if moment.verb == Verb::Rcpt { Answer::Say("451 4.3.0 later") } else { Answer::Accept });
        assert_eq!(deliver_due(&named(&["board@x.example", "former@x.example"]), &mail_to(&server)).await.retried, 4);
        run_sql(db, "UPDATE app_user SET manager_email = 'other@x.example' WHERE email = 'max@x.example'").await;
        server.accept_all();
        db.clock.advance(LONG);
        let delivered = deliver_due(&named(&["board@x.example"]), &mail_to(&server)).await;
        assert_eq!((delivered.sent, delivered.canceled), (2, 2));
        let mut got: Vec<_> = server.accepted().into_iter().map(|one| one.to).collect();
        got.sort();
        assert_eq!(got, ["board@x.example", "lead@x.example"]);
        let canceled = ListFilter { status: Some(MessageStatus::Canceled), kind: None };
        let (canceled, _) = service::outbox::list(db, canceled, 9).await.unwrap();
        let why = "the recipient is no user, and neither an escalation address nor a manager of whom it is about any more";
        assert!(canceled.iter().all(|row| row.error.as_deref() == Some(why)), "{canceled:?}");
    }

    async fn of_several_alerts_only_those_are_told_that_the_reader_may_see(db: TestDb) {
        let now = db.clock.now();
        plant(db, now).await;
        import_texts(db, &[("accounts.csv", "external_id,name,tier,status\nbolt,Bolt Works,smb,active\ncask,Cask Ltd,smb,active\n")]).await;
        let found = service::record::account::by_external_ids(db, &db.system(), &["bolt".to_owned(), "cask".to_owned()]).await.unwrap();
        let (bolt, cask) = (found["bolt"].id.uuid(), found["cask"].id.uuid());
        let mut alerts = vec![AlertId::from(ALERT)];
        for (number, account) in [(20, bolt), (21, cask)] {
            let id = uuid::Uuid::from_u128(number);
            db.write_tx(async |tx| {
                let model = entity::alert::Entity::find_by_id(ALERT).one(tx).await.expect("alerts").expect("the alert");
                let copy = entity::alert::ActiveModel { id: Set(id), account_id: Set(Some(account)), account_key: NotSet, ..model.into_active_model().reset_all() };
                entity::alert::Entity::insert(copy).exec_without_returning(tx).await.expect("another alert");
                Ok(())
            }).await.unwrap();
            alerts.push(id.into());
        }
        let ann = user(db, "ann@x.example", Role::Csm, None).await;
        for account in [ACCOUNT, bolt, cask] {
            join_team(db, account, ann).await;
        }
        let leave = async |account: uuid::Uuid| {
            db.write_tx(async |tx| {
                entity::team_member::Entity::delete_by_id((account, ann.uuid())).exec(tx).await.expect("she leaves");
                Ok(())
            }).await.unwrap();
        };
        let joined = OutboxContext::Alert(EscalationContext { alerts, ..EscalationContext::default() });
        let message_to_ann = NewMessage { user: Some(ann), alert: None, ..new("joined", "ann@x.example", joined, now) };
        let id = queue(db, vec![message_to_ann]).await[0].id;
        let server = SmtpServer::start();
        server.script(|moment| if moment.verb == Verb::Rcpt { Answer::Say("451 4.3.0 later") } else { Answer::Accept });
        let try_again = async || {
            db.clock.advance(LONG);
            deliver_due(&context(db, "w"), &mail_to(&server)).await
        };
        // Before anything was written.
        leave(cask).await;
        assert_eq!(try_again().await.retried, 1);
        let first = message(db, id).await;
        let text = first.message.clone().unwrap();
        assert!(text.contains("Harlan") && text.contains("Bolt Works") && !text.contains("Cask Ltd"), "{text}");
        // What was written stays while it is true.
        assert_eq!(try_again().await.retried, 1);
        assert_eq!(message(db, id).await.message.unwrap(), text);
        // And is written anew, as another message, when it says too much.
        leave(bolt).await;
        assert_eq!(try_again().await.retried, 1);
        let second = message(db, id).await;
        let text = second.message.clone().unwrap();
        assert!(text.contains("Harlan") && !text.contains("Bolt Works"), "{text}");
        assert_ne!(first.message_id, second.message_id);
        assert_eq!(try_again().await.retried, 1);
        assert_eq!(message(db, id).await.message.unwrap(), text, "once");
        // With nothing left there is nothing to say.
        leave(ACCOUNT).await;
        assert_eq!(try_again().await.canceled, 1);
        let row = message(db, id).await;
        assert_eq!((row.status, row.error.as_deref()), (MessageStatus::Canceled, Some("the recipient may not see the account any more")));
    }

    async fn without_a_mail_server_there_are_files(db: TestDb) {
        let folder = db.scratch().join("deep/outbox");
        let ids = queue_to(db, &["ada@x.example", "ben@x.example"]).await;
        db.clock.advance(TimeDelta::minutes(1));
        let alert = queue(db, vec![new("alert", "ada@x.example", of_alert(), db.clock.now())]).await[0].id;
        assert_eq!(deliver_due(&context(db, "w"), &mail_into(&folder)).await.sent, 3);
        let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names.len(), 3, "{names:?}");
        assert_eq!(names[2], format!("20260617T120100.000000Z-alert-{alert}.eml"));
        for id in ids {
            let name = names.iter().find(|name| name.contains(&id.to_string())).unwrap();
            assert_eq!(std::fs::read_to_string(folder.join(name)).unwrap(), message(db, id).await.message.unwrap());
        }
        // A folder that cannot be one is an outage, not the messages' fault.
        let file = db.scratch().join("file");
        std::fs::write(&file, "").unwrap();
        let id = queue_to(db, &["cy@x.example"]).await[0];
        assert_eq!(deliver_due(&context(db, "w"), &mail_into(&file)).await.handed_back, 1);
        assert_eq!((status(db, id).await, message(db, id).await.attempts), (MessageStatus::Queued, 0));
    }
}

/// A way to the server with time limits that do not run out while a test holds an answer back.
fn patient(server: &SmtpServer) -> Arc<worker::mail::Transport> {
    let long = Duration::from_secs(50);
    let limits = worker::mail::Limits {
        connect: long,
        command: long,
        message: long,
        whole: long,
    };
    Arc::new(worker::mail::Transport::Smtp(Box::new(
        worker::mail::Smtp::new(server.url().parse().unwrap(), limits).unwrap(),
    )))
}
