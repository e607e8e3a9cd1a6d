//! Plans to reach out: what the guardrails refuse, what the team is told, and calling off.

use chrono::{DateTime, Utc};
use engagement::id::ContactId;
use engagement::vocabulary::{InteractionKind, OutreachStatus, Purpose};
use rapport_tests::{TestDb, on_both_databases};
use service::access::Access;
use service::change::outreach::{self, NewOutreach, Outreach};
use service::error::ServiceError;

use crate::alert_stage::{contact, import, moment, queued, settings, stage, who};
use crate::import_stage::{count, texts};

fn mail(to: ContactId, at: &str) -> NewOutreach {
    NewOutreach {
        contact: to,
        kind: InteractionKind::Email,
        purpose: Purpose::Strategic,
        planned_for: at.parse::<DateTime<Utc>>().unwrap(),
        subject: "Roadmap preview".to_owned(),
        coordinated_with: vec![],
    }
}

async fn plan(db: &TestDb, access: &Access, new: NewOutreach) -> Result<Outreach, ServiceError> {
    outreach::plan(db, access, &settings(), moment(db), new).await
}

fn rule(refused: &Result<Outreach, ServiceError>) -> &'static str {
    match refused {
        Err(ServiceError::Guardrail { rule, .. }) => rule.as_str(),
        other => panic!("no guardrail: {other:?}"),
    }
}

