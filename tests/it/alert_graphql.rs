//! Alerts, organisational changes and plans as clients ask for them: the documented queries and mutations, word for word.

use rapport_tests::{TestDb, on_both_databases};
use serde_json::{Value, json};

use crate::alert_stage::{FILES, contact, evaluate, import, stage};
use crate::graphql_server::Server;

const DEPARTURE: &str = r#"mutation Departure($contactId: ID!) {
  recordOrgChange(input: {kind: DEPARTURE, contactId: $contactId, observedOn: "2026-06-16", source: MANUAL, summary: "Left for a competitor"}) {
    orgChange { id kind confirmed reviewed }
    alert { id rule severity status }
    escalatedTo
  }
}"#;

const PLAN: &str = r#"mutation Plan($contactId: ID!, $at: DateTime!) {
  planOutreach(input: {contactId: $contactId, kind: EMAIL, purpose: STRATEGIC, plannedFor: $at, subject: "Roadmap preview", coordinatedWith: []}) {
    outreach { id plannedFor purpose }
  }
}"#;

const ANSWER: &str = r#"mutation Alert($id: ID!) {
  acknowledgeAlert(input: {alertId: $id}) { alert { id status } }
  snoozeAlert(input: {alertId: $id, until: "2030-01-31", reason: "QBR booked"}) { alert { id status snoozedUntil } }
  resolveAlert(input: {alertId: $id, disposition: ACTED, note: "Met the successor"}) { alert { id status disposition } }
}"#;

const OPEN: &str = r"query Open {
  accounts(first: 50) { nodes { externalId
    openAlerts: alerts(status: [OPEN, ACKNOWLEDGED], first: 5) { totalCount nodes { rule severity message openedAt } }
  } }
}";

async fn server(db: &TestDb) -> Server {
    import(db, FILES).await;
    import(
        db,
        &[(
            "users.csv",
            "email,name,role\nadmin@example.com,Ada Admin,admin\n",
        )],
    )
    .await;
    stage(db).await;
    evaluate(db).await;
    Server::start(db).await
}

/// The first error, which must be the only one.
fn refused(body: &Value) -> &Value {
    assert_eq!(body["errors"].as_array().map(Vec::len), Some(1), "{body}");
    &body["errors"][0]["extensions"]
}

