//! What a mutation does with a variable that is not given, is null, or has a value, wherever it stands in a row: a stored
//! value is left alone, cleared, or written. The rules of coercion in general are held against graphql-js in `api`.

use rapport_tests::on_both_databases;
use serde_json::{Value, json};

use crate::access_stage::stage;
use crate::graphql_server::Server;
use crate::import_stage::{number, texts};

/// Sends a bulk mutation that must land; the outcome of its only row.
async fn written(server: &Server, query: &str, variables: Value) -> String {
    let data = server.data(query, variables).await;
    let rows = data.as_object().unwrap().values().next().unwrap()["results"]
        .as_array()
        .unwrap();
    assert_eq!(rows.len(), 1, "{data}");
    rows[0]["outcome"].as_str().unwrap().to_owned()
}

/// How a row can be sent.
const ROWS: [&str; 4] = [
    "mutation($n: String, $a: String, $i: String) { upsertAccounts(input: {rows: [{externalId: \"north\", name: $n, arr: $a, industry: $i}]}) { results { outcome } } }",
    "mutation($n: String, $a: String, $i: String) { upsertAccounts(input: {rows: {externalId: \"north\", name: $n, arr: $a, industry: $i}}) { results { outcome } } }",
    "query Other { viewer { id } } mutation M($n: String, $a: String, $i: String) { ...F } fragment F on Mutation { upsertAccounts(input: {rows: [{externalId: \"north\", name: $n, arr: $a, industry: $i}]}) { results { outcome } } }",
    "mutation($n: String, $a: String, $i: String = null) { upsertAccounts(input: {rows: [{externalId: \"north\", name: $n, arr: $a, industry: $i}]}) { results { outcome } } }",
];