on_both_databases! {
    async fn a_plan_stands_and_the_team_is_told(db: TestDb) {
        stage(db).await;
        let ann = who(db, "ann@example.com").await;
        let made = plan(db, &ann, mail(contact(db, "acme", "c1").await, "2026-06-20T09:00:00Z")).await.unwrap();
        assert_eq!((made.status, made.planned_by), (OutreachStatus::Planned, ann.user()));
        assert_eq!(outreach::by_ids(db, &ann, &[made.id]).await.unwrap()[&made.id], made);
        assert_eq!(queued(db).await, ["OUTREACH_PLANNED ann@example.com", "OUTREACH_PLANNED max@example.com"]);
        assert_eq!(texts(db, "SELECT action FROM audit_log WHERE action NOT IN ('import', 'init')").await, ["planOutreach"]);

        let off = outreach::cancel(db, &ann, moment(db), made.id).await.unwrap();
        assert_eq!((off.status, off.canceled_by), (OutreachStatus::Canceled, ann.user()));
        assert_eq!(texts(db, "SELECT DISTINCT status FROM outbox").await, ["CANCELED"], "what was not sent yet is not sent");
        let twice = outreach::cancel(db, &ann, moment(db), made.id).await;
        assert!(matches!(twice, Err(ServiceError::Conflict(_))), "{twice:?}");
        assert_eq!(outreach::by_ids(db, &ann, &[made.id]).await.unwrap()[&made.id], off);
    }

    async fn executives_are_not_bothered_with_operations(db: TestDb) {
        stage(db).await;
        let ann = who(db, "ann@example.com").await;
        let operational = async |to: ContactId| plan(db, &ann, NewOutreach { purpose: Purpose::Operational, ..mail(to, "2026-06-20T09:00:00Z") }).await;
        assert_eq!(rule(&operational(contact(db, "acme", "c3").await).await), "executive.operational_contact", "a VP");
        import(db, &[
            ("contacts.csv", "account_external_id,external_id,name,seniority\nacme,c8,Kit,individual\nacme,c9,Lea,manager\n"),
            ("sponsorships.csv", "account_external_id,contact_external_id,since,rank\nacme,c9,2026-01-01,backup\n"),
        ]).await;
        assert_eq!(rule(&operational(contact(db, "acme", "c9").await).await), "executive.operational_contact", "a sponsor, whatever their level");
        assert!(operational(contact(db, "acme", "c8").await).await.is_ok());
        assert_eq!((count(db, "outreach").await, count(db, "audit_log WHERE action NOT IN ('import', 'init')").await), (1, 1));
    }

    async fn two_members_agree_before_they_reach_for_one_executive(db: TestDb) {
        stage(db).await;
        let (ann, max) = (who(db, "ann@example.com").await, who(db, "max@example.com").await);
        let (cleo, dan) = (contact(db, "acme", "c1").await, contact(db, "acme", "c2").await);
        let first = plan(db, &ann, mail(cleo, "2026-06-20T09:00:00Z")).await.unwrap();
        let refused = plan(db, &max, mail(cleo, "2026-06-27T23:00:00Z")).await;
        assert_eq!(rule(&refused), "outreach.uncoordinated");
        let Err(ServiceError::Guardrail { message, other, .. }) = refused else { unreachable!() };
        assert_eq!(other, Some(first.id));
        for part in ["Ann", "2026-06-20", "coordinatedWith", &first.id.to_string()] {
            assert!(message.contains(part), "{part}: {message}");
        }
        // One's own plan, another executive, another week, and a word with each other.
        plan(db, &ann, mail(cleo, "2026-06-21T09:00:00Z")).await.unwrap();
        plan(db, &max, mail(dan, "2026-06-20T09:00:00Z")).await.unwrap();
        plan(db, &max, mail(cleo, "2026-06-29T00:00:00Z")).await.unwrap();
        let agreed = NewOutreach { coordinated_with: vec![ann.user().unwrap()], ..mail(cleo, "2026-06-20T10:00:00Z") };
        assert_eq!(plan(db, &max, agreed).await.unwrap().coordinated_with, [ann.user().unwrap()]);
    }

    async fn a_plan_that_was_called_off_is_in_nobodys_way(db: TestDb) {
        stage(db).await;
        let (ann, max) = (who(db, "ann@example.com").await, who(db, "max@example.com").await);
        let cleo = contact(db, "acme", "c1").await;
        let first = plan(db, &ann, mail(cleo, "2026-06-20T09:00:00Z")).await.unwrap();
        outreach::cancel(db, &max, moment(db), first.id).await.unwrap();
        plan(db, &max, mail(cleo, "2026-06-20T09:00:00Z")).await.unwrap();
    }

    async fn of_two_who_plan_at_the_same_moment_one_is_told(db: TestDb) {
        stage(db).await;
        let (ann, max) = (who(db, "ann@example.com").await, who(db, "max@example.com").await);
        let cleo = contact(db, "acme", "c1").await;
        let (first, second) = tokio::join!(plan(db, &ann, mail(cleo, "2026-06-20T09:00:00Z")), plan(db, &max, mail(cleo, "2026-06-21T09:00:00Z")));
        let refused = if first.is_ok() { second } else { first };
        assert_eq!(rule(&refused), "outreach.uncoordinated");
        assert_eq!(count(db, "outreach").await, 1);
    }

    async fn what_makes_no_sense_is_refused(db: TestDb) {
        stage(db).await;
        let ann = who(db, "ann@example.com").await;
        let cleo = contact(db, "acme", "c1").await;
        import(db, &[("contacts.csv", "account_external_id,external_id,name,status,departed_on\nacme,c3,Eve Ember,departed,2026-06-01\n")]).await;
        let eve = contact(db, "acme", "c3").await;
        let later = "2026-06-20T09:00:00Z";
        for (new, field) in [
            (mail(cleo, "2026-06-17T12:00:00Z"), "plannedFor"),
            (NewOutreach { kind: InteractionKind::ForumPost, ..mail(cleo, later) }, "kind"),
            (NewOutreach { subject: "\n".to_owned(), ..mail(cleo, later) }, "subject"),
            (mail(eve, later), "contactId"),
        ] {
            let refused = plan(db, &ann, new).await;
            assert!(matches!(refused, Err(ServiceError::BadInput { field: ref named, .. }) if named == field), "{field}: {refused:?}");
        }
        let stranger = NewOutreach { coordinated_with: vec![uuid::Uuid::from_u128(9).into()], ..mail(cleo, later) };
        for (new, field) in [(stranger, "coordinatedWith"), (mail(contact(db, "bolt", "c1").await, later), "contactId")] {
            let refused = plan(db, &ann, new).await;
            assert!(matches!(refused, Err(ServiceError::NotFound { field: ref named, .. }) if named == field), "{field}: {refused:?}");
        }
        assert!(matches!(plan(db, &db.system(), mail(cleo, later)).await, Err(ServiceError::Forbidden(_))));
        assert_eq!((count(db, "outreach").await, count(db, "outbox").await), (0, 0));
    }
}