on_both_databases! {
    async fn a_departure_is_recorded_shown_and_answered(db: TestDb) {
        let server = server(db).await;
        let cleo = contact(db, "acme", "c1").await.to_string();
        let done = server.data(DEPARTURE, json!({"contactId": cleo})).await["recordOrgChange"].take();
        assert_eq!(done["orgChange"]["kind"], "DEPARTURE");
        assert_eq!((&done["orgChange"]["confirmed"], &done["orgChange"]["reviewed"]), (&json!(true), &json!(false)));
        let alert = done["alert"]["id"].as_str().unwrap().to_owned();
        assert_eq!(done["alert"], json!({"id": alert, "rule": "sponsor.departed", "severity": "CRITICAL", "status": "OPEN"}));
        assert_eq!(done["escalatedTo"], json!(["ann@example.com", "max@example.com", "bea@example.com"]));
        let again = server.ask(DEPARTURE, json!({"contactId": cleo})).await;
        assert_eq!(again.code(), "CONFLICT");

        let open = server.data(OPEN, json!({})).await;
        let of = |account: &str| open["accounts"]["nodes"].as_array().unwrap().iter().find(|node| node["externalId"] == account).unwrap()["openAlerts"].clone();
        assert_eq!((&of("acme")["totalCount"], &of("bolt")["totalCount"]), (&json!(1), &json!(1)));
        assert_eq!(of("acme")["nodes"][0]["rule"], "sponsor.departed");

        let query = "query($id: ID!, $change: ID!) {
            alert: node(id: $id) { ... on Alert { subjectKind contact { name } account { externalId } baseline rung evidence { count }
                succession { rank leftOn source arr { amount currency } renewalDate overall openAlerts
                    sponsors { contact { name } rank level } executives { contact { name } level lastContactOn } } } }
            change: node(id: $change) { ... on OrgChange { summary contact { name } recordedBy { email } certainty } }
        }";
        let shown = server.data(query, json!({"id": alert, "change": done["orgChange"]["id"]})).await;
        assert_eq!(shown["alert"]["contact"]["name"], "Cleo Carter");
        assert_eq!((&shown["alert"]["rung"], &shown["alert"]["subjectKind"]), (&json!(3), &json!("CONTACT")));
        let succession = &shown["alert"]["succession"];
        assert_eq!((&succession["rank"], &succession["source"], &succession["arr"]["amount"]), (&json!("PRIMARY"), &json!("MANUAL"), &json!("90000.00")));
        assert_eq!(succession["sponsors"][0]["contact"]["name"], "Dan Dee");
        assert_eq!(succession["executives"][0], json!({"contact": {"name": "Eve Ember"}, "level": "PASSIVE", "lastContactOn": "2026-06-16"}));
        assert_eq!(shown["change"]["recordedBy"]["email"], "admin@example.com");

        let answered = server.data(ANSWER, json!({"id": alert})).await;
        assert_eq!(answered["acknowledgeAlert"]["alert"]["status"], "ACKNOWLEDGED");
        assert_eq!(answered["snoozeAlert"]["alert"], json!({"id": alert, "status": "SNOOZED", "snoozedUntil": "2030-01-31"}));
        assert_eq!(answered["resolveAlert"]["alert"], json!({"id": alert, "status": "RESOLVED", "disposition": "ACTED"}));
        let twice = server.ask(ANSWER, json!({"id": alert})).await.json();
        assert_eq!(twice["errors"].as_array().unwrap().iter().filter(|e| e["extensions"]["code"] == "CONFLICT").count(), 3, "{twice}");
        let useful = server.data("{ alertUsefulness { rule acted alreadyKnown noise resolved } }", json!({})).await;
        assert_eq!(useful["alertUsefulness"], json!([{"rule": "sponsor.departed", "acted": 1.0, "alreadyKnown": 0.0, "noise": 0.0, "resolved": 1}]));
        server.stop().await;
    }

    async fn a_guardrail_names_its_rule_the_other_plan_and_the_way_out(db: TestDb) {
        let server = server(db).await;
        let cleo = contact(db, "acme", "c1").await.to_string();
        let planned = server.data(PLAN, json!({"contactId": cleo, "at": "2026-06-20T09:00:00Z"})).await["planOutreach"]["outreach"].take();
        assert_eq!((&planned["plannedFor"], &planned["purpose"]), (&json!("2026-06-20T09:00:00Z"), &json!("STRATEGIC")));
        let operational = server.ask(&PLAN.replace("STRATEGIC", "OPERATIONAL"), json!({"contactId": cleo, "at": "2026-06-25T09:00:00Z"})).await.json();
        assert_eq!((&refused(&operational)["code"], &refused(&operational)["rule"]), (&json!("GUARDRAIL"), &json!("executive.operational_contact")));
        assert_eq!(operational["data"]["planOutreach"], json!(null));

        let max = service::record::user::find_by_email(db, &db.system(), &"max@example.com".parse().unwrap()).await.unwrap().unwrap();
        let token = service::token::create(db, &db.clock, &db.system(), max.id, "test", None).await.unwrap().secret;
        let other = crate::graphql_mutations::ask_as(&server, &token, PLAN, json!({"contactId": cleo, "at": "2026-06-21T09:00:00Z"})).await.json();
        assert_eq!((&refused(&other)["rule"], &refused(&other)["outreachId"]), (&json!("outreach.uncoordinated"), &planned["id"]));
        let message = other["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("Ada Admin") && message.contains("coordinatedWith"), "{message}");
        let past = server.ask(PLAN, json!({"contactId": cleo, "at": "2026-06-17T11:59:59Z"})).await.json();
        assert_eq!((&refused(&past)["code"], &refused(&past)["field"]), (&json!("BAD_USER_INPUT"), &json!("plannedFor")));

        let query = "query { accountByExternalId(externalId: \"acme\") { outreach(status: [PLANNED]) { totalCount nodes { id kind subject plannedBy { email } coordinatedWith { email } contact { name } } } } }";
        let shown = server.data(query, json!({})).await["accountByExternalId"]["outreach"].take();
        assert_eq!(shown["nodes"], json!([{"id": planned["id"], "kind": "EMAIL", "subject": "Roadmap preview",
            "plannedBy": {"email": "admin@example.com"}, "coordinatedWith": [], "contact": {"name": "Cleo Carter"}}]));
        let off = server.data("mutation($id: ID!) { cancelOutreach(input: {outreachId: $id}) { outreach { status canceledBy { email } } } }", json!({"id": planned["id"]})).await;
        assert_eq!(off["cancelOutreach"]["outreach"], json!({"status": "CANCELED", "canceledBy": {"email": "admin@example.com"}}));
        assert_eq!(server.data(query, json!({})).await["accountByExternalId"]["outreach"]["totalCount"], 0);
        server.stop().await;
    }

    async fn lists_of_alerts_are_filtered_ordered_and_paged(db: TestDb) {
        let server = server(db).await;
        import(db, &[("org_changes.csv", "account_external_id,kind,observed_on,contact_external_id,summary\nacme,departure,2026-06-16,c1,Left\n\
            acme,departure,2026-06-16,c2,Left\n")]).await;
        let ask = async |arguments: &str| {
            server.data(&format!("{{ alerts{arguments} {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ rule severity contact {{ name }} }} }} }}"), json!({})).await["alerts"].take()
        };
        let severities = |page: &Value| page["nodes"].as_array().unwrap().iter().map(|node| node["severity"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(severities(&ask("(orderBy: {field: SEVERITY})").await), ["CRITICAL", "HIGH", "MEDIUM"]);
        let first = ask("(orderBy: {field: SEVERITY, direction: ASC}, first: 2)").await;
        assert_eq!((severities(&first), &first["totalCount"], &first["pageInfo"]["hasNextPage"]), (vec!["MEDIUM".to_owned(), "HIGH".to_owned()], &json!(3), &json!(true)));
        let next = ask(&format!("(orderBy: {{field: SEVERITY, direction: ASC}}, after: {})", first["pageInfo"]["endCursor"])).await;
        assert_eq!(severities(&next), ["CRITICAL"]);
        assert_eq!(ask("(filter: {rule: [\"sponsor.departed\"], severity: [HIGH]})").await["nodes"], json!([{"rule": "sponsor.departed", "severity": "HIGH", "contact": {"name": "Dan Dee"}}]));
        assert_eq!(ask("(filter: {status: [RESOLVED]})").await["totalCount"], 0);
        assert_eq!(ask("(filter: {baseline: true})").await["totalCount"], 1);
        let wrong = server.ask("{ alerts(filter: {rule: [\"smoke\"]}) { totalCount } }", json!({})).await.json();
        assert_eq!((&refused(&wrong)["code"], &refused(&wrong)["field"]), (&json!("BAD_USER_INPUT"), &json!("filter.rule")));

        let changes = server.data("{ accountByExternalId(externalId: \"acme\") { orgChanges(reviewed: false, first: 1) { totalCount nodes { kind confirmed source } } } }", json!({})).await;
        assert_eq!(changes["accountByExternalId"]["orgChanges"], json!({"totalCount": 2, "nodes": [{"kind": "DEPARTURE", "confirmed": true, "source": "MANUAL"}]}));
        server.stop().await;
    }
}
