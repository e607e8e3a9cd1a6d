//! A request that is sent again because its answer was lost is done once: the same key with the same body has the same answer.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use rapport_tests::{Kind, TestDb, on_both_databases, run};
use serde_json::{Value, json};
use service::settings::Settings;

use crate::access_changes::{contact_id, moment};
use crate::access_stage::{Actor, stage};
use crate::graphql_mutations::{ask_as, token_of};
use crate::graphql_server::{Answer, Server};
use crate::import_stage::{count, import_texts, texts};

/// A mutation that makes something, its input without a key, and what differs in another body.
struct Case {
    name: &'static str,
    input: Value,
    other: (&'static str, Value),
    fields: &'static str,
}

/// Where the mutations leave something.
const TABLES: [&str; 8] = [
    "outreach",
    "org_change",
    "sponsorship",
    "alert",
    "outbox",
    "api_token",
    "audit_log",
    "sponsorship WHERE ended_on IS NOT NULL",
];

/// Every mutation that takes a key and can show its answer again.
async fn cases(db: &TestDb) -> Vec<Case> {
    let dan = contact_id(db, "north", "c2").await.to_string();
    let north = service::record::account::find(db, &db.system(), "north")
        .await
        .unwrap()
        .unwrap()
        .id
        .to_string();
    import_texts(
        db,
        &[(
            "org_changes.csv",
            "account_external_id,kind,observed_on,contact_external_id,summary,source\nnorth,departure,2026-06-16,c1,Has he left?,linkedin\n",
        )],
    )
    .await;
    let suspicion = service::change::org_change::pages_of(
        db,
        &db.system(),
        &[service::record::account::find(db, &db.system(), "north")
            .await
            .unwrap()
            .unwrap()
            .id],
        None,
        &service::sql::page::PageRequest::first(9),
        false,
    )
    .await
    .unwrap()
    .into_values()
    .next()
    .unwrap();
    let suspicion = suspicion.edges[0].node.id.to_string();
    vec![
        Case {
            name: "planOutreach",
            input: json!({"contactId": dan, "kind": "EMAIL", "purpose": "STRATEGIC", "plannedFor": "2026-06-17T20:00:00Z", "subject": "Roadmap for Dan", "coordinatedWith": []}),
            other: ("subject", json!("Another roadmap")),
            fields: "outreach { id plannedFor purpose subject createdAt contact { name } }",
        },
        Case {
            name: "assignSponsor",
            input: json!({"accountId": north, "contactId": dan, "rank": "BACKUP"}),
            other: ("rank", json!("PRIMARY")),
            fields: "sponsorship { id rank since until contact { name } }",
        },
        // The suspicion is settled: Cleo's departure ends the sponsorship, and is escalated.
        Case {
            name: "reviewOrgChange",
            input: json!({"orgChangeId": suspicion, "impact": "We lose Cleo", "confirm": true}),
            other: ("impact", json!("Little")),
            fields: "orgChange { id kind confirmed reviewed impact } alert { id rule severity status } escalatedTo",
        },
        Case {
            name: "recordOrgChange",
            input: json!({"kind": "DEPARTURE", "contactId": dan, "source": "MANUAL", "summary": "Dan left for a competitor", "url": null}),
            other: ("summary", json!("Retired")),
            fields: "orgChange { id kind confirmed reviewed observedOn } alert { id rule severity status } escalatedTo",
        },
    ]
}

impl Case {
    async fn ask(&self, server: &Server, token: &str, key: Option<&str>, other: bool) -> Answer {
        let name = self.name;
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ {} }} }}",
            self.fields
        );
        let mut input = self.input.clone();
        if other {
            input[self.other.0] = self.other.1.clone();
        }
        if let Some(key) = key {
            input["idempotencyKey"] = json!(key);
        }
        ask_as(server, token, &query, json!({ "input": input })).await
    }
}

