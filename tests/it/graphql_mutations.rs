//! Mutations as clients send them: rows in bulk with an answer for each, changes by hand, and what the edge refuses.

use rapport_tests::{TestDb, on_both_databases};
use serde_json::{Value, json};

use crate::access_stage::{Actor, stage};
use crate::graphql_server::{Answer, Server};
use crate::import_stage::{count, number, texts};

const RECORD: &str = "mutation Record($rows: [InteractionInput!]!) {
  recordInteractions(input: {rows: $rows}) {
    inserted updated unchanged rejected
    results { index clientRef outcome code field message warnings { field message } }
  }
}";

/// Asks as somebody.
pub(crate) async fn ask_as(server: &Server, token: &str, query: &str, variables: Value) -> Answer {
    let head =
        format!("POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}");
    server
        .send(
            &head,
            json!({ "query": query, "variables": variables })
                .to_string()
                .as_bytes(),
        )
        .await
}

/// A token of somebody.
pub(crate) async fn token_of(db: &TestDb, actor: Actor) -> String {
    let user = actor.user(db).await;
    service::token::create(db, &db.clock, &db.system(), user.id, "test", None)
        .await
        .unwrap()
        .secret
}

/// An interaction as an integration would send it, with everything in it.
fn realistic(n: usize) -> Value {
    json!({
        "clientRef": format!("sync-2026-06-17/{n}"),
        "externalId": format!("calendar-event-7f3c9a52e1-{n}"),
        "accountExternalId": "north",
        "kind": "MEETING", "direction": "OUTBOUND", "status": "COMPLETED", "purpose": "STRATEGIC",
        "occurredAt": "2026-06-10T10:00:00Z", "respondedAt": "2026-06-10T18:30:00+02:00", "respondedBy": "c2",
        "subject": format!("Quarterly planning, workshop {n}: roll-out of reporting to the northern region"),
        "topics": ["roll-out", "reporting", "training of the regional teams", "open questions on permissions"],
        "outcome": "Agreed on a pilot with three teams in July; Dan sends the list of participants by Friday. ".repeat(6),
        "ownerEmail": "ann@example.com",
        "participants": [
            {"contactExternalId": "c1", "attendance": "ATTENDED"},
            {"contactExternalId": "c2", "attendance": "ABSENT"},
        ],
    })
}

fn results(answer: &Answer, field: &str) -> Vec<Value> {
    let body = answer.json();
    assert!(
        answer.status == 200 && body.get("errors").is_none(),
        "{} {body}",
        answer.status
    );
    body["data"][field]["results"].as_array().unwrap().clone()
}

