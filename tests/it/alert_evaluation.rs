//! Alerts follow scores: opened as a baseline, updated and not doubled, raised, mailed up the ladder, resolved.

use chrono::TimeDelta;
use rapport_tests::on_both_databases;
use service::access::Access;

use crate::alert_stage::{alerts, evaluate, import, queued, settings, shown, stage, the, watch};
use crate::import_stage::number;

/// Six of our e-mails to `acme` that nobody answers, after its last meeting.
const UNANSWERED: &str = "account_external_id,external_id,kind,direction,status,occurred_at,participants\n\
    acme,u1,email,outbound,completed,2026-06-17T10:00:00Z,c1\nacme,u2,email,outbound,completed,2026-06-17T11:00:00Z,c1\n\
    acme,u3,email,outbound,completed,2026-06-17T12:00:00Z,c1\nacme,u4,email,outbound,completed,2026-06-17T13:00:00Z,c1\n\
    acme,u5,email,outbound,completed,2026-06-17T14:00:00Z,c1\nacme,u6,email,outbound,completed,2026-06-17T15:00:00Z,c1\n";

/// Mails that were answered the next day, in this window and in the one before: what comes after them is silence, and no fall.
fn answered() -> String {
    let mail = |(n, day): (usize, &str)| {
        format!("acme,a{n},email,outbound,completed,{day}T10:00:00Z,{day}T20:00:00Z,c1\n")
    };
    let days = [
        "2026-01-12",
        "2026-01-19",
        "2026-01-26",
        "2026-02-02",
        "2026-02-09",
        "2026-02-16",
        "2026-02-23",
        "2026-03-02",
        "2026-03-09",
        "2026-03-16",
        "2026-03-30",
        "2026-04-06",
        "2026-04-13",
        "2026-04-20",
        "2026-04-27",
        "2026-05-04",
        "2026-05-11",
        "2026-05-18",
        "2026-05-25",
        "2026-06-01",
        "2026-06-08",
    ];
    let head =
        "account_external_id,external_id,kind,direction,status,occurred_at,responded_at,participants\n"
            .to_owned();
    days.into_iter()
        .enumerate()
        .map(mail)
        .fold(head, |text, row| text + &row)
}

