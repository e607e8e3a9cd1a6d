//! The two queries that docs/api.md promises, word for word but for alerts, and what stands behind their numbers.

use chrono_tz::Tz;
use engagement::policy::Policy;
use engagement::vocabulary::Period;
use engagement::windows::Windows;
use rapport_tests::on_both_databases;
use serde_json::{Value, json};
use service::report::labelled_engagement_report;

use crate::graphql_server::Server;
use crate::graphql_stage::{CONTACTS, score, stage, stage_goals};

pub(crate) const PORTFOLIO: &str = r#"
query Portfolio {
  viewer { email role timeZone }
  accounts(first: 50, filter: {pattern: [LOW_ENGAGED, DISENGAGED], tier: [ENTERPRISE], search: "acme"},
           orderBy: {field: ENGAGEMENT_SCORE, direction: ASC}) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node {
      id externalId name tier status renewalDate arr { amount currency }
      engagement { asOf overall pattern trend change coverage provisional dataThrough dimensions { dimension score weight measured } }
      standing { state reasons { reason message on contact { name } } }   # null for an account that is no customer any more
      primarySponsor { contact { name title } level risk score }
      team { user { name email } teamRole }
    } }
  }
}"#;

pub(crate) const ENGAGEMENT: &str = r#"
query Engagement($externalId: String!, $endingOn: Date) {
  accountByExternalId(externalId: $externalId) {
    engagementReport(period: QUARTERLY, endingOn: $endingOn) {
      period { start end } previousPeriod { start end }
      overall previousOverall change trend pattern coverage coverageChanged provisional provisionalReason dataThrough policyHash
      dimensions { dimension score weight measured
        components { component value unit benchmark score weight contribution measured evidence { count interactionIds } } }
      activity { touchpoints calls meetings emailsSent emailsReceived responseRate medianResponseHours
        qbrsCompleted qbrsDue qbrAttendanceRate qbrParticipation customerInitiatedShare trainingSessions certifications logins activeUsers powerUsers
        featuresUsed featureCatalogue communityEvents forumPosts meetingParticipationRate strategicShare }
      previousActivity { touchpoints responseRate medianResponseHours logins featuresUsed }
      stakeholders { contact { name title department } executive engaged touches lastTouchOn }
      singleThreaded multiThreaded
      signals { signal severity message evidence { count interactionIds } }
      recommendations { action reason horizon cadence content channel expectedPoints }
      target { overall pattern } improvementPlan { change points overallAfter }
      history { asOf overall pattern }
      ledgerChange(since: "2026-06-30") { dimension component before after change }
      markdown
    }
  }
}"#;

const SPONSORS_WITHOUT_REPORT: &str = r#"
query Sponsors($externalId: String!) {
  accountByExternalId(externalId: $externalId) {
    goals { goal progress dueOn }
    contract { start renewalDate arr { amount currency } }
    contacts(roles: [EXECUTIVE_SPONSOR, C_LEVEL, VP], first: 20) { nodes { name title activity { touches lastTouchOn } } }
    interactions(contactRoles: [EXECUTIVE_SPONSOR, C_LEVEL, VP], period: "12m", first: 50) { nodes { kind occurredAt subject outcome } }
    metrics(names: ["roi", "strategic_goals_progress", "executive_dashboard_views"]) { name value observedOn change }
  }
}"#;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

