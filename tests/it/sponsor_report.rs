//! Sponsor reports through service and API: the query that docs/api.md promises, word for word, and what stands behind it.

use engagement::policy::Policy;
use engagement::vocabulary::Period;
use engagement::windows::Windows;
use entity::outreach;
use rapport_tests::{TestDb, on_both_databases};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use service::record::{account, contact};
use service::report::sponsor_report::{sponsor_reports, sponsor_reports_without_bus_factor};
use service::sql::page::PageRequest;

use crate::graphql_server::Server;
use crate::graphql_stage::{stage, stage_goals};
use crate::import_stage::import_texts;

pub(crate) const SPONSORS: &str = r#"
query Sponsors($externalId: String!, $endingOn: Date) {
  accountByExternalId(externalId: $externalId) {
    goals { goal progress dueOn }
    contract { start renewalDate arr { amount currency } }
    contacts(roles: [EXECUTIVE_SPONSOR, C_LEVEL, VP], first: 20) { nodes { name title activity { touches lastTouchOn } } }
    interactions(contactRoles: [EXECUTIVE_SPONSOR, C_LEVEL, VP], period: "12m", first: 50) { nodes { kind occurredAt subject outcome } }
    metrics(names: ["roi", "strategic_goals_progress", "executive_dashboard_views"]) { name value observedOn change }
    sponsorReport(endingOn: $endingOn) {
      level risk score
      executives { contact { name title } rank level score lastTouchOn status }
      primary { contact { name title } tenureMonths priorities communicationPreference
        timeline { on kind topics outcome }
        factors { factor score outOf measured note } }
      strengths concerns { summary detail }
      recentChanges { summary kind observedOn impact reviewed }
      succession { tenureMonths backups { contact { name } level } risk }
      alignment { initiative theirPriority alignment }
      recommendations { horizon action reason }
      calendar { on event attendees objective }
      markdown
    }
  }
}"#;

const REST: &str = "query($endingOn: Date) { accountByExternalId(externalId: \"acc-000\") {
  primarySponsor { contact { name title } level risk score }
  sponsorReport(endingOn: $endingOn) {
    period { start end } dataThrough level score approach { contact { name } reason }
    executives { contact { externalId } rule risk since lastExecutiveContactOn silentDays overdue }
    primary { timeline { interactionId } }
    succession { reason backups { score } }
    recentChanges { contact { name } certainty }
    busFactor { contact { name } overallWithout change levelWithout }
    levelHistory { contact { externalId } on level previousLevel score cause comparable }
  }
} }";

/// What hangs on a sponsor report besides interactions.
async fn stage_sponsors(db: &TestDb) {
    stage(db, 3).await;
    stage_goals(db, 1).await;
    let (summary, remembered) = import_texts(
        db,
        &[
            ("initiatives.csv", "account_external_id,initiative,their_priority,alignment\nacc-000,Self service,Lower cost to serve,high\nacc-000,Mobile app,,low\n"),
            (
                "org_changes.csv",
                "account_external_id,kind,observed_on,contact_external_id,summary,source,certainty,impact\n\
                 acc-000,reorganisation,2026-09-01,,Sales and marketing become one,news,confirmed,\n\
                 acc-000,role_change,2026-08-01,c0,Also leads procurement,linkedin,suspected,Ask before the renewal\n\
                 acc-000,layoff,2025-08-01,,Long ago,news,confirmed,\n",
            ),
            ("metrics.csv", "account_external_id,metric,observed_on,value\nacc-000,strategic_goals_progress,2026-07-01,80\nacc-000,strategic_goals_progress,2026-09-01,40\n"),
        ],
    )
    .await;
    assert!(
        summary.is_clean(),
        "{:?} {:?}",
        remembered.rejected(),
        remembered.warned()
    );
    let system = db.system();
    let acme = account::find(db, &system, "acc-000").await.unwrap().unwrap();
    let people = contact::pages_of(
        db,
        &system,
        &[acme.id],
        None,
        db.clock.now().date_naive(),
        &PageRequest::first(100),
        false,
    )
    .await
    .unwrap();
    let sponsor = people[&acme.id]
        .edges
        .iter()
        .find(|edge| edge.node.external_id == "c0")
        .unwrap()
        .node
        .id;
    let plan = |id: u128, days: i64, status: &str| outreach::ActiveModel {
        account_id: Set(acme.id.uuid()),
        id: Set(uuid::Uuid::from_u128(id)),
        contact_id: Set(sponsor.uuid()),
        kind: Set("EXECUTIVE_DINNER".to_owned()),
        purpose: Set("STRATEGIC".to_owned()),
        planned_for: Set((db.clock.now() + chrono::TimeDelta::days(days)).timestamp_micros()),
        subject: Set(format!("Plan {id}")),
        planned_by: Set(None),
        coordinated_with: Set("[]".to_owned()),
        status: Set(status.to_owned()),
        created_at: Set(0),
        canceled_at: Set((status == "CANCELED").then_some(1)),
        canceled_by: Set(None),
    };
    let plans = [
        plan(1, 9, "PLANNED"),
        plan(2, 10, "CANCELED"),
        plan(3, -1, "PLANNED"),
    ];
    db.write_tx(async |tx| {
        outreach::Entity::insert_many(plans)
            .exec_without_returning(tx)
            .await
            .unwrap();
        Ok(())
    })
    .await
    .unwrap();
}