on_both_databases! {
    async fn the_first_evaluation_is_the_baseline_and_climbs_no_ladder(db: TestDb) {
        stage(db).await;
        import(db, &[("sponsorships.csv", "account_external_id,contact_external_id,since,rank,deleted\nacme,c1,2025-01-01,primary,true\n\
            acme,c2,2025-01-01,backup,true\n")]).await;
        let done = evaluate(db).await;
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *", "backup.missing MEDIUM OPEN *", "signal.sponsor_missing CRITICAL OPEN *"]);
        assert_eq!((done.alerts.opened, done.alerts.messages), (3, 0));
        assert_eq!(queued(db).await, Vec::<String>::new());
        // Again, the same day and the next: the same alerts, nothing new.
        let again = evaluate(db).await;
        assert_eq!(again.alerts, service::alert::AlertCounts::default());
        db.clock.advance(TimeDelta::days(1));
        assert_eq!(evaluate(db).await.alerts, service::alert::AlertCounts::default());
        assert_eq!(number(db, "SELECT count(*) FROM alert").await, 3);
        assert_eq!(the(db, "signal.sponsor_missing").await.alert.last_seen_on.to_string(), "2026-06-18");
    }

    async fn what_becomes_critical_later_is_mailed_to_the_team_then_to_managers_then_to_the_addresses(db: TestDb) {
        stage(db).await;
        import(db, &[("interactions.csv", &answered())]).await;
        evaluate(db).await;
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *"]);
        import(db, &[("interactions.csv", UNANSWERED)]).await;
        // The sixth is mature 72 weekday hours after it was sent: on Monday.
        db.clock.set("2026-06-22T15:00:00Z".parse().unwrap());
        let done = evaluate(db).await;
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *", "signal.unanswered_outreach CRITICAL OPEN"]);
        assert_eq!((done.alerts.opened, done.alerts.messages), (1, 2));
        assert_eq!(queued(db).await, ["ALERT ann@example.com", "ALERT max@example.com"]);
        let alert = the(db, "signal.unanswered_outreach").await.alert;
        assert_eq!((alert.evidence.count, alert.evidence.interactions.len(), alert.rung), (6, 6, 1));

        db.clock.advance(TimeDelta::hours(23));
        watch(db).await;
        assert_eq!(queued(db).await.len(), 2, "not yet");
        db.clock.advance(TimeDelta::hours(1));
        watch(db).await;
        // Bea is Ann's manager, Max manages the team; he was told on the first rung, but this is another message.
        assert_eq!(queued(db).await, ["ALERT ann@example.com", "ALERT bea@example.com", "ALERT max@example.com", "ALERT max@example.com"]);
        db.clock.advance(TimeDelta::hours(48));
        assert_eq!(watch(db).await.alerts.messages, 1);
        assert_eq!(watch(db).await.alerts.messages, 0, "again changes nothing");
        assert!(queued(db).await.contains(&"ALERT board@example.com".to_owned()));
        assert_eq!(the(db, "signal.unanswered_outreach").await.alert.rung, 3);
    }

    async fn an_alert_resolves_itself_after_two_clear_days(db: TestDb) {
        stage(db).await;
        import(db, &[("interactions.csv", &answered())]).await;
        evaluate(db).await;
        import(db, &[("interactions.csv", UNANSWERED)]).await;
        db.clock.set("2026-06-22T15:00:00Z".parse().unwrap());
        evaluate(db).await;
        import(db, &[("interactions.csv", "account_external_id,external_id,kind,direction,status,occurred_at,from_contact\n\
            acme,r1,email,inbound,completed,2026-06-22T15:30:00Z,c1\n")]).await;
        db.clock.advance(TimeDelta::hours(1));
        for _ in 0..2 {
            evaluate(db).await;
            assert_eq!(the(db, "signal.unanswered_outreach").await.alert.status.as_str(), "OPEN", "once a day counts once");
        }
        db.clock.advance(TimeDelta::days(1));
        assert_eq!(evaluate(db).await.alerts.resolved, 1);
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *", "signal.unanswered_outreach CRITICAL RESOLVED"]);
    }

    async fn alerts_end_with_the_customer(db: TestDb) {
        stage(db).await;
        evaluate(db).await;
        import(db, &[("accounts.csv", "external_id,status,churned_on\nbolt,churned,2026-06-16\n")]).await;
        assert_eq!(watch(db).await.alerts.resolved, 1);
        assert_eq!(shown(db).await, ["backup.missing MEDIUM RESOLVED *"]);
    }

    async fn a_feed_that_dries_up_is_told_to_the_administrators_and_silences_what_depends_on_it(db: TestDb) {
        stage(db).await;
        evaluate(db).await;
        // Gaps of up to six days are usual here: three times that, and nobody has said a word.
        db.clock.advance(TimeDelta::days(70));
        let watched = watch(db).await;
        assert_eq!((watched.stale_feeds, watched.accounts), (1, 2));
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *", "data.stale HIGH OPEN"]);
        assert_eq!(queued(db).await, ["ALERT ada@example.com"]);
        assert_eq!(watch(db).await.alerts.messages, 0, "once");
        let csm = Access::of(uuid::Uuid::from_u128(1).into(), engagement::vocabulary::Role::Csm);
        assert!(alerts(db, &csm).await.is_empty());
        assert_eq!(settings().escalation_to.len(), 1);

        import(db, &[("interactions.csv", "account_external_id,external_id,kind,direction,status,occurred_at,participants\n\
            bolt,b1,meeting,outbound,completed,2026-08-26T08:00:00Z,c1\n")]).await;
        for _ in 0..2 {
            watch(db).await;
            db.clock.advance(TimeDelta::days(1));
        }
        let shown = shown(db).await;
        assert!(shown.contains(&"data.stale HIGH RESOLVED".to_owned()), "{shown:?}");
        assert!(shown.contains(&"signal.sponsor_missing HIGH OPEN".to_owned()), "it is back, and acme is silent: {shown:?}");
    }
}
