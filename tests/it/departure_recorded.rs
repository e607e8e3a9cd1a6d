//! Organisational changes by hand: recorded, confirmed, reviewed; what makes no sense is refused and changes nothing.

use chrono::NaiveDate;
use engagement::id::ContactId;
use engagement::vocabulary::{Certainty, OrgChangeKind, OrgChangeSource};
use rapport_tests::{TestDb, on_both_databases};
use service::access::Access;
use service::change::org_change::{self, Consequences, NewOrgChange};
use service::error::ServiceError;

use crate::alert_stage::{contact, evaluate, import, moment, queued, settings, shown, stage, the, who};
use crate::import_stage::{count, texts};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn departure(of: ContactId, source: OrgChangeSource) -> NewOrgChange {
    NewOrgChange {
        account: None,
        contact: Some(of),
        kind: OrgChangeKind::Departure,
        observed_on: day("2026-06-15"),
        source,
        certainty: None,
        summary: " Left for a competitor ".to_owned(),
        url: None,
        impact: None,
    }
}

async fn record(db: &TestDb, access: &Access, new: NewOrgChange) -> Result<Consequences, ServiceError> {
    org_change::record(db, access, &settings(), moment(db), new).await
}

async fn review(
    db: &TestDb,
    access: &Access,
    of: &Consequences,
    confirm: Option<bool>,
) -> Result<Consequences, ServiceError> {
    org_change::review(
        db,
        access,
        &settings(),
        moment(db),
        of.change.id,
        Some("We need Dan".to_owned()),
        confirm,
    )
    .await
}