on_both_databases! {
    async fn what_is_not_given_leaves_the_stored_value_alone(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let stored = async || texts(db, "SELECT name || '/' || coalesce(CAST(arr_minor AS TEXT), '-') || '/' || coalesce(industry, '-') FROM account WHERE external_id = 'north'").await.remove(0);
        let set = "mutation { upsertAccounts(input: {rows: [{externalId: \"north\", industry: \"Mining\"}]}) { results { outcome } } }";
        for query in ROWS {
            written(&server, set, json!({})).await;
            let named = if query.contains("query Other") { Some("M") } else { None };
            let send = async |variables: Value| {
                let body = json!({"query": query, "variables": variables, "operationName": named});
                let answer = server.post(body.to_string().as_bytes()).await.json();
                assert!(answer.get("errors").is_none(), "{answer}");
            };
            send(json!({"n": "Norden"})).await;
            let kept = if query.contains("= null") { "-" } else { "Mining" };
            assert_eq!(stored().await, format!("Norden/100000/{kept}"), "{query}");
            send(json!({"a": null, "i": "Mining"})).await;
            assert_eq!(stored().await, "Norden/-/Mining", "null clears: {query}");
            send(json!({"n": "North Ltd", "a": "1000", "i": null})).await;
            assert_eq!(stored().await, "North Ltd/100000/-", "{query}");
            // `null` for the whole: nothing is given.
            let answer = server.post(json!({"query": query, "variables": null, "operationName": named}).to_string().as_bytes()).await.json();
            assert_eq!(answer["data"]["upsertAccounts"]["results"][0]["outcome"], "UNCHANGED", "{query} {answer}");
        }
        server.stop().await;
    }

    async fn every_bulk_mutation_reads_variables_alike(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        // What is sent, what is asked for, and what is stored: first, with the variable absent, with null.
        let cases = [
            ("mutation($t: String, $p: [String!]) { upsertContacts(input: {rows: [{accountExternalId: \"north\", externalId: \"c2\", title: $t, priorities: $p}]}) { results { outcome } } }",
             json!({"t": "Chief", "p": ["Cost", "Speed"]}), "SELECT coalesce(title, '-') || coalesce(CAST(priorities AS TEXT), '-') FROM contact WHERE name = 'Dan North'"),
            ("mutation($s: String, $o: [String!]) { recordInteractions(input: {rows: [{accountExternalId: \"north\", externalId: \"i1\", subject: $s, topics: $o}]}) { results { outcome } } }",
             json!({"s": "Roadmap", "o": ["a", "b"]}), "SELECT coalesce(subject, '-') || coalesce(CAST(topics AS TEXT), '-') FROM interaction i JOIN account a ON a.id = i.account_id WHERE i.external_id = 'i1' AND a.external_id = 'north'"),
            ("mutation($d: Date, $p: Float) { setGoals(input: {rows: [{accountExternalId: \"north\", goal: \"Grow\", dueOn: $d, progress: $p}]}) { results { outcome } } }",
             json!({"d": "2026-12-24", "p": 12.5}), "SELECT coalesce(CAST(due_on AS TEXT), '-') || coalesce(CAST(progress AS TEXT), '-') FROM goal g JOIN account a ON a.id = g.account_id WHERE a.external_id = 'north'"),
            ("mutation($t: String) { setInitiatives(input: {rows: [{accountExternalId: \"north\", initiative: \"Roll out\", theirPriority: $t}]}) { results { outcome } } }",
             json!({"t": "Cost"}), "SELECT coalesce(their_priority, '-') FROM initiative i JOIN account a ON a.id = i.account_id WHERE a.external_id = 'north'"),
        ];
        for (query, values, sql) in cases {
            let stored = async || texts(db, sql).await.join("|");
            assert_eq!(written(&server, query, values.clone()).await, "UPDATED", "{query}");
            let first = stored().await;
            assert_eq!(written(&server, query, json!({})).await, "UNCHANGED", "{query}");
            assert_eq!(stored().await, first, "absent: {query}");
            let nulls: Value = values.as_object().unwrap().keys().map(|name| (name.clone(), Value::Null)).collect::<serde_json::Map<_, _>>().into();
            assert_eq!(written(&server, query, nulls).await, "UPDATED", "{query}");
            assert!(stored().await.contains('-') && stored().await != first, "null clears: {query} {}", stored().await);
        }
        // A list of rows, a row, an item of a list: each may be a variable.
        let row = json!({"accountExternalId": "north", "externalId": "i1", "subject": "Again"});
        for query in [
            "mutation($r: [InteractionInput!]!) { recordInteractions(input: {rows: $r}) { results { outcome } } }",
            "mutation($r: InteractionInput!) { recordInteractions(input: {rows: [$r]}) { results { outcome } } }",
        ] {
            written(&server, query, json!({ "r": row })).await;
            assert_eq!(written(&server, query, json!({ "r": row })).await, "UNCHANGED", "{query}");
        }
        let whole = "mutation($i: RecordInteractionsInput!) { recordInteractions(input: $i) { results { outcome } } }";
        assert_eq!(written(&server, whole, json!({ "i": {"rows": row} })).await, "UNCHANGED");
        // What a row must have cannot be left out by way of a variable.
        for (query, variables, field) in [
            ("mutation($k: String!) { upsertAccounts(input: {rows: [{externalId: $k}]}) { results { outcome } } }", json!({}), "k"),
            ("mutation($k: String!) { upsertAccounts(input: {rows: [{externalId: $k}]}) { results { outcome } } }", json!({"k": null}), "k"),
            ("mutation($k: [String!]) { upsertContacts(input: {rows: [{accountExternalId: \"north\", externalId: \"c2\", priorities: $k}]}) { results { outcome } } }", json!({"k": ["a", null]}), "input.rows.0.priorities.1"),
            ("mutation($r: [AccountInput!]!) { upsertAccounts(input: {rows: $r}) { results { outcome } } }", json!({"r": [{"externalId": "north"}, {"name": "x"}]}), "input.rows.1"),
            ("mutation($n: Int) { recordUsage(input: {rows: [{accountExternalId: \"north\", feature: \"f\", day: \"2026-06-01\", count: $n}]}) { results { outcome } } }", json!({"n": 2_147_483_648_i64}), "input.rows.0.count"),
        ] {
            let answer = server.ask(query, variables).await;
            let told = answer.json();
            assert_eq!((answer.status, answer.code().as_str(), told["errors"][0]["extensions"]["field"].as_str()), (400, "BAD_USER_INPUT", Some(field)), "{told}");
        }
        let loose = server.ask("mutation($k: String) { upsertAccounts(input: {rows: [{externalId: $k}]}) { results { outcome } } }", json!({"k": "north"})).await;
        assert_eq!(loose.code(), "GRAPHQL_VALIDATION_FAILED");
        assert_eq!(number(db, "SELECT count(*) FROM account").await, 2);
        server.stop().await;
    }

    async fn a_list_of_which_a_variable_says_nothing_is_the_list_without_it(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let query = "query($n: Int, $f: AccountFilterInput, $s: String, $t: [AccountTier!], $o: Boolean = true, $c: Boolean!) {
            accounts(first: $n, filter: {search: $s, tier: $t}) { totalCount nodes { name } }
            b: accounts(first: $n, filter: $f) @include(if: $o) { totalCount }
            c: accounts @skip(if: $c) { totalCount } }";
        let data = server.data(query, json!({"c": true})).await;
        assert_eq!(data, json!({"accounts": {"totalCount": 2, "nodes": [{"name": "North Ltd"}, {"name": "South Ltd"}]}, "b": {"totalCount": 2}}));
        let data = server.data(query, json!({"c": false, "o": false, "n": 1, "s": "south", "t": "SMB"})).await;
        assert_eq!(data, json!({"accounts": {"totalCount": 1, "nodes": [{"name": "South Ltd"}]}, "c": {"totalCount": 2}}));
        // The same by GET.
        let url = "/graphql?query=query(%24n%3A%20Int%2C%20%24s%3A%20String)%7Baccounts(first%3A%24n%2C%20filter%3A%7Bsearch%3A%24s%7D)%7BtotalCount%7D%7D&variables=%7B%22s%22%3A%22north%22%7D";
        let answer = server.send(&format!("GET {url} HTTP/1.1\r\nAuthorization: Bearer {}", server.token), b"").await;
        assert_eq!(answer.json(), json!({"data": {"accounts": {"totalCount": 1}}}));
        // A client that reads plain JSON is told with 200 what is wrong with its variables.
        let head = format!("POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json\r\nAuthorization: Bearer {}", server.token);
        let answer = server.send(&head, json!({"query": query, "variables": {}}).to_string().as_bytes()).await;
        assert_eq!((answer.status, answer.code().as_str()), (200, "BAD_USER_INPUT"));
        server.stop().await;
    }
}