on_both_databases! {
    async fn the_portfolio_query_answers_as_promised(db: TestDb) {
        stage(db, 6).await;
        let server = Server::start(db).await;
        let nobody = server.data(PORTFOLIO, json!({})).await;
        assert_eq!(nobody["accounts"], json!({
            "totalCount": 0, "edges": [],
            "pageInfo": {"hasNextPage": false, "hasPreviousPage": false, "startCursor": null, "endCursor": null}
        }));
        let all = PORTFOLIO.replace(r#"filter: {pattern: [LOW_ENGAGED, DISENGAGED], tier: [ENTERPRISE], search: "acme"},"#, "");
        let data = server.data(&all, json!({})).await;
        let accounts = &data["accounts"];
        assert_eq!((accounts["totalCount"].as_i64(), accounts["edges"].as_array().map(Vec::len)), (Some(6), Some(6)));
        let first = &accounts["edges"][0];
        assert_eq!(first["cursor"], accounts["pageInfo"]["startCursor"]);
        let engagement = &first["node"]["engagement"];
        assert_eq!(engagement["asOf"], "2026-10-01T18:00:00Z");
        assert_eq!(engagement["dimensions"].as_array().map(Vec::len), Some(4));
        assert_eq!(first["node"]["team"], json!([
            {"user": {"name": "Kim", "email": "kim@example.com"}, "teamRole": "CSM"},
            {"user": {"name": "Lou", "email": "lou@example.com"}, "teamRole": "MANAGER"}
        ]));
        let scores: Vec<i64> = accounts["edges"].as_array().unwrap().iter().map(|e| e["node"]["engagement"]["overall"].as_i64().unwrap()).collect();
        assert!(scores.is_sorted() && scores.first() < scores.last(), "{scores:?}");
        server.stop().await;
    }

    async fn the_engagement_query_answers_as_promised(db: TestDb) {
        stage(db, 2).await;
        let server = Server::start(db).await;
        let data = server.data(ENGAGEMENT, json!({"externalId": "acc-000"})).await;
        let report = &data["accountByExternalId"]["engagementReport"];
        assert_eq!(report["period"], json!({"start": "2026-07-02", "end": "2026-10-01"}));
        assert_eq!(report["previousPeriod"], json!({"start": "2026-04-02", "end": "2026-07-01"}));
        // Every point of the score is the contribution of a component, and every contribution has rows behind it.
        let components: Vec<&Value> =
            report["dimensions"].as_array().unwrap().iter().flat_map(|d| d["components"].as_array().unwrap()).collect();
        let points: f64 = components.iter().filter(|c| c["measured"] == true).map(|c| number(&c["contribution"])).sum();
        assert_eq!(Some((points + 0.5 + 1e-9).floor() as i64), report["overall"].as_i64());
        let of = |name: &str| components.iter().find(|c| c["component"] == name).unwrap();
        // Thirteen weeks of two mails each; yesterday's two are too young to be judged.
        assert_eq!(of("RESPONSE_RATE")["evidence"]["count"].as_u64(), Some(24));
        assert_eq!(of("RESPONSE_RATE")["evidence"]["interactionIds"].as_array().map(Vec::len), Some(20));
        // The evidence can be read.
        let ids = &of("MEETING_PARTICIPATION")["evidence"]["interactionIds"];
        let nodes = server.data("query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Interaction { kind account { externalId } } } }", json!({"ids": ids})).await;
        for (node, id) in nodes["nodes"].as_array().unwrap().iter().zip(ids.as_array().unwrap()) {
            assert_eq!(node, &json!({"id": id, "kind": "MEETING", "account": {"externalId": "acc-000"}}));
        }
        assert_eq!(report["stakeholders"].as_array().map(Vec::len), Some(CONTACTS));
        assert_eq!(report["history"].as_array().map(Vec::len), Some(3));
        assert_eq!(report["history"][2]["asOf"], "2026-10-01T18:00:00Z");
        let changed: f64 = report["ledgerChange"].as_array().unwrap().iter().map(|c| number(&c["change"])).sum();
        let earlier = server.data(ENGAGEMENT, json!({"externalId": "acc-000", "endingOn": "2026-06-30"})).await;
        let earlier = &earlier["accountByExternalId"]["engagementReport"];
        let was: f64 = earlier["dimensions"].as_array().unwrap().iter().flat_map(|d| d["components"].as_array().unwrap())
            .filter(|c| c["measured"] == true).map(|c| number(&c["contribution"])).sum();
        assert!((points - was - changed).abs() < 1e-9, "{points} - {was} is not {changed}");
        assert_eq!(earlier["ledgerChange"], json!([]));
        let markdown = report["markdown"].as_str().unwrap();
        assert!(markdown.contains("Customer 000") && markdown.contains("Person 0 of 000"), "{markdown}");
        assert_eq!(report["policyHash"].as_str().map(str::len), Some(16));
        server.stop().await;
    }

    async fn a_report_is_the_same_by_whichever_door_it_is_asked_for(db: TestDb) {
        stage(db, 1).await;
        // Days at both ends of the history that is shown.
        for back in [91, 90, 85, 84] {
            score(db, back).await;
        }
        let server = Server::start(db).await;
        let data = server.data(ENGAGEMENT, json!({"externalId": "acc-000"})).await;
        let account = service::record::account::find(db, &db.system(), "acc-000").await.unwrap().unwrap();
        let windows = Windows::new(db.clock.now().date_naive(), db.clock.now(), Tz::UTC, Period::Quarterly);
        let report = labelled_engagement_report(db, &db.system(), &Policy::default(), &windows, account.id).await.unwrap().unwrap();
        assert_eq!(report.labels.history.len(), 5, "91 days ago is too long ago; 85 and 84 days ago are one week");
        assert_eq!(data["accountByExternalId"]["engagementReport"]["markdown"].as_str(), Some(report.report.markdown(&report.labels).as_str()));
        server.stop().await;
    }

    async fn the_seeds_calls_answer_as_promised(db: TestDb) {
        stage(db, 2).await;
        stage_goals(db, 2).await;
        let server = Server::start(db).await;
        let data = server.data(SPONSORS_WITHOUT_REPORT, json!({"externalId": "acc-001"})).await;
        let account = &data["accountByExternalId"];
        assert_eq!(account["goals"], json!([
            {"goal": "Cut costs", "progress": 40.0, "dueOn": "2026-12-31"}, {"goal": "Grow", "progress": null, "dueOn": null}
        ]));
        assert_eq!(account["contract"], json!({"start": "2024-01-01", "renewalDate": "2027-02-01", "arr": {"amount": "2000.50", "currency": "EUR"}}));
        let names: Vec<&str> = account["contacts"]["nodes"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Person 0 of 001", "Person 1 of 001", "Person 2 of 001"], "C-level, VP, and a director who sponsors");
        assert!(account["contacts"]["nodes"][0]["activity"]["touches"].as_u64() > Some(0));
        let interactions = account["interactions"]["nodes"].as_array().unwrap();
        assert!(interactions.len() > 20 && interactions.iter().all(|i| i["occurredAt"].as_str() > Some("2025-10-02")), "{}", interactions.len());
        assert_eq!(account["metrics"], json!([
            {"name": "executive_dashboard_views", "value": 12.0, "observedOn": "2026-08-01", "change": null},
            {"name": "roi", "value": 2.25, "observedOn": "2026-08-01", "change": 0.75}
        ]));
        server.stop().await;
    }

    async fn a_bad_day_or_period_names_its_argument(db: TestDb) {
        stage(db, 1).await;
        let server = Server::start(db).await;
        for (field, fields) in [
            ("endingOn", "engagementReport(endingOn: \"2026-10-02\") { overall }"),
            ("endingOn", "engagementReport(endingOn: \"2026-02-30\") { overall }"),
            ("endingOn", "engagementReport(endingOn: 7) { overall }"),
            ("period", "engagementReport(period: YEARLY) { overall }"),
            ("since", "engagementReport { ledgerChange(since: \"2026-10-02\") { change } }"),
            ("days", "engagementReport { history(days: 0) { overall } }"),
            ("days", "engagementReport { history(days: 100000) { overall } }"),
            ("period", "interactions(period: \"0m\") { totalCount }"),
            ("period", "interactions(endingOn: \"2026-01-01\") { totalCount }"),
            ("kinds.0", "interactions(kinds: [WEBINAR]) { totalCount }"),
            ("first", "contacts(first: 101) { totalCount }"),
            ("first", "contacts(first: -1) { totalCount }"),
            ("first", "contacts(first: 99999999999999999999) { totalCount }"),
            ("last", "contacts(first: 1, last: 1) { totalCount }"),
            ("after", "contacts(after: \"nonsense\") { totalCount }"),
            ("before", "interactions(before: \"00\") { totalCount }"),
        ] {
            let answer = server.ask(&format!("{{ accountByExternalId(externalId: \"acc-000\") {{ {fields} }} }}"), json!({})).await;
            let body = answer.json();
            let extensions = &body["errors"][0]["extensions"];
            assert_eq!((extensions["code"].as_str(), extensions["field"].as_str()), (Some("BAD_USER_INPUT"), Some(field)), "{fields} {body}");
        }
        server.stop().await;
    }
}
