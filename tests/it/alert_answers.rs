//! What people do with alerts: taken up, put off, resolved, muted; by whom, once, and written down.

use chrono::TimeDelta;
use engagement::id::AlertId;
use engagement::policy::Policy;
use engagement::vocabulary::{AlertStatus, Disposition, Role};
use rapport_tests::{TestDb, on_both_databases};
use service::access::Access;
use service::alert::{self, StoredAlert};
use service::error::ServiceError;

use crate::alert_stage::{evaluate, import, moment, queued, shown, stage, the, watch, who};
use crate::import_stage::texts;

async fn resolve(
    db: &TestDb,
    access: &Access,
    id: AlertId,
    said: Disposition,
) -> Result<StoredAlert, ServiceError> {
    alert::resolve(
        db,
        access,
        &Policy::default(),
        moment(db),
        id,
        said,
        Some(" Met the successor ".to_owned()),
    )
    .await
}

/// `acme` without a sponsor since yesterday: CRITICAL, and no baseline.
async fn critical(db: &TestDb) -> StoredAlert {
    stage(db).await;
    evaluate(db).await;
    import(
        db,
        &[(
            "sponsorships.csv",
            "account_external_id,contact_external_id,since,until,rank\nacme,c1,2025-01-01,2026-06-16,primary\n\
        acme,c2,2025-01-01,2026-06-16,backup\n",
        )],
    )
    .await;
    evaluate(db).await;
    the(db, "signal.sponsor_missing").await
}

on_both_databases! {
    async fn what_is_taken_up_climbs_no_further(db: TestDb) {
        let missing = critical(db).await;
        assert_eq!(queued(db).await, ["ALERT ann@example.com", "ALERT max@example.com"]);
        let ann = who(db, "ann@example.com").await;
        let taken = alert::acknowledge(db, &ann, moment(db), missing.id).await.unwrap();
        assert_eq!((taken.alert.status, taken.acknowledged_by), (AlertStatus::Acknowledged, ann.user()));
        assert_eq!(alert::acknowledge(db, &ann, moment(db), missing.id).await.unwrap(), taken, "twice changes nothing");
        db.clock.advance(TimeDelta::days(4));
        watch(db).await;
        assert_eq!(queued(db).await.len(), 2);
        let log = texts(db, "SELECT action || ' ' || target_kind || ' ' || before || ' ' || after FROM audit_log WHERE action NOT IN ('import', 'init')").await;
        assert_eq!(log, [r#"acknowledgeAlert ALERT {"status":"OPEN"} {"status":"ACKNOWLEDGED"}"#]);
    }

    async fn what_is_put_off_comes_back_on_its_day_and_climbs_anew(db: TestDb) {
        let missing = critical(db).await;
        let ann = who(db, "ann@example.com").await;
        let today = moment(db).today;
        let put_off = async |days: i64| {
            alert::snooze(db, &ann, moment(db), missing.id, today + TimeDelta::days(days), Some("QBR booked".to_owned())).await
        };
        let refused = put_off(0).await.unwrap_err();
        assert!(matches!(refused, ServiceError::BadInput { ref field, .. } if field == "until"), "{refused:?}");
        let snoozed = put_off(3).await.unwrap();
        assert_eq!((snoozed.alert.status, snoozed.snooze_reason.as_deref()), (AlertStatus::Snoozed, Some("QBR booked")));
        db.clock.advance(TimeDelta::days(2));
        watch(db).await;
        assert_eq!(the(db, "signal.sponsor_missing").await.alert.status, AlertStatus::Snoozed);
        db.clock.advance(TimeDelta::days(1));
        let watched = watch(db).await;
        assert_eq!((watched.alerts.returned, watched.alerts.messages), (1, 2), "the team is told again, and nobody else yet");
        let back = the(db, "signal.sponsor_missing").await;
        assert_eq!((back.alert.status, back.snooze_reason), (AlertStatus::Open, None));
    }

    async fn of_two_who_resolve_at_the_same_moment_one_wins_and_the_other_is_told(db: TestDb) {
        let missing = critical(db).await;
        let (ann, max) = (who(db, "ann@example.com").await, who(db, "max@example.com").await);
        let (first, second) =
            tokio::join!(resolve(db, &ann, missing.id, Disposition::Acted), resolve(db, &max, missing.id, Disposition::Noise));
        let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
        let lost = lost.unwrap_err();
        assert!(matches!(lost, ServiceError::Conflict(_)), "{lost:?}");
        let stored = the(db, "signal.sponsor_missing").await;
        assert_eq!(won.unwrap(), stored);
        assert_eq!((stored.alert.status, stored.note.as_deref()), (AlertStatus::Resolved, Some("Met the successor")));
        assert_eq!(texts(db, "SELECT action FROM audit_log WHERE action NOT IN ('import', 'init')").await, ["resolveAlert"]);
        for refused in [
            alert::acknowledge(db, &ann, moment(db), missing.id).await,
            alert::snooze(db, &ann, moment(db), missing.id, moment(db).today + TimeDelta::days(1), None).await,
        ] {
            assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
        }
    }

    async fn noise_mutes_the_key_and_is_counted(db: TestDb) {
        let missing = critical(db).await;
        let ann = who(db, "ann@example.com").await;
        let resolved = resolve(db, &ann, missing.id, Disposition::Noise).await.unwrap();
        assert_eq!(resolved.alert.muted_until.unwrap().to_string(), "2026-07-17");
        for _ in 0..3 {
            db.clock.advance(TimeDelta::days(1));
            evaluate(db).await;
        }
        let of_acme: Vec<String> = shown(db).await.into_iter().filter(|line| line.starts_with("signal.sponsor_missing")).collect();
        assert_eq!(of_acme, ["signal.sponsor_missing CRITICAL RESOLVED"]);
        let useful = alert::usefulness(db, &ann).await.unwrap();
        assert_eq!(useful.len(), 1);
        assert_eq!((useful[0].rule.as_str(), useful[0].noise, useful[0].acted, useful[0].resolved()), ("signal.sponsor_missing", 1, 0, 1));
        let stranger = Access::of(uuid::Uuid::from_u128(7).into(), Role::Csm);
        assert_eq!(alert::usefulness(db, &stranger).await.unwrap(), []);
    }

    async fn who_does_not_see_the_account_finds_no_alert_and_a_viewer_may_not_answer(db: TestDb) {
        let missing = critical(db).await;
        let stranger = Access::of(uuid::Uuid::from_u128(7).into(), Role::Csm);
        let refused = alert::acknowledge(db, &stranger, moment(db), missing.id).await;
        assert!(matches!(refused, Err(ServiceError::NotFound { .. })), "{refused:?}");
        import(db, &[("users.csv", "email,name,role,sees_everything\nvic@example.com,Vic,viewer,true\n")]).await;
        let viewer = who(db, "vic@example.com").await;
        for refused in [
            alert::acknowledge(db, &viewer, moment(db), missing.id).await,
            alert::snooze(db, &viewer, moment(db), missing.id, moment(db).today + TimeDelta::days(1), None).await,
            resolve(db, &viewer, missing.id, Disposition::Acted).await,
        ] {
            assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");
        }
        assert_eq!(the(db, "signal.sponsor_missing").await.alert.status, AlertStatus::Open);
    }
}