/// The answer of a mutation that went well.
fn good(answer: &Answer) -> Value {
    let body = answer.json();
    assert!(
        answer.status == 200 && body.get("errors").is_none(),
        "{} {body}",
        answer.status
    );
    body["data"].clone()
}

async fn counts(db: &TestDb) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push(count(db, table).await);
    }
    counts
}

async fn staged(db: &TestDb) -> (Server, String) {
    stage(db).await;
    import_texts(
        db,
        &[(
            "users.csv",
            "email,manager_email\nann@example.com,boss@example.com\n",
        )],
    )
    .await;
    (Server::start(db).await, token_of(db, Actor::Csm).await)
}

#[test]
fn whom_a_departure_was_escalated_to_is_told_again_whatever_the_databases_clock_says() {
    run(Kind::Postgres, async |db| {
        let (server, ann) = staged(db).await;
        let cases = cases(db).await;
        db.keep_own_time().await;
        for case in &cases {
            let first = good(&case.ask(&server, &ann, Some("retry-1"), false).await);
            if case.fields.contains("escalatedTo") {
                let told = &first[case.name]["escalatedTo"];
                assert!(told.as_array().is_some_and(|told| told.len() > 1), "{first}");
            }
            assert_eq!(
                good(&case.ask(&server, &ann, Some("retry-1"), false).await),
                first,
                "{}",
                case.name
            );
        }
        server.stop().await;
    });
}

