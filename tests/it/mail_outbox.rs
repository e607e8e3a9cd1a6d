//! The outbox as a table: queueing once, claiming by one, settling by its owner, and what an operator sees of it.

use std::collections::HashSet;

use chrono::TimeDelta;
use engagement::vocabulary::{MessageKind, MessageStatus};
use rapport_tests::Kind;
use rapport_tests::mail::plant;
use service::db::Db;
use service::error::ServiceError;
use service::mail;
use service::mail::{Ending, Kept, Settlement, keep, retry, retry_failed, settle};
use service::outbox::{
    self, LEASE, LONGEST_LEASE, Lane, ListFilter, SKEW, Tally, claim, claim_beside, depth, due_lanes,
    enqueue, forward_notifications, tally,
};

use crate::mail_stage::{
    LONG, instant, message, new, of_alert, of_outreach, queue, queue_to, status, with_status,
};

rapport_tests::on_both_databases! {
    async fn a_natural_key_is_one_message_whoever_queues_it_and_however_often(db: TestDb) {
        let now = db.clock.now();
        let first = queue(db, vec![new("a", "ada@x.example", of_alert(), now), new("b", "ben@x.example", of_alert(), now)]).await;
        assert_eq!(first.iter().map(|one| one.natural_key.as_str()).collect::<HashSet<_>>(), HashSet::from(["a", "b"]));
        let again = queue(db, vec![new("b", "ben@x.example", of_outreach(), now), new("c", "cy@x.example", of_alert(), now)]).await;
        assert_eq!(again.iter().map(|one| (one.natural_key.as_str(), one.recipient.expose())).collect::<Vec<_>>(), [("c", "cy@x.example")]);
        // Twice in one call, and by two at once.
        let twice = queue(db, vec![new("d", "d@x.example", of_alert(), now); 2]).await;
        assert_eq!(twice.len(), 1);
        let race = || queue(db, (0..50).map(|n| new(&format!("race {n}"), "r@x.example", of_alert(), now)).collect());
        let (one, other) = tokio::join!(race(), race());
        assert_eq!(one.len() + other.len(), 50);
        // A sent one is there as well.
        let rows = claim(db, Lane::Urgent, "w", 100, now).await.unwrap();
        let sent: Vec<_> = rows.into_iter().map(|row| Settlement { row, ending: Ending::Sent }).collect();
        assert_eq!(settle(db, &sent, now).await.unwrap().ours.len(), 54);
        assert_eq!(queue(db, vec![new("a", "ada@x.example", of_alert(), now)]).await, []);
    }

    async fn thousands_are_queued_at_once(db: TestDb) {
        let now = db.clock.now();
        let many: Vec<_> = (0..5_000).map(|n| new(&format!("many {n}"), &format!("u{n}@x.example"), of_outreach(), now)).collect();
        let before = db.statements();
        assert_eq!(queue(db, many).await.len(), 5_000);
        assert!(db.statements() - before <= 12, "{} statements", db.statements() - before);
    }

    async fn nothing_is_queued_by_a_transaction_that_fails_and_nobody_is_woken(db: TestDb) {
        let mut queued = db.mail_queued();
        queued.borrow_and_update();
        let now = db.clock.now();
        let failed = db
            .write_tx(async |tx| {
                enqueue(tx, now, vec![new("a", "ada@x.example", of_alert(), now)]).await?;
                Err::<(), _>(ServiceError::Conflict("changed its mind".to_owned()))
            })
            .await;
        assert!(failed.is_err());
        assert!(!queued.has_changed().unwrap());
        assert_eq!(with_status(db, MessageStatus::Queued).await, 0);
        db.write_tx(async |tx| service::outbox::enqueue(tx, now, vec![]).await).await.unwrap();
        assert!(!queued.has_changed().unwrap(), "nothing was queued");
        queue(db, vec![new("a", "ada@x.example", of_alert(), now)]).await;
        assert!(queued.has_changed().unwrap());
        queued.borrow_and_update();
        queue(db, vec![new("a", "ada@x.example", of_alert(), now)]).await;
        assert!(!queued.has_changed().unwrap(), "it was there already");
    }

    async fn another_process_hears_of_mail_where_the_database_tells_it(db: TestDb) {
        let other = Db::connect(&db.url).await.unwrap();
        let (mut queued, heard) = (other.mail_queued(), tokio::sync::Notify::new());
        if db.kind() == Kind::Sqlite {
            // It says at once that there is nothing to hear.
            assert!(!forward_notifications(&other, || panic!("SQLite tells nobody")).await.unwrap());
        } else {
            let listening = forward_notifications(&other, || heard.notify_one());
            let hearing = async {
                heard.notified().await;
                queued.borrow_and_update();
                queue_to(db, &["ada@x.example"]).await;
                queued.changed().await.unwrap();
            };
            tokio::select! {
                ended = listening => panic!("it stopped listening: {ended:?}"),
                () = hearing => {}
            }
        }
        other.close().await.unwrap();
    }

    async fn two_workers_share_what_is_due_and_no_row_goes_to_both(db: TestDb) {
        let addresses: Vec<String> = (0..200).map(|n| format!("u{n}@x.example")).collect();
        let ids = queue_to(db, &addresses.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let other = Db::connect(&db.url).await.unwrap();
        let now = db.clock.now();
        let take = async |db: &Db, worker: &str| {
            let mut taken = Vec::new();
            loop {
                let rows = claim(db, Lane::Ordinary, worker, 7, now).await.unwrap();
                if rows.is_empty() {
                    break taken;
                }
                assert!(rows.len() <= 7);
                taken.extend(rows.into_iter().map(|row| row.id));
            }
        };
        let first = async |db: &Db, worker: &str| claim(db, Lane::Ordinary, worker, 7, now).await.unwrap();
        let (mut one, mut two) = tokio::join!(first(db, "one"), first(&other, "two"));
        assert_eq!((one.len(), two.len()), (7, 7));
        let (more, more_too) = tokio::join!(take(db, "one"), take(&other, "two"));
        let one: Vec<_> = one.drain(..).map(|row| row.id).chain(more).collect();
        let two: Vec<_> = two.drain(..).map(|row| row.id).chain(more_too).collect();
        let all: HashSet<_> = one.iter().chain(&two).copied().collect();
        assert_eq!((all.len(), one.len() + two.len()), (200, 200));
        assert_eq!(all, ids.into_iter().collect());
        other.close().await.unwrap();
    }

    async fn a_lease_runs_out_and_fences_its_owner_off(db: TestDb) {
        let id = queue_to(db, &["ada@x.example"]).await[0];
        let claimed_at = db.clock.now();
        let slow = claim(db, Lane::Ordinary, "slow", 9, claimed_at).await.unwrap().remove(0);
        db.clock.set(claimed_at + LEASE - TimeDelta::microseconds(1));
        assert_eq!(claim(db, Lane::Ordinary, "quick", 9, db.clock.now()).await.unwrap(), []);
        assert_eq!(due_lanes(db, db.clock.now()).await.unwrap(), []);
        db.clock.set(claimed_at + LEASE);
        assert_eq!(due_lanes(db, db.clock.now()).await.unwrap(), [Lane::Ordinary]);
        let quick = claim(db, Lane::Ordinary, "quick", 9, db.clock.now()).await.unwrap().remove(0);
        assert_eq!((quick.id, quick.attempts), (id, 2));
        // The first one comes back: it may neither change the message nor settle it.
        let text = |row| Kept { row, message_id: "x@y", message: "late", narrowed: None };
        assert!(keep(db, &[text(&slow)], db.clock.now()).await.unwrap().is_empty());
        for ending in [Ending::Sent, Ending::HandedBack { error: None }, Ending::Failed { error: "no".to_owned(), unknown_recipient: true }] {
            let late = Settlement { row: slow.clone(), ending };
            let settled = settle(db, &[late], db.clock.now()).await.unwrap();
            assert!(settled.ours.is_empty() && settled.given_up.is_empty());
        }
        assert_eq!(message(db, id).await.message, None);
        assert_eq!(keep(db, &[Kept { row: &quick, message_id: "m@v", message: "Subject: x\r\n\r\nü \u{1F600}", narrowed: None }], db.clock.now()).await.unwrap().len(), 1);
        settle(db, &[Settlement { row: quick.clone(), ending: Ending::Sent }], db.clock.now()).await.unwrap();
        let row = message(db, id).await;
        assert_eq!((row.status, row.message.as_deref(), row.message_id.as_deref()), (MessageStatus::Sent, Some("Subject: x\r\n\r\nü \u{1F600}"), Some("m@v")));
        // The owner itself cannot settle twice either.
        assert!(settle(db, &[Settlement { row: quick, ending: Ending::HandedBack { error: None } }], db.clock.now()).await.unwrap().ours.is_empty());
        assert_eq!(status(db, id).await, MessageStatus::Sent);
    }

    async fn the_same_worker_is_fenced_off_by_its_own_later_claim(db: TestDb) {
        queue_to(db, &["ada@x.example"]).await;
        let first = claim(db, Lane::Ordinary, "w", 9, db.clock.now()).await.unwrap().remove(0);
        db.clock.advance(LEASE);
        let second = claim(db, Lane::Ordinary, "w", 9, db.clock.now()).await.unwrap().remove(0);
        assert!(settle(db, &[Settlement { row: first, ending: Ending::Sent }], db.clock.now()).await.unwrap().ours.is_empty());
        assert_eq!(settle(db, &[Settlement { row: second, ending: Ending::Sent }], db.clock.now()).await.unwrap().ours.len(), 1);
    }

    async fn keeping_renews_a_lease_from_the_instant_that_it_is_given(db: TestDb) {
        let id = queue_to(db, &["ada@x.example"]).await[0];
        let now = db.clock.now();
        let row = claim(db, Lane::Ordinary, "w", 9, now).await.unwrap().remove(0);
        let later = now + TimeDelta::seconds(20);
        keep(db, &[Kept { row: &row, message_id: "m@v", message: "x", narrowed: None }], later).await.unwrap();
        assert_eq!(message(db, id).await.lease.map(|(_, until)| until), Some(later + LEASE));
    }

    async fn a_lease_of_a_clock_that_is_wrong_is_none(db: TestDb) {
        let now = db.clock.now();
        for (ahead, free) in [
            (TimeDelta::zero(), false),
            (LONGEST_LEASE - LEASE, false),
            (LONGEST_LEASE - LEASE + TimeDelta::microseconds(1), true),
            (TimeDelta::hours(1), true),
        ] {
            queue(db, vec![new(&format!("{ahead}"), "ada@x.example", of_alert(), now)]).await;
            // Whoever claimed it has died since.
            assert_eq!(claim(db, Lane::Urgent, "fast", 9, now + ahead).await.unwrap().len(), 1);
            assert_eq!(due_lanes(db, now).await.unwrap() == [Lane::Urgent], free, "{ahead}");
            let again = claim(db, Lane::Urgent, "right", 9, now).await.unwrap();
            assert_eq!(again.len(), usize::from(free), "{ahead}");
            assert!(claim_beside(db, Lane::Urgent, "right", 9, &again.iter().map(|row| row.id).collect::<Vec<_>>(), now).await.unwrap().is_empty());
            let later = now + ahead + LEASE;
            let rows = claim(db, Lane::Urgent, "end", 9, later).await.unwrap();
            let sent: Vec<_> = rows.into_iter().map(|row| Settlement { row, ending: Ending::Sent }).collect();
            assert_eq!(settle(db, &sent, later).await.unwrap().ours.len(), 1, "{ahead}");
        }
    }

    async fn an_hour_that_no_clock_should_have_gained_gives_nothing_up_that_is_in_hand(db: TestDb) {
        let ids = queue_to(db, &["a@x.example", "b@x.example", "c@x.example"]).await;
        let now = db.clock.now();
        let rows = claim(db, Lane::Ordinary, "w", 2, now).await.unwrap();
        let in_hand: Vec<_> = rows.iter().map(|row| row.id).collect();
        assert_eq!(in_hand, ids[..2]);
        let given_up = mail::give_up_overdue(db, "down", &in_hand[..1], now + TimeDelta::hours(25)).await.unwrap();
        assert_eq!(given_up.iter().map(|one| one.id).collect::<HashSet<_>>(), HashSet::from([ids[1], ids[2]]));
        assert_eq!(status(db, ids[0]).await, MessageStatus::Queued);
    }

    async fn what_was_put_off_by_a_clock_that_is_wrong_is_due(db: TestDb) {
        let now = db.clock.now();
        queue_to(db, &["ada@x.example"]).await;
        let put_off = async |until| {
            let row = claim(db, Lane::Ordinary, "fast", 9, now).await.unwrap().remove(0);
            let ending = Ending::Retry { at: until, error: "later".to_owned() };
            settle(db, &[Settlement { row, ending }], now).await.unwrap();
        };
        put_off(now + TimeDelta::hours(3)).await;
        assert_eq!(due_lanes(db, now).await.unwrap(), [Lane::Ordinary], "no wait is so long");
        put_off(now + TimeDelta::hours(1)).await;
        assert_eq!(due_lanes(db, now).await.unwrap(), []);
        assert_eq!(claim(db, Lane::Ordinary, "w", 9, now + TimeDelta::hours(1)).await.unwrap().len(), 1);
        // What is to wait, and was never tried, waits.
        queue(db, vec![new("joined", "a@x.example", of_outreach(), now + TimeDelta::hours(3))]).await;
        assert_eq!(due_lanes(db, now).await.unwrap(), []);
    }

    async fn what_a_clock_a_little_ahead_has_queued_goes_at_once(db: TestDb) {
        let now = db.clock.now();
        let ahead = now + SKEW;
        plant(db, now).await;
        let queue_at = async |key: &str, at, due| {
            let messages = vec![new(key, "ada@x.example", of_outreach(), due)];
            db.write_tx(async |tx| enqueue(tx, at, messages.clone()).await).await.unwrap()[0].id
        };
        let more = TimeDelta::microseconds(1);
        queue_at("too far ahead", ahead + more, ahead + more).await;
        queue_at("to wait", now, ahead).await;
        assert_eq!(due_lanes(db, now).await.unwrap(), []);
        assert_eq!(claim(db, Lane::Ordinary, "w", 9, now).await.unwrap(), []);
        let id = queue_at("now", ahead, ahead).await;
        assert_eq!(due_lanes(db, now).await.unwrap(), [Lane::Ordinary]);
        let row = claim(db, Lane::Ordinary, "w", 9, now).await.unwrap().remove(0);
        assert_eq!(row.id, id);
        // Tried in vain, it waits for its time.
        let ending = Ending::Retry { at: ahead, error: "later".to_owned() };
        settle(db, &[Settlement { row, ending }], now).await.unwrap();
        assert_eq!(due_lanes(db, now).await.unwrap(), []);
        assert_eq!(claim(db, Lane::Ordinary, "w", 9, ahead + more).await.unwrap().len(), 3);
    }

    async fn lanes_and_order(db: TestDb) {
        let now = db.clock.now();
        let later = now + TimeDelta::minutes(5);
        queue(db, vec![
            new("late", "l@x.example", of_outreach(), now),
            new("early", "e@x.example", of_outreach(), now - TimeDelta::minutes(1)),
            new("future", "f@x.example", of_outreach(), later),
            new("urgent", "u@x.example", of_alert(), later),
        ]).await;
        assert_eq!(due_lanes(db, now).await.unwrap(), [Lane::Ordinary]);
        let first = claim(db, Lane::Ordinary, "w", 1, now).await.unwrap();
        assert_eq!(first[0].recipient.as_ref().unwrap().expose(), "e@x.example");
        assert_eq!(claim(db, Lane::Ordinary, "w", 9, now).await.unwrap().len(), 1);
        assert_eq!(claim(db, Lane::Urgent, "w", 9, now).await.unwrap(), []);
        assert_eq!(due_lanes(db, later).await.unwrap(), Lane::ALL);
        assert_eq!(claim(db, Lane::Urgent, "w", 9, later).await.unwrap()[0].kind, MessageKind::Alert);
    }

    async fn what_an_operator_sees_and_puts_back(db: TestDb) {
        let ids = queue_to(db, &["a@x.example", "b@x.example", "c@x.example", "d@x.example"]).await;
        queue(db, vec![new("later", "e@x.example", of_alert(), db.clock.now() + LONG)]).await;
        let now = db.clock.now() + TimeDelta::seconds(90);
        let waiting = depth(db, now).await.unwrap();
        assert_eq!((waiting.queued, waiting.due, waiting.oldest_due_at), (5, 4, Some(db.clock.now())));
        let rows = claim(db, Lane::Ordinary, "w", 9, now).await.unwrap();
        let failed = || Ending::Failed { error: "550 no\0".to_owned(), unknown_recipient: false };
        let endings = [Ending::Sent, failed(), Ending::Canceled { reason: "gone".to_owned() }, Ending::HandedBack { error: Some("down".to_owned()) }];
        let settlements: Vec<_> = ids.iter().zip(endings).map(|(id, ending)| {
            Settlement { row: rows.iter().find(|row| row.id == *id).unwrap().clone(), ending }
        }).collect();
        let settled = settle(db, &settlements, now).await.unwrap();
        assert_eq!(settled.ours.len(), 4);
        assert_eq!(settled.given_up.iter().map(|one| one.id).collect::<Vec<_>>(), [ids[1]]);
        let row = message(db, ids[1]).await;
        assert_eq!((row.error.as_deref(), row.finished_at, row.attempts, row.lease), (Some("550 no"), Some(now), 1, None));
        let back = message(db, ids[3]).await;
        assert_eq!((back.status, back.attempts, back.error.as_deref(), back.due_at), (MessageStatus::Queued, 0, Some("down"), db.clock.now()));
        let count = |kind, status, messages| Tally { kind, status, messages };
        assert_eq!(tally(db).await.unwrap(), [
            count(MessageKind::Alert, MessageStatus::Queued, 1),
            count(MessageKind::OutreachPlanned, MessageStatus::Canceled, 1),
            count(MessageKind::OutreachPlanned, MessageStatus::Failed, 1),
            count(MessageKind::OutreachPlanned, MessageStatus::Queued, 1),
            count(MessageKind::OutreachPlanned, MessageStatus::Sent, 1),
        ]);
        let only = |status, kind| ListFilter { status, kind };
        let (listed, total) = outbox::list(db, only(Some(MessageStatus::Failed), None), 9).await.unwrap();
        assert_eq!((listed[0].id, total), (ids[1], 1));
        assert_eq!(outbox::list(db, only(None, Some(MessageKind::OutreachPlanned)), 2).await.unwrap().0.len(), 2);

        let later = now + TimeDelta::days(3);
        assert_eq!(retry(db, &db.system(), &ids, later).await.unwrap().into_iter().collect::<HashSet<_>>(), HashSet::from([ids[1], ids[2]]));
        let row = message(db, ids[1]).await;
        assert_eq!((row.status, row.attempts, row.due_at, row.give_up_at), (MessageStatus::Queued, 0, later, later + TimeDelta::hours(24)));
        assert_eq!(retry_failed(db, &db.system(), later).await.unwrap(), []);
        assert_eq!(status(db, ids[0]).await, MessageStatus::Sent, "what was sent stays sent");
    }

    async fn what_cannot_be_a_row_is_refused_by_the_database(db: TestDb) {
        let id = queue_to(db, &["a@x.example"]).await[0];
        for change in [
            "status = 'LOST'", "kind = 'SPAM'", "priority = 2", "attempts = -1", "status = 'SENT'", "leased_by = 'w'", "message = 'x'",
            "natural_key = ''", "recipient = ''",
        ] {
            let statement = format!("UPDATE outbox SET {change}");
            let refused = db.write_tx(async |tx| {
                Ok(sea_orm::ConnectionTrait::execute_unprepared(tx, &statement).await.is_err())
            }).await;
            assert!(!matches!(refused, Ok(false)), "{change}");
        }
        assert_eq!(message(db, id).await.queued_at, instant("2026-06-17T12:00:00Z"));
    }
}