fn list<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one[field].as_str().unwrap_or("null"))
        .collect()
}

on_both_databases! {
    async fn the_sponsors_query_answers_as_promised(db: TestDb) {
        stage_sponsors(db).await;
        let server = Server::start(db).await;
        let data = server.data(SPONSORS, json!({"externalId": "acc-000"})).await;
        let account = &data["accountByExternalId"];
        assert_eq!(account["contract"]["renewalDate"], "2027-01-01");
        assert_eq!(list(&account["metrics"], "name"), ["executive_dashboard_views", "roi", "strategic_goals_progress"]);
        assert_eq!(account["metrics"][2]["change"], -40.0);
        let report = &account["sponsorReport"];
        assert_eq!((report["level"].as_str(), report["risk"].as_str()), (Some("ENGAGED"), Some("LOW")), "{report}");
        assert_eq!(list(&report["executives"], "rank"), ["PRIMARY", "BACKUP", "null"]);
        assert_eq!(report["executives"][0]["contact"], json!({"name": "Person 0 of 000", "title": "Title 0"}));
        assert_eq!(report["executives"][0]["status"], "GOOD");
        assert_eq!(report["executives"][0]["score"], report["score"]);
        let factors = &report["primary"]["factors"];
        assert_eq!(list(factors, "factor"), ["MEETING_FREQUENCY", "RESPONSIVENESS", "QBR_ATTENDANCE", "STRATEGIC_ALIGNMENT"]);
        assert_eq!(factors[3]["score"], 12.5, "one high and one low");
        assert_eq!((&factors[2]["measured"], &factors[2]["score"]), (&json!(false), &Value::Null), "no review was due yet");
        let timeline = &report["primary"]["timeline"];
        assert!(list(timeline, "outcome").contains(&"agreed") && timeline.to_string().contains("goals"), "{timeline}");
        let concerns = report["concerns"].to_string();
        assert!(concerns.contains("80") && concerns.contains("40"), "a metric that is down by half, with both numbers: {concerns}");
        assert_eq!(list(&report["recentChanges"], "kind"), ["REORGANISATION", "ROLE_CHANGE"], "newest first, of the trailing year");
        assert_eq!(report["recentChanges"][1]["impact"], "Ask before the renewal");
        assert_eq!(report["succession"]["backups"][0]["contact"]["name"], "Person 2 of 000");
        assert_eq!(list(&report["alignment"], "alignment"), ["HIGH", "LOW"]);
        let ahead = report["calendar"].to_string();
        assert!(ahead.contains("Plan 1") && ahead.contains("Next review") && ahead.contains("Renewal"), "{ahead}");
        assert!(!ahead.contains("Plan 2") && !ahead.contains("Plan 3"), "neither called off nor past: {ahead}");
        let markdown = report["markdown"].as_str().unwrap();
        for heading in [
            "## Executive Sponsor Report", "### Executive Sponsors", "### Primary Sponsor: Person 0 of 000", "### Engagement Health",
            "### Organizational Intelligence", "### Strategic Alignment", "### Recommended Actions", "### Engagement Calendar",
        ] {
            assert!(markdown.contains(heading), "{heading} is missing:\n{markdown}");
        }
        server.stop().await;
    }

    async fn who_would_be_missed_and_how_levels_changed_stand_in_the_report(db: TestDb) {
        stage_sponsors(db).await;
        let server = Server::start(db).await;
        let data = server.data(REST, json!({})).await;
        let report = &data["accountByExternalId"]["sponsorReport"];
        assert_eq!(report["period"], json!({"start": "2026-07-02", "end": "2026-10-01"}));
        assert_eq!(report["dataThrough"], "2026-09-30");
        assert_eq!(report["approach"], Value::Null);
        let leavers = report["busFactor"].as_array().unwrap();
        assert_eq!(leavers.len(), 5, "everybody engaged, and each executive; not who has left");
        let changes: Vec<i64> = leavers.iter().map(|leaver| leaver["change"].as_i64().unwrap()).collect();
        assert!(changes.is_sorted() && changes[0] < 0, "{changes:?}");
        let sponsor = leavers.iter().find(|leaver| leaver["contact"]["name"] == "Person 0 of 000").unwrap();
        assert_eq!(sponsor["levelWithout"], "UNKNOWN", "nobody leads then");
        let history = &report["levelHistory"];
        assert_eq!(list(history, "on")[..3], ["2026-09-17"; 3], "three executives, since the first score: {history}");
        assert_eq!(history[0]["previousLevel"], Value::Null);
        assert_eq!(list(&report["recentChanges"], "certainty"), ["CONFIRMED", "SUSPECTED"]);
        // Before the sponsorship began, nobody led, and the report says whom to approach.
        let early = server.data(REST, json!({"endingOn": "2024-12-31"})).await;
        let early = &early["accountByExternalId"]["sponsorReport"];
        assert_eq!((early["level"].as_str(), early["score"].as_i64()), (Some("UNKNOWN"), Some(0)));
        assert_eq!(early["primary"], Value::Null);
        assert!(early["approach"]["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
        server.stop().await;
    }

    async fn lists_show_the_primary_sponsor_of_today_with_the_stored_standing(db: TestDb) {
        stage(db, 3).await;
        let server = Server::start(db).await;
        let query = "{ accounts(first: 50) { nodes { externalId primarySponsor { contact { name title } level risk score } } } }";
        let data = server.data(query, json!({})).await;
        let report = server.data("{ accountByExternalId(externalId: \"acc-001\") { sponsorReport { level risk score } } }", json!({})).await;
        let (listed, report) = (&data["accounts"]["nodes"][1]["primarySponsor"], &report["accountByExternalId"]["sponsorReport"]);
        assert_eq!(listed["contact"], json!({"name": "Person 0 of 001", "title": "Title 0"}));
        assert_eq!((&listed["level"], &listed["risk"], &listed["score"]), (&report["level"], &report["risk"], &report["score"]));
        assert!(listed["score"].as_i64() > Some(0), "{listed}");
        // Another sponsor since today: what was stored is not theirs.
        let files = [(
            "sponsorships.csv",
            "account_external_id,contact_external_id,since,until,rank\nacc-001,c0,2025-01-01,2026-10-01,primary\nacc-001,c1,2026-10-01,,primary\nacc-002,c0,2025-01-01,2026-10-01,primary\n",
        )];
        import_texts(db, &files).await;
        db.clock.set(db.clock.now() + chrono::TimeDelta::days(1));
        let data = server.data(query, json!({})).await;
        let of = |n: usize| &data["accounts"]["nodes"][n]["primarySponsor"];
        assert_eq!(of(0)["contact"]["name"], "Person 0 of 000");
        assert_eq!(of(2), &Value::Null, "the seat is vacant");
        server.stop().await;
    }

    async fn who_would_be_missed_is_said_only_where_it_is_asked_for(db: TestDb) {
        stage_sponsors(db).await;
        let (system, policy) = (db.system(), Policy::default());
        let windows = Windows::at(db.clock.now(), chrono_tz::UTC, Period::Quarterly);
        let all = account::by_external_ids(db, &system, &["acc-000".to_owned()]).await.unwrap();
        let id = all["acc-000"].id;
        let whole = sponsor_reports(db, &system, &policy, &windows, &[id]).await.unwrap().remove(&id).unwrap().report;
        let mut without = sponsor_reports_without_bus_factor(db, &system, &policy, &windows, &[id]).await.unwrap().remove(&id).unwrap().report;
        assert!(!whole.bus_factor.is_empty() && without.bus_factor.is_empty());
        without.bus_factor.clone_from(&whole.bus_factor);
        assert_eq!(format!("{without:?}"), format!("{whole:?}"), "nothing else is missing");
    }

    async fn several_reports_cost_the_statements_of_one(db: TestDb) {
        stage_sponsors(db).await;
        let (system, policy) = (db.system(), Policy::default());
        let windows = Windows::at(db.clock.now(), chrono_tz::UTC, Period::Quarterly);
        let all = account::by_external_ids(db, &system, &["acc-000", "acc-001", "acc-002"].map(str::to_owned)).await.unwrap();
        let ids: Vec<_> = all.values().map(|account| account.id).collect();
        let before = db.statements();
        let one = sponsor_reports(db, &system, &policy, &windows, &[all["acc-000"].id]).await.unwrap();
        let for_one = db.statements() - before;
        let several = sponsor_reports(db, &system, &policy, &windows, &ids).await.unwrap();
        assert_eq!(db.statements() - before - for_one, for_one);
        assert!(for_one <= 24, "{for_one} statements");
        assert_eq!(several.len(), 3);
        assert_eq!(one[&all["acc-000"].id].markdown(), several[&all["acc-000"].id].markdown());
    }
}