on_both_databases! {
    async fn a_thousand_rows_land_in_one_call_and_twice_they_change_nothing(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let rows: Vec<Value> = (0..1_000).map(realistic).collect();
        let size = json!({ "rows": rows }).to_string().len();
        assert!(size > 1_000_000, "realistic rows are long: {size}");
        let first = server.data(RECORD, json!({ "rows": rows })).await;
        assert_eq!(first["recordInteractions"]["inserted"], 1_000, "{}", first["recordInteractions"]["results"][0]);
        assert_eq!(first["recordInteractions"]["results"][7], json!({
            "index": 7, "clientRef": "sync-2026-06-17/7", "outcome": "INSERTED", "code": null, "field": null, "message": null, "warnings": [],
        }));
        assert_eq!(number(db, "SELECT count(*) FROM audit_log WHERE action = 'recordInteractions' AND target_kind = 'INTERACTION'").await, 1_000);
        assert_eq!(number(db, "SELECT count(*) FROM interaction_participant p JOIN interaction i ON i.id = p.interaction_id WHERE i.external_id LIKE 'calendar%'").await, 2_000);
        let again = server.data(RECORD, json!({ "rows": rows })).await;
        assert_eq!(again["recordInteractions"]["unchanged"], 1_000);
        assert_eq!(count(db, "audit_log WHERE action NOT IN ('import', 'init')").await, 1_001, "what changed nothing leaves no entry (one is the server's token)");
        let many: Vec<Value> = (0..1_001).map(|n| json!({"externalId": n.to_string(), "accountExternalId": "north"})).collect();
        let refused = server.ask(RECORD, json!({ "rows": many })).await;
        assert_eq!((refused.code().as_str(), refused.json()["errors"][0]["extensions"]["field"].as_str()), ("BAD_USER_INPUT", Some("rows")));
        let long = json!({ "rows": [{"externalId": "x", "accountExternalId": "north", "subject": "x".repeat(2 * 1024 * 1024)}] });
        assert_eq!(server.ask(RECORD, long).await.status, 413);
        server.stop().await;
    }

    async fn each_row_is_told_what_became_of_it(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let good = |key: &str| json!({"externalId": key, "accountExternalId": "north", "kind": "CALL", "direction": "INBOUND", "status": "COMPLETED", "occurredAt": "2026-06-12T08:00:00Z"});
        let with = |key: &str, more: Value| {
            let mut row = good(key);
            for (name, value) in more.as_object().unwrap() {
                row[name] = value.clone();
            }
            row
        };
        let rows = json!([
            good("n1"),
            with("n2", json!({"accountExternalId": "nowhere"})),
            with("n3", json!({"respondedAt": "2026-06-11T08:00:00Z"})),
            {"externalId": "n4", "accountExternalId": "north", "kind": "CALL"},
            with("n5", json!({"participants": [{"contactExternalId": "c1"}, {"contactExternalId": "ghost"}], "ownerEmail": "nobody@example.com"})),
            with("n6", json!({"subject": "first"})),
            with("n6", json!({"subject": "second"})),
            {"externalId": "i1", "accountExternalId": "north", "subject": null, "clientRef": "mine"},
            with("n7", json!({"respondedAt": "2026-06-12T09:00:00Z", "respondedBy": "c2"})),
            with(" ", json!({})),
            {"externalId": "i2", "accountExternalId": "north", "status": null},
        ]);
        let answer = server.ask(RECORD, json!({ "rows": rows })).await;
        let told: Vec<String> = results(&answer, "recordInteractions").iter().map(|r| {
            let text = |name: &str| r[name].as_str().unwrap_or("-").to_owned();
            let warned: Vec<&str> = r["warnings"].as_array().unwrap().iter().map(|w| w["field"].as_str().unwrap()).collect();
            format!("{} {} {} {} {}", r["index"], text("outcome"), text("code"), text("field"), warned.join(","))
        }).collect();
        assert_eq!(told, [
            "0 INSERTED - - ",
            "1 REJECTED NOT_FOUND accountExternalId ",
            "2 REJECTED BAD_USER_INPUT respondedAt ",
            "3 REJECTED BAD_USER_INPUT direction ",
            "4 INSERTED - - ownerEmail,participants",
            "5 REJECTED CONFLICT - ",
            "6 INSERTED - - ",
            "7 UPDATED - - ",
            "8 INSERTED - - respondedBy",
            "9 REJECTED BAD_USER_INPUT externalId ",
            "10 REJECTED BAD_USER_INPUT status ",
        ], "{}", answer.body);
        assert_eq!(results(&answer, "recordInteractions")[7]["clientRef"], "mine");
        assert_eq!(texts(db, "SELECT subject FROM interaction WHERE external_id IN ('n6', 'i1') AND account_id = (SELECT id FROM account WHERE external_id = 'north') ORDER BY external_id").await, ["-", "second"], "null clears; the last row of a key counts");
        assert_eq!(texts(db, "SELECT status FROM interaction WHERE external_id = 'i2'").await, ["COMPLETED"], "a rejected row changes nothing");
        assert_eq!(number(db, "SELECT count(*) FROM touched_account").await, 1, "the worker scores the account again");
        // What does not fit its type is refused before anything is executed, by its place.
        let refused = server.ask(RECORD, json!({"rows": [good("n8"), with("n9", json!({"kind": "TELEX"}))]})).await;
        assert_eq!((refused.code().as_str(), refused.status), ("BAD_USER_INPUT", 400), "{}", refused.body);
        assert!(refused.json()["errors"][0]["extensions"]["field"].as_str().is_some_and(|field| field.contains("rows.1.kind")), "{}", refused.body);
        server.stop().await;
    }

    async fn every_kind_of_row_follows_the_rules_of_its_file(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let query = "mutation {
          upsertAccounts(input: {rows: [{externalId: \"west\", name: \"West\", tier: MID_MARKET, arr: \"1200.50\", currency: \"usd\", renewalDate: \"2027-01-31\"},
            {externalId: \"north\", region: \"EMEA\"}, {externalId: \"east\", name: \"East\"}, {externalId: \"south\", contractStart: \"2027-01-01\"}]}) { results { outcome field message } }
          upsertContacts(input: {rows: [{accountExternalId: \"west\", externalId: \"w1\", name: \"Wim\", priorities: [\"growth\", \"calm; and quiet\"]},
            {accountExternalId: \"north\", externalId: \"c1\", status: DEPARTED, departedOn: \"2026-06-10\"}]}) { results { outcome } }
        }";
        let data = server.data(query, json!({})).await;
        let outcomes = |field: &str| -> Vec<String> {
            data[field]["results"].as_array().unwrap().iter().map(|r| r["outcome"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(outcomes("upsertAccounts"), ["INSERTED", "UPDATED", "REJECTED", "REJECTED"], "{data}");
        assert_eq!(data["upsertAccounts"]["results"][2]["field"], "tier");
        assert_eq!(data["upsertAccounts"]["results"][3]["field"], "contractStart");
        assert_eq!(outcomes("upsertContacts"), ["INSERTED", "UPDATED"]);
        assert_eq!(texts(db, "SELECT priorities FROM contact WHERE external_id = 'w1'").await, ["[\"growth\",\"calm; and quiet\"]"]);
        assert_eq!(number(db, "SELECT arr_minor FROM account WHERE external_id = 'west'").await, 120_050);
        // A contact set to departed ends their sponsorship, whoever sets them.
        let ended = "SELECT CAST(s.ended_on AS text) FROM sponsorship s JOIN account a ON a.id = s.account_id WHERE a.external_id = 'north'";
        assert_eq!(texts(db, ended).await, ["2026-06-10"]);
        let query = "mutation {
          recordUsage(input: {rows: [{accountExternalId: \"west\", feature: \"reports\", day: \"2026-06-16\", count: 3, contactExternalId: \"w1\"},
            {accountExternalId: \"west\", feature: \"login\", day: \"2026-06-16\", count: 5}, {accountExternalId: \"west\", feature: \"reports\", day: \"2026-06-16\", count: -1}]}) { results { outcome field } }
          recordMetrics(input: {rows: [{accountExternalId: \"west\", metric: \"roi\", observedOn: \"2026-06-01\", value: 1.25}, {accountExternalId: \"west\", metric: \"roi\", observedOn: \"2026-06-02\"}]}) { results { outcome field } }
          setGoals(input: {rows: [{accountExternalId: \"west\", goal: \"Grow\", progress: 12.5, dueOn: \"2026-12-31\"}, {accountExternalId: \"west\", goal: \"Save\", progress: 101}]}) { results { outcome field } }
          setInitiatives(input: {rows: [{accountExternalId: \"west\", initiative: \"Pilot\", alignment: HIGH}, {accountExternalId: \"west\", initiative: \"Other\"}]}) { results { outcome field } }
        }";
        let data = server.data(query, json!({})).await;
        for (field, expected) in [
            ("recordUsage", json!([{"outcome": "INSERTED", "field": null}, {"outcome": "INSERTED", "field": null}, {"outcome": "REJECTED", "field": "count"}])),
            ("recordMetrics", json!([{"outcome": "INSERTED", "field": null}, {"outcome": "REJECTED", "field": "value"}])),
            ("setGoals", json!([{"outcome": "INSERTED", "field": null}, {"outcome": "REJECTED", "field": "progress"}])),
            ("setInitiatives", json!([{"outcome": "INSERTED", "field": null}, {"outcome": "REJECTED", "field": "alignment"}])),
        ] {
            assert_eq!(data[field]["results"], expected, "{field}");
        }
        // Rows without ids stand in the log together, the others one by one.
        let log = texts(db, "SELECT action || ' ' || target_kind || ' ' || after FROM audit_log WHERE target_kind IN ('USAGE', 'METRIC', 'GOAL') ORDER BY 1").await;
        assert_eq!(log.len(), 3, "{log:?}");
        assert!(log[0].contains("\"observed_on\":\"2026-06-01\"") && log[1].matches("\"feature\"").count() == 2 && log[2].contains("\"progress\":12.5"), "{log:?}");
        server.stop().await;
    }

    async fn a_csm_writes_to_the_accounts_of_their_teams_and_to_no_other(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let (ann, vera, lou) = (token_of(db, Actor::Csm).await, token_of(db, Actor::Viewer).await, token_of(db, Actor::Manager).await);
        let query = "mutation { upsertAccounts(input: {rows: [{externalId: \"north\", region: \"EMEA\"}, {externalId: \"south\", region: \"EMEA\"},
            {externalId: \"west\", name: \"West\", tier: SMB}]}) { results { outcome code field message } } }";
        let told = results(&ask_as(&server, &ann, query, json!({})).await, "upsertAccounts");
        assert_eq!(told[0]["outcome"], "UPDATED");
        // One that is there and one that is not are told apart by nothing.
        assert_eq!(told[1], json!({"outcome": "REJECTED", "code": "NOT_FOUND", "field": "externalId", "message": "unknown account \"south\""}));
        assert_eq!(told[2], json!({"outcome": "REJECTED", "code": "NOT_FOUND", "field": "externalId", "message": "unknown account \"west\""}));
        assert_eq!(texts(db, "SELECT region FROM account ORDER BY external_id").await, ["EMEA", "-"]);
        let row = |account: &str| json!([{"externalId": "z", "accountExternalId": account, "kind": "CALL", "direction": "INBOUND", "status": "COMPLETED", "occurredAt": "2026-06-12T08:00:00Z"}]);
        for (account, outcome, code) in [("north", "INSERTED", Value::Null), ("south", "REJECTED", json!("NOT_FOUND"))] {
            let told = results(&ask_as(&server, &ann, RECORD, json!({"rows": row(account)})).await, "recordInteractions");
            assert_eq!((told[0]["outcome"].as_str(), &told[0]["code"]), (Some(outcome), &code), "{account}");
        }
        for account in ["north", "south"] {
            assert_eq!(ask_as(&server, &vera, RECORD, json!({"rows": row(account)})).await.code(), "FORBIDDEN", "viewers change nothing");
        }
        let told = results(&ask_as(&server, &lou, query, json!({})).await, "upsertAccounts");
        assert_eq!(told.iter().map(|r| r["outcome"].as_str().unwrap()).collect::<Vec<_>>(), ["UNCHANGED", "UPDATED", "INSERTED"]);
        server.stop().await;
    }

    async fn a_failed_mutation_does_not_hide_what_others_did(db: TestDb) {
        let [north, _] = stage(db).await;
        let server = Server::start(db).await;
        let uma = Actor::LoneCsm.user(db).await.id;
        let query = "mutation($a: ID!, $u: ID!) {
          assigned: assignTeamMember(input: {accountId: $a, userId: $u, teamRole: ACCOUNT_EXECUTIVE}) { teamMember { teamRole user { name } } }
          again: removeTeamMember(input: {accountId: $a, userId: $u}) { teamMember { teamRole } }
          gone: removeTeamMember(input: {accountId: $a, userId: $u}) { teamMember { teamRole } }
          back: assignTeamMember(input: {accountId: $a, userId: $u}) { teamMember { teamRole user { email } } }
        }";
        let answer = server.ask(query, json!({"a": north.to_string(), "u": uma.to_string()})).await;
        let body = answer.json();
        assert_eq!(body["data"], json!({
            "assigned": {"teamMember": {"teamRole": "ACCOUNT_EXECUTIVE", "user": {"name": "Uma"}}},
            "again": {"teamMember": {"teamRole": "ACCOUNT_EXECUTIVE"}},
            "gone": null,
            "back": {"teamMember": {"teamRole": "CSM", "user": {"email": "uma@example.com"}}},
        }), "{body}");
        let error = &body["errors"][0];
        assert_eq!((&error["extensions"]["code"], &error["extensions"]["field"], &error["path"]), (&json!("NOT_FOUND"), &json!("userId"), &json!(["gone"])));
        server.stop().await;
    }

    async fn sponsors_are_named_and_ended(db: TestDb) {
        let [north, _] = stage(db).await;
        let server = Server::start(db).await;
        let data = server.data("{ accountByExternalId(externalId: \"north\") { contacts { nodes { id externalId } } } }", json!({})).await;
        let dan = data["accountByExternalId"]["contacts"]["nodes"].as_array().unwrap().iter().find(|c| c["externalId"] == "c2").unwrap()["id"].clone();
        let assign = "mutation($a: ID!, $c: ID!, $rank: SponsorRank!, $since: Date, $until: Date) {
          assignSponsor(input: {accountId: $a, contactId: $c, rank: $rank, since: $since, until: $until}) { sponsorship { id rank since until endedOn contact { name } } } }";
        let account = north.to_string();
        let refused = server.ask(assign, json!({"a": account, "c": dan, "rank": "PRIMARY"})).await;
        assert_eq!(refused.code(), "CONFLICT");
        let message = refused.json()["errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("Cleo North since 2025-01-01") && message.contains("endSponsorship"), "{message}");
        let refused = server.ask(assign, json!({"a": account, "c": dan, "rank": "BACKUP", "since": "2026-06-10", "until": "2026-06-09"})).await;
        assert_eq!((refused.code().as_str(), refused.json()["errors"][0]["extensions"]["field"].as_str()), ("BAD_USER_INPUT", Some("until")));
        let data = server.data(assign, json!({"a": account, "c": dan, "rank": "BACKUP"})).await;
        let made = &data["assignSponsor"]["sponsorship"];
        assert_eq!((made["rank"].as_str(), made["since"].as_str(), made["contact"]["name"].as_str()), (Some("BACKUP"), Some("2026-06-17"), Some("Dan North")));
        let end = "mutation($id: ID!, $until: Date) { endSponsorship(input: {sponsorshipId: $id, until: $until}) { sponsorship { until } } }";
        assert_eq!(server.ask(end, json!({"id": made["id"]})).await.code(), "BAD_USER_INPUT", "not on its first day");
        let data = server.data(end, json!({"id": made["id"], "until": "2026-06-30"})).await;
        assert_eq!(data["endSponsorship"]["sponsorship"]["until"], "2026-06-30");
        assert_eq!(server.ask(end, json!({"id": made["id"], "until": "2026-07-30"})).await.code(), "CONFLICT");
        assert_eq!(server.ask(end, json!({"id": dan})).await.code(), "BAD_USER_INPUT", "an id of another kind");
        server.stop().await;
    }

    async fn a_token_is_shown_once_and_dead_when_revoked(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let ann = token_of(db, Actor::Csm).await;
        let create = "mutation { createApiToken(input: {name: \"nightly sync\"}) { token apiToken { id name last4 expiresAt } } }";
        let answer = ask_as(&server, &ann, create, json!({})).await.json();
        let made = &answer["data"]["createApiToken"];
        let secret = made["token"].as_str().unwrap();
        assert!(secret.ends_with(made["apiToken"]["last4"].as_str().unwrap()) && made["apiToken"]["expiresAt"] == "2026-09-15T12:00:00Z", "{answer}");
        let who = "{ viewer { name apiTokens { name last4 } digest { off day hour timeZone } } }";
        let data = ask_as(&server, secret, who, json!({})).await.json();
        assert_eq!(data["data"]["viewer"]["apiTokens"].as_array().map(Vec::len), Some(2));
        assert_eq!(data["data"]["viewer"]["digest"], json!({"off": false, "day": "MONDAY", "hour": 8, "timeZone": "UTC"}));
        assert!(!data.to_string().contains("rap_pat_"));
        let revoke = "mutation($id: ID!) { revokeApiToken(input: {tokenId: $id}) { apiToken { revokedAt } } }";
        let revoked = ask_as(&server, secret, revoke, json!({"id": made["apiToken"]["id"]})).await.json();
        assert_eq!(revoked["data"]["revokeApiToken"]["apiToken"]["revokedAt"], "2026-06-17T12:00:00Z");
        assert_eq!(ask_as(&server, secret, who, json!({})).await.code(), "UNAUTHENTICATED");
        let set = "mutation { setDigestPreferences(input: {off: true, day: FRIDAY, hour: 7, timeZone: \"America/New_York\"}) { user { digest { off day hour timeZone } } } }";
        let data = ask_as(&server, &ann, set, json!({})).await.json();
        assert_eq!(data["data"]["setDigestPreferences"]["user"]["digest"], json!({"off": true, "day": "FRIDAY", "hour": 7, "timeZone": "America/New_York"}));
        for (input, field) in [("hour: 24", "hour"), ("hour: -1", "hour"), ("timeZone: \"Mars/Olympus\"", "timeZone")] {
            let refused = ask_as(&server, &ann, &format!("mutation {{ setDigestPreferences(input: {{{input}}}) {{ user {{ id }} }} }}"), json!({})).await;
            assert_eq!((refused.code().as_str(), refused.json()["errors"][0]["extensions"]["field"].as_str()), ("BAD_USER_INPUT", Some(field)), "{input}");
        }
        // Another's tokens and preferences are nobody's business, but for the admin's.
        let team = "{ accountByExternalId(externalId: \"north\") { team { user { name apiTokens { name } digest { off } } } } }";
        let seen = ask_as(&server, &token_of(db, Actor::Manager).await, team, json!({})).await.json();
        assert!(seen["data"]["accountByExternalId"]["team"].as_array().unwrap().iter().all(|m| m["user"]["apiTokens"].is_null() && m["user"]["digest"].is_null()), "{seen}");
        let seen = server.data(team, json!({})).await;
        assert!(seen["accountByExternalId"]["team"].as_array().unwrap().iter().all(|m| m["user"]["digest"].is_object()), "{seen}");
        server.stop().await;
    }

    async fn every_token_of_a_user_can_be_ended_at_once(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let (ann, other) = (token_of(db, Actor::Csm).await, token_of(db, Actor::Csm).await);
        let create = "mutation($until: DateTime) { createApiToken(input: {name: \"child\", expiresAt: $until}) { token apiToken { id madeWith expiresAt } } }";
        let child = ask_as(&server, &ann, create, json!({})).await.json()["data"]["createApiToken"].take();
        let tokens = "{ viewer { apiTokens { id name madeWith revokedAt } } }";
        let listed = ask_as(&server, &ann, tokens, json!({})).await.json()["data"]["viewer"]["apiTokens"].take();
        let parent = listed.as_array().unwrap().iter().find(|token| token["id"] == child["apiToken"]["madeWith"]).expect("its parent");
        assert_eq!((&parent["name"], &parent["madeWith"]), (&json!("test"), &Value::Null), "the command line's");
        // A child of the child may not outlive it.
        let child = child["token"].as_str().unwrap();
        let late = ask_as(&server, child, create, json!({"until": "2026-12-31T00:00:00Z"})).await;
        assert_eq!((late.code().as_str(), late.json()["errors"][0]["extensions"]["field"].as_str()), ("BAD_USER_INPUT", Some("expiresAt")));
        // An admin's token for Ann is Ann's, and is made with the admin's.
        let anns = Actor::Csm.user(db).await.id.to_string();
        let made = "mutation($u: ID!) { createApiToken(input: {name: \"by the admin\", userId: $u}) { token apiToken { madeWith } } }";
        let by_admin = server.data(made, json!({"u": anns})).await["createApiToken"].take();
        assert!(by_admin["apiToken"]["madeWith"].is_string());
        let revoke = "mutation($u: ID) { revokeApiTokens(input: {userId: $u}) { revoked } }";
        let lou = token_of(db, Actor::Manager).await;
        assert_eq!(ask_as(&server, &lou, revoke, json!({"u": anns})).await.code(), "FORBIDDEN");
        let ended = ask_as(&server, child, revoke, json!({})).await.json();
        assert_eq!(ended["data"]["revokeApiTokens"], json!({"revoked": 4}), "{ended}");
        for dead in [ann.as_str(), &other, child, by_admin["token"].as_str().unwrap()] {
            assert_eq!(ask_as(&server, dead, tokens, json!({})).await.code(), "UNAUTHENTICATED");
        }
        assert_eq!(number(db, "SELECT count(*) FROM audit_log WHERE action = 'revokeApiTokens' AND target_kind = 'TOKEN'").await, 4);
        assert_eq!(server.data(revoke, json!({"u": anns})).await["revokeApiTokens"], json!({"revoked": 0}));
        // The admin's own, and what was made with one of them for somebody else.
        let by_admin = server.data(made, json!({"u": anns})).await["createApiToken"]["token"].as_str().unwrap().to_owned();
        assert_eq!(server.data(revoke, json!({})).await["revokeApiTokens"], json!({"revoked": 2}));
        for dead in [server.token.as_str(), &by_admin] {
            assert_eq!(ask_as(&server, dead, tokens, json!({})).await.code(), "UNAUTHENTICATED");
        }
        assert_eq!(ask_as(&server, &lou, tokens, json!({})).await.status, 200, "others go on");
        server.stop().await;
    }

    async fn the_log_tells_who_did_what_with_which_token(db: TestDb) {
        let [north, _] = stage(db).await;
        let server = Server::start(db).await;
        db.clock.advance(chrono::TimeDelta::minutes(1));
        server.data("mutation { upsertAccounts(input: {rows: [{externalId: \"north\", name: \"North Inc\", region: \"EMEA\"}]}) { updated } }", json!({})).await;
        let query = "query($a: ID) { auditLog(accountId: $a, first: 5) { totalCount pageInfo { hasNextPage } nodes {
            at action target targetId user { name } userId tokenId account { name } before after redactedAt } } }";
        let data = server.data(query, json!({"a": north.to_string()})).await;
        assert_eq!(data["auditLog"]["totalCount"], 3, "two joined its team by a file before");
        let entry = &data["auditLog"]["nodes"][0];
        assert_eq!((entry["action"].as_str(), entry["target"].as_str(), entry["user"]["name"].as_str()), (Some("upsertAccounts"), Some("ACCOUNT"), Some("Ada")));
        assert_eq!((&entry["before"], &entry["after"]), (&json!({"name": "North Ltd", "region": null}), &json!({"name": "North Inc", "region": "EMEA"})));
        assert_eq!((entry["targetId"].as_str(), entry["account"]["name"].as_str()), (Some(north.to_string().as_str()), Some("North Inc")));
        assert!(entry["tokenId"].as_str().is_some_and(|id| id.starts_with("tok_")), "{entry}");
        assert_eq!(server.ask("{ auditLog(accountId: \"x\") { totalCount } viewer { name } }", json!({})).await.code(), "BAD_USER_INPUT");
        server.stop().await;
    }

    async fn hostile_writes_are_refused_before_anything_is_done(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let one = |n: usize| format!("m{n}: upsertAccounts(input: {{rows: []}}) {{ updated }} ");
        let several = |n: usize| format!("mutation {{ {} }}", (0..n).map(one).collect::<String>());
        assert_eq!(server.ask(&several(4), json!({})).await.status, 200);
        assert_eq!(server.ask(&several(5), json!({})).await.code(), "COMPLEXITY_LIMIT", "five thousand rows are too many for one request");
        // A query takes no more than before, however long a mutation beside it may be.
        let text = "query Q($x: String!) { accountByExternalId(externalId: $x) { id } } mutation M($x: String!) { createApiToken(input: {name: $x}) { token } }";
        let long = |name: &str| json!({"query": text, "operationName": name, "variables": {"x": "x".repeat(100_000)}}).to_string();
        assert_eq!(server.post(long("Q").as_bytes()).await.code(), "COMPLEXITY_LIMIT");
        assert_eq!(server.post(long("M").as_bytes()).await.code(), "BAD_USER_INPUT");
        let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
        let body = format!("{{\"query\":{},\"variables\":{{\"rows\":{deep}}}}}", json!(RECORD));
        assert_eq!(server.post(body.as_bytes()).await.status, 400);
        // A million empty things are no rows.
        let flat = format!("{{\"query\":{},\"variables\":{{\"rows\":[{}0]}}}}", json!(RECORD), "[],".repeat(600_000));
        let started = std::time::Instant::now();
        let refused = server.post(flat.as_bytes()).await;
        assert_eq!(refused.code(), "BAD_USER_INPUT", "{}", refused.body);
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
        let nul = server.ask(RECORD, json!({"rows": [{"externalId": "a\0b", "accountExternalId": "north"}]})).await;
        assert_eq!(nul.code(), "BAD_USER_INPUT");
        // By GET nothing is written.
        let by_get = server.send(&format!("GET /graphql?query=mutation%7BupsertAccounts(input:%7Brows:[]%7D)%7Bupdated%7D%7D HTTP/1.1\r\nAuthorization: Bearer {}", server.token), b"").await;
        assert_eq!((by_get.status, by_get.header("allow")), (405, Some("POST")));
        assert_eq!(count(db, "account").await, 2);
        server.stop().await;
    }
}