on_both_databases! {
    async fn the_same_key_and_body_have_the_same_answer_and_nothing_is_done_twice(db: TestDb) {
        let (server, ann) = staged(db).await;
        for case in cases(db).await {
            let before = counts(db).await;
            let first = good(&case.ask(&server, &ann, Some("retry-1"), false).await);
            let after = counts(db).await;
            assert_ne!(before, after, "{}", case.name);
            for _ in 0..2 {
                assert_eq!(good(&case.ask(&server, &ann, Some("retry-1"), false).await), first, "{}", case.name);
            }
            assert_eq!(counts(db).await, after, "{}: done twice", case.name);
            if case.fields.contains("escalatedTo") {
                let told = &first[case.name]["escalatedTo"];
                assert!(first[case.name]["alert"]["id"].is_string() && told.as_array().is_some_and(|told| told.len() > 1), "{first}");
            }
            let refused = case.ask(&server, &ann, Some("retry-1"), true).await;
            assert_eq!(refused.code(), "CONFLICT", "{}: another body", case.name);
            assert!(refused.body.contains("idempotencyKey"), "{}", refused.body);
            assert_eq!(counts(db).await, after, "{}", case.name);
        }
        server.stop().await;
    }

    async fn a_day_later_a_key_is_free_again(db: TestDb) {
        let (server, ann) = staged(db).await;
        let plan = &cases(db).await[0];
        let first = good(&plan.ask(&server, &ann, Some("k"), false).await);
        // Its time has come meanwhile: what was done is told all the same.
        db.clock.advance(TimeDelta::hours(24) - TimeDelta::microseconds(1));
        assert_eq!(good(&plan.ask(&server, &ann, Some("k"), false).await), first);
        db.clock.advance(TimeDelta::microseconds(1));
        assert_eq!(plan.ask(&server, &ann, Some("k"), false).await.code(), "BAD_USER_INPUT", "it is done anew: the time is past");
        let later = Case { input: json!({"contactId": plan.input["contactId"], "kind": "CALL", "purpose": "STRATEGIC", "plannedFor": "2026-06-30T20:00:00Z", "subject": "Again"}), ..cases(db).await.remove(0) };
        let second = good(&later.ask(&server, &ann, Some("k"), false).await);
        assert_ne!(second["planOutreach"]["outreach"]["id"], first["planOutreach"]["outreach"]["id"]);
        assert_eq!(good(&later.ask(&server, &ann, Some("k"), false).await), second);
        assert_eq!(count(db, "outreach").await, 2);
        server.stop().await;
    }

    async fn keys_are_a_users_own_and_of_one_mutation(db: TestDb) {
        let (server, ann) = staged(db).await;
        let lou = token_of(db, Actor::Manager).await;
        let cases = cases(db).await;
        let (plan, sponsor) = (&cases[0], &cases[1]);
        let first = good(&plan.ask(&server, &ann, Some("k"), false).await);
        good(&sponsor.ask(&server, &ann, Some("k"), false).await);
        // Another token of the same user is the same user.
        let again = token_of(db, Actor::Csm).await;
        assert_eq!(good(&plan.ask(&server, &again, Some("k"), false).await), first);
        import_texts(db, &[("sponsorships.csv", "account_external_id,contact_external_id,since,deleted\nnorth,c2,2026-06-17,true\n")]).await;
        let theirs = plan.ask(&server, &lou, Some("k"), false).await;
        assert_eq!(theirs.code(), "GUARDRAIL", "Lou's key is Lou's: {}", theirs.body);
        let mut coordinated = plan.input.clone();
        coordinated["coordinatedWith"] = json!([Actor::Csm.user(db).await.id.to_string()]);
        let coordinated = Case { input: coordinated, other: ("subject", json!("x")), name: plan.name, fields: plan.fields };
        let theirs = good(&coordinated.ask(&server, &lou, Some("k"), false).await);
        assert_ne!(theirs, first, "what failed has left nothing behind, so that the same key may go on");
        assert_eq!(count(db, "outreach").await, 2);
        server.stop().await;
    }

    async fn without_a_key_a_request_is_done_as_often_as_it_is_sent(db: TestDb) {
        let (server, ann) = staged(db).await;
        let plan = &cases(db).await[0];
        for expected in 1..=2 {
            good(&plan.ask(&server, &ann, None, false).await);
            assert_eq!(count(db, "outreach").await, expected);
        }
        assert_eq!(count(db, "idempotency_key").await, 0);
        server.stop().await;
    }

    async fn of_many_at_the_same_moment_one_does_it_and_all_are_told_the_same(db: TestDb) {
        let (server, ann) = staged(db).await;
        for case in cases(db).await {
            let before = counts(db).await;
            let all = futures_util::future::join_all((0..8).map(|_| case.ask(&server, &ann, Some("at once"), false))).await;
            let answers: BTreeSet<String> = all.iter().map(|answer| good(answer).to_string()).collect();
            assert_eq!(answers.len(), 1, "{}: {answers:#?}", case.name);
            let after = counts(db).await;
            let entries = TABLES.iter().position(|table| *table == "audit_log").unwrap();
            assert_eq!(after[entries] - before[entries], 1, "{}", case.name);
        }
        let create = "mutation { createApiToken(input: {name: \"sync\", idempotencyKey: \"t\"}) { token } }";
        let tokens = count(db, "api_token").await;
        let all = futures_util::future::join_all((0..8).map(|_| ask_as(&server, &ann, create, json!({})))).await;
        let made = all.iter().filter(|answer| answer.json().get("errors").is_none()).count();
        assert_eq!((made, count(db, "api_token").await - tokens), (1, 1));
        assert!(all.iter().all(|answer| answer.json().get("errors").is_none() || answer.code() == "CONFLICT"));
        server.stop().await;
    }

    async fn a_token_is_not_shown_again_but_named(db: TestDb) {
        let (server, ann) = staged(db).await;
        let create = "mutation($name: String!, $key: String) { createApiToken(input: {name: $name, idempotencyKey: $key}) { token apiToken { id name } } }";
        let first = good(&ask_as(&server, &ann, create, json!({"name": "nightly sync", "key": "t-1"})).await);
        let refused = ask_as(&server, &ann, create, json!({"name": "nightly sync", "key": "t-1"})).await;
        assert_eq!(refused.code(), "CONFLICT");
        let (id, said) = (first["createApiToken"]["apiToken"]["id"].as_str().unwrap(), refused.json()["errors"][0]["message"].to_string());
        assert!(said.contains(id) && said.contains("nightly sync") && said.contains("revokeApiToken"), "{said}");
        assert!(!refused.body.contains("rap_pat_"));
        let other = ask_as(&server, &ann, create, json!({"name": "weekly sync", "key": "t-1"})).await;
        assert_eq!(other.code(), "CONFLICT");
        assert!(!other.body.contains(id), "{}", other.body);
        good(&ask_as(&server, &ann, create, json!({"name": "weekly sync", "key": "t-2"})).await);
        server.stop().await;
    }

    async fn a_key_has_1_to_128_printable_characters(db: TestDb) {
        let (server, ann) = staged(db).await;
        let plan = &cases(db).await[0];
        for bad in [String::new(), "x".repeat(129), "a\nb".to_owned(), "a\u{7f}".to_owned(), "a\u{200b}b".to_owned(), "\u{202e}x".to_owned(), "é".repeat(129)] {
            let refused = plan.ask(&server, &ann, Some(&bad), false).await;
            assert_eq!((refused.code().as_str(), refused.json()["errors"][0]["extensions"]["field"].as_str()), ("BAD_USER_INPUT", Some("idempotencyKey")), "{bad:?}");
        }
        assert_eq!(count(db, "outreach").await, 0);
        for (n, key) in ["x".repeat(128), "é".repeat(128), " ".to_owned(), "2026-06-17/plan 'Q3' \"\\".to_owned()].iter().enumerate() {
            good(&plan.ask(&server, &ann, Some(key), false).await);
            assert_eq!(count(db, "outreach").await, n as i64 + 1, "{key}");
        }
        server.stop().await;
    }

    async fn what_is_kept_names_nobody_and_goes_in_a_day(db: TestDb) {
        let (server, ann) = staged(db).await;
        let cases = cases(db).await;
        let mut answers = Vec::new();
        for case in &cases {
            answers.push(good(&case.ask(&server, &ann, Some("for Dan North"), false).await));
        }
        let kept = texts(db, "SELECT mutation || ' ' || key_hash || ' ' || body_hash || ' ' || result FROM idempotency_key").await.join("\n");
        assert_eq!(kept.lines().count(), cases.len());
        for name in ["Dan", "Cleo", "example.com", "Roadmap", "competitor"] {
            assert!(!kept.contains(name), "{name}: {kept}");
        }
        // Of a person who was erased meanwhile an answer tells no more than the rows do.
        let admin = Actor::Admin.access(db).await;
        service::change::erasure::erase(db, &admin, moment(db), contact_id(db, "north", "c2").await).await.unwrap();
        let again = good(&cases[0].ask(&server, &ann, Some("for Dan North"), false).await);
        assert_eq!(again["planOutreach"]["outreach"]["id"], answers[0]["planOutreach"]["outreach"]["id"]);
        assert!(!again.to_string().contains("Dan"), "{again}");
        // What may not be seen any more is not told again.
        import_texts(db, &[("teams.csv", "account_external_id,user_email,deleted\nnorth,ann@example.com,true\n")]).await;
        assert_eq!(cases[0].ask(&server, &ann, Some("for Dan North"), false).await.code(), "NOT_FOUND");

        db.clock.advance(TimeDelta::hours(24) - TimeDelta::microseconds(1));
        let prune = async || service::job::prune::prune(db, &Settings::default(), db.clock.now()).await.unwrap().idempotency_keys;
        assert_eq!(prune().await, 0);
        db.clock.advance(TimeDelta::microseconds(1));
        assert_eq!((prune().await, count(db, "idempotency_key").await), (cases.len() as u64, 0));
        server.stop().await;
    }

    async fn a_removed_users_keys_go_with_them(db: TestDb) {
        let (server, ann) = staged(db).await;
        good(&cases(db).await[0].ask(&server, &ann, Some("k"), false).await);
        import_texts(db, &[("users.csv", "email,deleted\nann@example.com,true\n")]).await;
        assert_eq!(count(db, "idempotency_key").await, 0);
        server.stop().await;
    }
}
