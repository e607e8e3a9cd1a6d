//! What scoring stores about executives, on both databases: the columns of the stored score, and the history of levels.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use engagement::policy::Policy;
use engagement::vocabulary::{EngagementLevel, LevelRule};
use rapport_tests::{TestDb, on_both_databases};
use sea_orm::ConnectionTrait;
use service::job::recompute::{Recompute, Scope, recompute};
use service::policy;
use service::record::account;
use service::scoring::assessment;
use service::scoring::sponsor_level::levels_of;

use crate::import_stage::{import_texts, number, texts};

/// A monthly cadence: silence from 46 days on costs the level, from 92 days on the sponsor.
const FILES: &[(&str, &str)] = &[
    (
        "accounts.csv",
        "external_id,name,tier\nacme,Acme,enterprise\nnone,None,smb\n",
    ),
    (
        "contacts.csv",
        "account_external_id,external_id,name,seniority\nacme,c1,Cleo,vp\nacme,c2,Abe,c_level\nacme,c3,Bea,\n",
    ),
    (
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,until,rank\nacme,c1,2026-01-01,,primary\n",
    ),
    (
        "interactions.csv",
        "account_external_id,external_id,kind,direction,status,purpose,occurred_at,responded_at,responded_by,participants\n\
         acme,i1,meeting,outbound,completed,,2026-02-02T10:00:00Z,,,c1:attended\n\
         acme,i2,qbr,outbound,completed,,2026-02-03T10:00:00Z,,,c1:attended;c3:attended\n\
         acme,i3,meeting,outbound,completed,,2026-02-10T10:00:00Z,,,c1:attended\n",
    ),
];

async fn stage(db: &TestDb) {
    let (summary, remembered) = import_texts(db, FILES).await;
    assert!(summary.is_clean(), "{:?}", remembered.rejected());
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Scores everybody as of the end of a day.
async fn score(db: &TestDb, on: &str) {
    let as_of: DateTime<Utc> = (day(on) + chrono::Days::new(1))
        .and_time(NaiveTime::MIN)
        .and_utc();
    let request = Recompute {
        as_of,
        ending_on: day(on),
        scope: Scope::All,
    };
    recompute(
        db,
        &db.system(),
        &service::settings::Settings::default(),
        &request,
        |_| {},
    )
    .await
    .unwrap();
}

/// The history of all executives, in words.
async fn levels(db: &TestDb) -> Vec<String> {
    let sql = "SELECT c.external_id || ' ' || l.day || ' ' || coalesce(l.previous_level, '-') || ' ' || l.level || ' ' || l.cause
        FROM sponsor_level l JOIN contact c ON c.account_id = l.account_id AND c.id = l.contact_id ORDER BY c.external_id, l.day";
    texts(db, sql).await
}

on_both_databases! {
    async fn a_row_is_written_per_change_of_a_level_with_its_cause(db: TestDb) {
        stage(db).await;
        for on in ["2026-02-15", "2026-02-16", "2026-04-15", "2026-06-01", "2026-06-02"] {
            score(db, on).await;
        }
        let told = levels(db).await;
        assert_eq!(told, [
            "c1 2026-02-15 - ENGAGED IN_CONTACT",
            "c1 2026-04-15 ENGAGED PASSIVE OCCASIONAL",
            "c1 2026-06-01 PASSIVE DISENGAGED SILENT",
            "c2 2026-02-15 - UNKNOWN NEVER_IN_CONTACT",
        ]);
        score(db, "2026-06-02").await;
        score(db, "2026-04-15").await;
        assert_eq!(levels(db).await, told, "the same day again changes nothing");
    }

    async fn days_scored_out_of_order_tell_the_same_history(db: TestDb) {
        stage(db).await;
        for on in ["2026-06-01", "2026-02-15", "2026-04-15", "2026-02-16"] {
            score(db, on).await;
        }
        let told = levels(db).await;
        assert_eq!(told[..3], ["c1 2026-02-15 - ENGAGED IN_CONTACT", "c1 2026-04-15 ENGAGED PASSIVE OCCASIONAL", "c1 2026-06-01 PASSIVE DISENGAGED SILENT"]);
        assert_eq!(told[3..], ["c2 2026-02-15 - UNKNOWN NEVER_IN_CONTACT"]);
        // A meeting that is recorded late makes the day in between another one, and only that day.
        import_texts(db, &[(
            "interactions.csv",
            "account_external_id,external_id,kind,direction,status,occurred_at,participants\nacme,i4,meeting,outbound,completed,2026-04-10T10:00:00Z,c1:attended\n",
        )]).await;
        score(db, "2026-04-15").await;
        assert_eq!(levels(db).await[..2], ["c1 2026-02-15 - ENGAGED IN_CONTACT", "c1 2026-06-01 ENGAGED DISENGAGED SILENT"]);
    }

    async fn a_change_between_two_editions_of_the_definitions_says_so(db: TestDb) {
        stage(db).await;
        for on in ["2026-02-15", "2026-04-15", "2026-05-01", "2026-06-01"] {
            score(db, on).await;
        }
        let acme = account::find(db, &db.system(), "acme").await.unwrap().unwrap();
        let policy_hash = policy::hash(&Policy::default());
        let told = async |policy_hash: &str| {
            let span = (day("2026-01-01"), day("2026-12-31"));
            let levels = levels_of(db, &db.system(), policy_hash, &[acme.id], span).await.unwrap().remove(&acme.id).unwrap();
            let of_sponsor = levels.into_iter().filter(|told| told.change.cause != LevelRule::NeverInContact);
            of_sponsor.map(|told| (told.change.day.to_string(), told.comparable)).collect::<Vec<_>>()
        };
        let days = |flags: [bool; 3]| ["2026-02-15", "2026-04-15", "2026-06-01"].map(str::to_owned).into_iter().zip(flags).collect::<Vec<_>>();
        assert_eq!(told(&policy_hash).await, days([true; 3]));
        assert_eq!(told("another policy").await, days([false; 3]));
        // The day before a change was scored by other definitions; the change after that is the executive's own.
        db.write_tx(async |tx| {
            let sql = "UPDATE assessment SET definitions = definitions - 1 WHERE day = '2026-02-15'";
            tx.execute_unprepared(sql).await.expect("a statement");
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(told(&policy_hash).await, days([false, false, true]));
        // Scored again, in whatever order, it is comparable.
        score(db, "2026-02-15").await;
        assert_eq!(told(&policy_hash).await, days([true; 3]));
    }

    async fn a_stored_score_holds_what_the_portfolio_counts_of_executives(db: TestDb) {
        stage(db).await;
        score(db, "2026-02-15").await;
        let acme = account::find(db, &db.system(), "acme").await.unwrap().unwrap();
        let stored = assessment::latest_of(db, &db.system(), &[acme.id]).await.unwrap().remove(&acme.id).unwrap();
        assert_eq!(stored.executive_level, EngagementLevel::Engaged);
        assert!(stored.executive_score >= 60, "{}", stored.executive_score);
        let sql = "SELECT executive_contact_days || ' ' || coalesce(CAST(known_days AS text), '-') || ' ' || qbrs_in_year || ' ' || qbrs_with_executive
            || ' ' || engaged_executives FROM assessment ORDER BY executive_level";
        assert_eq!(texts(db, sql).await, ["3 14 1 1 1", "0 - 0 0 0"], "contact on three days of fourteen, one review, one executive");
        assert_eq!(number(db, "SELECT count(*) FROM assessment WHERE sponsor_engaged").await, 1);
    }
}
