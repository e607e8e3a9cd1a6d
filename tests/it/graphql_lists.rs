//! Lists and nodes through GraphQL: filters, orders, both directions, ids of every kind, and what is nobody's.

use rapport_tests::on_both_databases;
use serde_json::{Value, json};

use crate::graphql_server::Server;
use crate::graphql_stage::stage;

const PAGE: &str =
    "query($first: Int, $after: String, $last: Int, $before: String, $order: AccountOrderInput, $filter: AccountFilterInput) {
  accounts(first: $first, after: $after, last: $last, before: $before, orderBy: $order, filter: $filter) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { externalId } } nodes { externalId }
  }
}";

async fn page(server: &Server, variables: Value) -> Value {
    server.data(PAGE, variables).await["accounts"].take()
}

fn ids(page: &Value) -> Vec<String> {
    let ids: Vec<String> = page["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["node"]["externalId"].as_str().unwrap().to_owned())
        .collect();
    let nodes: Vec<String> = page["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["externalId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, nodes);
    ids
}

on_both_databases! {
    async fn pages_join_to_the_whole_list_in_every_order_and_both_directions(db: TestDb) {
        stage(db, 8).await;
        let server = Server::start(db).await;
        for field in ["NAME", "ENGAGEMENT_SCORE", "ENGAGEMENT_CHANGE", "RENEWAL_DATE", "ARR"] {
            for direction in ["ASC", "DESC"] {
                let order = json!({"field": field, "direction": direction});
                let whole = page(&server, json!({"first": 100, "order": order})).await;
                assert_eq!((ids(&whole).len(), whole["totalCount"].as_i64()), (8, Some(8)));
                let (mut forward, mut after) = (Vec::new(), Value::Null);
                loop {
                    let part = page(&server, json!({"first": 3, "after": after, "order": order})).await;
                    forward.extend(ids(&part));
                    after = part["pageInfo"]["endCursor"].clone();
                    if part["pageInfo"]["hasNextPage"] == false { break }
                }
                assert_eq!(forward, ids(&whole), "{order}");
                let (mut backward, mut before) = (Vec::new(), Value::Null);
                loop {
                    let part = page(&server, json!({"last": 3, "before": before, "order": order})).await;
                    backward.splice(0..0, ids(&part));
                    before = part["pageInfo"]["startCursor"].clone();
                    if part["pageInfo"]["hasPreviousPage"] == false { break }
                }
                assert_eq!(backward, ids(&whole), "{order}");
            }
        }
        server.stop().await;
    }

    async fn a_cursor_of_another_list_is_the_clients_mistake(db: TestDb) {
        stage(db, 2).await;
        let server = Server::start(db).await;
        let by = |field: &str| json!({"field": field, "direction": "ASC"});
        for (of, given) in [("NAME", "ENGAGEMENT_SCORE"), ("ENGAGEMENT_SCORE", "NAME"), ("RENEWAL_DATE", "ARR"), ("ARR", "RENEWAL_DATE")] {
            let first = page(&server, json!({"first": 1, "order": by(of)})).await;
            let answer = server.ask(PAGE, json!({"after": first["pageInfo"]["endCursor"], "order": by(given)})).await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "a cursor of {of} given to {given}: {}", answer.body);
        }
        server.stop().await;
    }

    async fn filters_narrow_the_list_and_its_count(db: TestDb) {
        stage(db, 8).await;
        let server = Server::start(db).await;
        for (filter, expected) in [
            (json!({"tier": ["ENTERPRISE"]}), vec!["acc-000", "acc-003", "acc-006"]),
            (json!({"tier": ["SMB", "MID_MARKET"], "search": "CUSTOMER 00"}), vec!["acc-001", "acc-002", "acc-004", "acc-005", "acc-007"]),
            (json!({"search": "c4.example"}), vec!["acc-004"]),
            (json!({"search": "acc-00%"}), vec![]),
            (json!({"search": "  "}), vec!["acc-000", "acc-001", "acc-002", "acc-003", "acc-004", "acc-005", "acc-006", "acc-007"]),
            (json!({"status": ["CHURNED"]}), vec![]),
            (json!({"tier": []}), vec![]),
            (json!({"search": "'; DROP TABLE account; --"}), vec![]),
        ] {
            let page = page(&server, json!({"filter": filter, "first": 100})).await;
            assert_eq!((ids(&page), page["totalCount"].as_u64()), (expected.iter().map(ToString::to_string).collect(), Some(expected.len() as u64)), "{filter}");
        }
        let patterns = server.data("{ accounts { nodes { externalId engagement { pattern } } } }", json!({})).await;
        for pattern in ["HIGHLY_ENGAGED", "MODERATELY_ENGAGED", "LOW_ENGAGED", "DISENGAGED"] {
            let expected: Vec<String> = patterns["accounts"]["nodes"].as_array().unwrap().iter()
                .filter(|n| n["engagement"]["pattern"] == pattern).map(|n| n["externalId"].as_str().unwrap().to_owned()).collect();
            assert_eq!(ids(&page(&server, json!({"filter": {"pattern": [pattern]}})).await), expected, "{pattern}");
        }
        let long = server.ask(PAGE, json!({"filter": {"search": "x".repeat(201)}})).await;
        assert_eq!(long.json()["errors"][0]["extensions"]["field"], "filter.search");
        let unknown = server.ask(PAGE, json!({"filter": {"colour": "red"}})).await;
        assert_eq!(unknown.code(), "BAD_USER_INPUT", "{}", unknown.body);
        server.stop().await;
    }

    async fn nested_lists_page_within_each_account(db: TestDb) {
        stage(db, 3).await;
        let server = Server::start(db).await;
        let query = "query($after: String) { accounts { nodes { externalId contacts(first: 4, after: $after) {
            totalCount pageInfo { hasNextPage endCursor } nodes { externalId } } } } }";
        let data = server.data(query, json!({})).await;
        for account in data["accounts"]["nodes"].as_array().unwrap() {
            let contacts = &account["contacts"];
            assert_eq!((contacts["totalCount"].as_i64(), contacts["pageInfo"]["hasNextPage"].as_bool()), (Some(6), Some(true)));
            assert_eq!(contacts["nodes"], json!([{"externalId": "c0"}, {"externalId": "c1"}, {"externalId": "c2"}, {"externalId": "c3"}]));
        }
        let one = "query($after: String) { accountByExternalId(externalId: \"acc-001\") { contacts(after: $after) { nodes { externalId } }
            interactions(kinds: [QBR], first: 1) { totalCount nodes { status occurredAt participants { attendance contact { externalId } } } } } }";
        let after = &data["accounts"]["nodes"][1]["contacts"]["pageInfo"]["endCursor"];
        let data = server.data(one, json!({"after": after})).await;
        assert_eq!(data["accountByExternalId"]["contacts"]["nodes"], json!([{"externalId": "c4"}, {"externalId": "c5"}]));
        assert_eq!(data["accountByExternalId"]["interactions"], json!({"totalCount": 1, "nodes": [
            {"status": "SCHEDULED", "occurredAt": "2026-12-01T10:00:00Z", "participants": [{"attendance": "UNKNOWN", "contact": {"externalId": "c0"}}]}
        ]}));
        server.stop().await;
    }

    async fn everything_with_an_id_is_a_node(db: TestDb) {
        stage(db, 1).await;
        let server = Server::start(db).await;
        let data = server.data("{ viewer { id } accounts { nodes { id team { user { id } } contacts(first: 1) { nodes { id } } interactions(first: 1) { nodes { id owner { id } } } } } }", json!({})).await;
        let account = &data["accounts"]["nodes"][0];
        let all = json!([account["id"], account["contacts"]["nodes"][0]["id"], account["interactions"]["nodes"][0]["id"], account["team"][0]["user"]["id"], data["viewer"]["id"]]);
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }";
        let nodes = server.data(query, json!({"ids": all})).await;
        let kinds: Vec<&str> = nodes["nodes"].as_array().unwrap().iter().map(|n| n["__typename"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["Account", "Contact", "Interaction", "User", "User"]);
        for (at, id) in all.as_array().unwrap().iter().enumerate() {
            assert_eq!(&nodes["nodes"][at]["id"], id);
            let node = server.data("query($id: ID!) { node(id: $id) { id } }", json!({"id": id})).await;
            assert_eq!(&node["node"]["id"], id);
        }
        // What does not exist is null; what is no id is a mistake.
        let gone = "acc_01h2xcejqtf2nbrexx3vqjhp41";
        let data = server.data("query($id: ID!) { node(id: $id) { id } account(id: $id) { id } accountByExternalId(externalId: \"nope\") { id } }", json!({"id": gone})).await;
        assert_eq!(data, json!({"node": null, "account": null, "accountByExternalId": null}));
        let mixed = server.data(query, json!({"ids": [gone, account["id"], "goa_01h2xcejqtf2nbrexx3vqjhp41"]})).await;
        assert_eq!(mixed["nodes"], json!([null, {"id": account["id"], "__typename": "Account"}, null]));
        for (query, id) in [("node", "nonsense"), ("node", "acc_x"), ("account", "usr_01h2xcejqtf2nbrexx3vqjhp41"), ("account", "")] {
            let answer = server.ask(&format!("query($id: ID!) {{ {query}(id: $id) {{ id }} }}"), json!({"id": id})).await;
            assert_eq!((answer.code().as_str(), answer.json()["errors"][0]["extensions"]["field"].as_str()), ("BAD_USER_INPUT", Some("id")), "{id}");
        }
        let many: Vec<&str> = vec![gone; 101];
        assert_eq!(server.ask(query, json!({"ids": many})).await.json()["errors"][0]["extensions"]["field"], "ids");
        server.stop().await;
    }
}
