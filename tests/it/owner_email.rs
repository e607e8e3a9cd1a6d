//! Naming an owner by address tells nobody who is a user: an address that is nobody's and one of somebody whom the caller
//! does not see have the same answer and the same effect.

use rapport_tests::{TestDb, on_both_databases};
use serde_json::{Value, json};

use crate::access_stage::{Actor, stage};
use crate::graphql_mutations::{ask_as, token_of};
use crate::graphql_server::Server;
use crate::import_stage::texts;

const RECORD: &str = "mutation($rows: [InteractionInput!]!) { recordInteractions(input: {rows: $rows}) {
    inserted updated unchanged rejected results { outcome code field message warnings { field message } } } }";

fn call(key: &str, owner: &str) -> Value {
    json!({"externalId": key, "accountExternalId": "north", "kind": "CALL", "direction": "INBOUND", "status": "COMPLETED",
        "occurredAt": "2026-06-12T08:00:00Z", "ownerEmail": owner})
}

async fn owner(db: &TestDb, key: &str) -> Vec<String> {
    texts(db, &format!("SELECT u.email FROM interaction i LEFT JOIN app_user u ON u.id = i.owner_id WHERE i.external_id = '{key}'")).await
}

on_both_databases! {
    async fn an_address_of_a_user_who_is_not_seen_is_nobodys(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let ann = token_of(db, Actor::Csm).await;
        let record = async |token: &str, rows: Value| ask_as(&server, token, RECORD, json!({ "rows": rows })).await.json()["data"]["recordInteractions"].take();
        // Bob is a user whom Ann does not see.
        let known = record(&ann, json!([call("k", "bob@example.com")])).await;
        let unknown = record(&ann, json!([call("u", "nobody@example.com")])).await;
        assert_eq!(known, unknown, "Ann learns that bob@example.com is a user");
        assert_eq!(known["results"][0]["warnings"][0]["field"], "ownerEmail", "{known}");
        assert_eq!((owner(db, "k").await, owner(db, "u").await), (vec!["-".to_owned()], vec!["-".to_owned()]));
        // Neither does asking again, nor what is listed afterwards.
        let again = [record(&ann, json!([call("k", "bob@example.com")])).await, record(&ann, json!([call("u", "nobody@example.com")])).await];
        assert_eq!(again[0], again[1]);
        let seen = ask_as(&server, &ann, "{ users { nodes { email } } }", json!({})).await.json();
        assert!(!seen.to_string().contains("bob@"), "{seen}");
        // Whom she sees she may name: herself, her team, and Tom, who owns what she sees.
        for (key, email) in [("a", "ann@example.com"), ("v", "vera@example.com"), ("t", "tom@example.com")] {
            let told = record(&ann, json!([call(key, email)])).await;
            assert_eq!((&told["inserted"], &told["results"][0]["warnings"]), (&json!(1), &json!([])), "{told}");
            assert_eq!(owner(db, key).await, [email]);
        }
        // Whoever sees every user may name every user.
        let lou = token_of(db, Actor::Manager).await;
        let told = record(&lou, json!([call("k", "bob@example.com")])).await;
        assert_eq!((&told["updated"], &told["results"][0]["warnings"]), (&json!(1), &json!([])), "{told}");
        assert_eq!(owner(db, "k").await, ["bob@example.com"]);
        server.stop().await;
    }

    async fn ids_of_users_who_are_not_seen_are_nobodys(db: TestDb) {
        let [north, _] = stage(db).await;
        let server = Server::start(db).await;
        let ann = token_of(db, Actor::Csm).await;
        let bob = Actor::OtherCsm.user(db).await.id.to_string();
        let nobody = engagement::id::UserId::from(uuid::Uuid::from_u128(7)).to_string();
        let cleo = crate::access_changes::contact_id(db, "north", "c2").await.to_string();
        for query in [
            "mutation($u: ID!) { createApiToken(input: {name: \"x\", userId: $u}) { token } }".to_owned(),
            "mutation($u: ID!) { revokeApiTokens(input: {userId: $u}) { revoked } }".to_owned(),
            format!("mutation($u: ID!) {{ assignTeamMember(input: {{accountId: \"{north}\", userId: $u}}) {{ teamMember {{ teamRole }} }} }}"),
            format!("mutation($u: ID!) {{ removeTeamMember(input: {{accountId: \"{north}\", userId: $u}}) {{ teamMember {{ teamRole }} }} }}"),
            format!("mutation($u: ID!) {{ planOutreach(input: {{contactId: \"{cleo}\", kind: CALL, purpose: TACTICAL, plannedFor: \"2026-06-20T09:00:00Z\",
                subject: \"Hello\", coordinatedWith: [$u]}}) {{ outreach {{ id }} }} }}"),
            "query($u: ID!) { node(id: $u) { id } }".to_owned(),
        ] {
            let mut answers = Vec::new();
            for user in [&bob, &nobody] {
                answers.push(ask_as(&server, &ann, &query, json!({ "u": user })).await.json());
            }
            assert_eq!(answers[0], answers[1], "{query}");
        }
        server.stop().await;
    }
}