on_both_databases! {
    async fn a_recorded_departure_answers_with_its_alert_and_with_whom_it_told(db: TestDb) {
        stage(db).await;
        evaluate(db).await;
        let ann = who(db, "ann@example.com").await;
        let cleo = contact(db, "acme", "c1").await;
        let done = record(db, &ann, departure(cleo, OrgChangeSource::Manual)).await.unwrap();
        assert_eq!((done.change.certainty, done.change.summary.as_str()), (Certainty::Confirmed, "Left for a competitor"));
        assert_eq!((done.change.reviewed_at, done.change.recorded_by), (None, ann.user()));
        assert_eq!(done.alert.as_ref().unwrap().alert.key.rule.as_str(), "sponsor.departed");
        let told: Vec<&str> = done.escalated_to.iter().map(engagement::email_address::EmailAddress::expose).collect();
        assert_eq!(told, ["ann@example.com", "max@example.com", "bea@example.com", "board@example.com"]);
        assert_eq!(queued(db).await.len(), 4);
        assert_eq!(texts(db, "SELECT cast(ended_on AS text) FROM sponsorship WHERE ended_on IS NOT NULL").await, ["2026-06-15"]);
        assert_eq!(texts(db, "SELECT action || ' ' || target_kind FROM audit_log WHERE action NOT IN ('import', 'init')").await, ["recordOrgChange ORG_CHANGE"]);
        assert_eq!(count(db, "touched_account").await, 1);

        // Again, in other words, or with a suspicion: gone is gone.
        for again in [
            departure(cleo, OrgChangeSource::Manual),
            NewOrgChange { summary: "Gone".to_owned(), observed_on: day("2026-06-17"), ..departure(cleo, OrgChangeSource::Crm) },
            departure(cleo, OrgChangeSource::Linkedin),
        ] {
            let refused = record(db, &ann, again).await.unwrap_err();
            assert!(matches!(refused, ServiceError::Conflict(ref said) if said.contains("Cleo Carter has left already on 2026-06-15")), "{refused:?}");
        }
        assert_eq!((count(db, "org_change").await, count(db, "audit_log WHERE action NOT IN ('import', 'init')").await, queued(db).await.len()), (1, 1, 4));
    }

    async fn of_two_who_record_it_at_the_same_moment_one_is_told(db: TestDb) {
        stage(db).await;
        let (ann, max) = (who(db, "ann@example.com").await, who(db, "max@example.com").await);
        let cleo = contact(db, "acme", "c1").await;
        let of = |words: &str| NewOrgChange { summary: words.to_owned(), ..departure(cleo, OrgChangeSource::Manual) };
        let (first, second) = tokio::join!(record(db, &ann, of("Told me")), record(db, &max, of("Told us")));
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let refused = first.err().or(second.err());
        assert!(matches!(refused, Some(ServiceError::Conflict(_))), "{refused:?}");
        assert_eq!((count(db, "org_change").await, count(db, "alert").await, queued(db).await.len()), (1, 1, 4));
    }

    async fn a_suspicion_is_confirmed_by_its_review(db: TestDb) {
        stage(db).await;
        evaluate(db).await;
        let ann = who(db, "ann@example.com").await;
        let cleo = contact(db, "acme", "c1").await;
        let suspected = record(db, &ann, departure(cleo, OrgChangeSource::Linkedin)).await.unwrap();
        assert_eq!((suspected.change.certainty, suspected.escalated_to.len()), (Certainty::Suspected, 0));
        assert_eq!(suspected.alert.as_ref().unwrap().alert.key.rule.as_str(), "sponsor.departure_suspected");
        let again = record(db, &ann, NewOrgChange { summary: "Profile".to_owned(), ..departure(cleo, OrgChangeSource::News) }).await;
        assert!(matches!(again, Err(ServiceError::Conflict(ref said)) if said.contains(&suspected.change.id.to_string())), "{again:?}");

        let confirmed = review(db, &ann, &suspected, Some(true)).await.unwrap();
        assert_eq!((confirmed.change.certainty, confirmed.change.impact.as_deref()), (Certainty::Confirmed, Some("We need Dan")));
        assert_eq!((confirmed.change.reviewed_by, confirmed.escalated_to.len()), (ann.user(), 4));
        assert_eq!(shown(db).await, [
            "backup.missing MEDIUM OPEN *",
            "sponsor.departed CRITICAL OPEN",
            "sponsor.departure_suspected HIGH RESOLVED",
        ]);
        let twice = review(db, &ann, &suspected, None).await;
        assert!(matches!(twice, Err(ServiceError::Conflict(ref said)) if said.contains("2026-06-17")), "{twice:?}");
        assert_eq!(texts(db, "SELECT action FROM audit_log WHERE action NOT IN ('import', 'init') ORDER BY action").await, ["recordOrgChange", "reviewOrgChange"]);
    }

    async fn a_suspicion_may_be_reviewed_away(db: TestDb) {
        stage(db).await;
        evaluate(db).await;
        let ann = who(db, "ann@example.com").await;
        let cleo = contact(db, "acme", "c1").await;
        let suspected = record(db, &ann, departure(cleo, OrgChangeSource::EmailBounce)).await.unwrap();
        let away = review(db, &ann, &suspected, Some(false)).await.unwrap();
        assert_eq!((away.change.certainty, away.escalated_to.len()), (Certainty::Suspected, 0));
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *", "sponsor.departure_suspected HIGH RESOLVED"]);
        assert_eq!(count(db, "outbox").await, 0);
    }

    async fn a_change_that_waits_for_a_week_asks_for_its_review_which_ends_the_alert(db: TestDb) {
        stage(db).await;
        evaluate(db).await;
        let ann = who(db, "ann@example.com").await;
        let merger = NewOrgChange {
            account: Some(service::record::account::find(db, &db.system(), "acme").await.unwrap().unwrap().id),
            contact: None,
            kind: OrgChangeKind::MergerAcquisition,
            observed_on: day("2026-06-10"),
            ..departure(contact(db, "acme", "c1").await, OrgChangeSource::News)
        };
        let merger = record(db, &ann, merger).await.unwrap();
        assert_eq!((merger.alert.as_ref(), merger.escalated_to.len()), (None, 0));
        evaluate(db).await;
        assert_eq!(the(db, "org_change.unreviewed").await.alert.status.as_str(), "OPEN");
        review(db, &ann, &merger, None).await.unwrap();
        assert_eq!(the(db, "org_change.unreviewed").await.alert.status.as_str(), "RESOLVED");
        let doubted = record(db, &ann, NewOrgChange { account: Some(merger.change.account_id), contact: None, kind: OrgChangeKind::Layoff,
            ..departure(contact(db, "acme", "c1").await, OrgChangeSource::Manual) }).await.unwrap();
        let refused = review(db, &ann, &doubted, Some(false)).await;
        assert!(matches!(refused, Err(ServiceError::BadInput { ref field, .. }) if field == "confirm"), "{refused:?}");
    }

    async fn what_makes_no_sense_is_refused(db: TestDb) {
        stage(db).await;
        let ann = who(db, "ann@example.com").await;
        let max = who(db, "max@example.com").await;
        let (cleo, flo) = (contact(db, "acme", "c1").await, contact(db, "bolt", "c1").await);
        let acme = service::record::account::find(db, &db.system(), "acme").await.unwrap().unwrap().id;
        let manual = |of| departure(of, OrgChangeSource::Manual);
        for (new, field) in [
            (NewOrgChange { observed_on: day("2026-06-18"), ..manual(cleo) }, "observedOn"),
            (NewOrgChange { contact: None, account: Some(acme), ..manual(cleo) }, "contactId"),
            (NewOrgChange { contact: None, kind: OrgChangeKind::Layoff, ..manual(cleo) }, "accountId"),
            (NewOrgChange { account: Some(acme), ..manual(flo) }, "contactId"),
            (NewOrgChange { summary: " ".to_owned(), ..manual(cleo) }, "summary"),
        ] {
            let refused = record(db, &max, new).await;
            assert!(matches!(refused, Err(ServiceError::BadInput { field: ref named, .. }) if named == field), "{field}: {refused:?}");
        }
        let refused = record(db, &ann, manual(flo)).await;
        assert!(matches!(refused, Err(ServiceError::NotFound { ref field, .. }) if field == "contactId"), "not Ann's account: {refused:?}");
        assert_eq!((count(db, "org_change").await, count(db, "audit_log WHERE action NOT IN ('import', 'init')").await, count(db, "alert").await), (0, 0, 0));
        // A newcomer is no news to anybody's sponsorship.
        import(db, &[("contacts.csv", "account_external_id,external_id,name\nacme,c9,New One\n")]).await;
        let joined = NewOrgChange { kind: OrgChangeKind::NewExecutive, ..manual(contact(db, "acme", "c9").await) };
        assert_eq!(record(db, &ann, joined.clone()).await.unwrap().alert, None);
        assert!(matches!(record(db, &ann, joined).await, Err(ServiceError::Conflict(_))), "recorded twice");
    }
}
