//! A page costs the same number of SQL statements however many rows it has: nothing is read per row.

use rapport_tests::{TestDb, on_both_databases};
use serde_json::json;

use crate::graphql_server::Server;
use crate::graphql_stage::{stage, stage_goals};

/// Everything that hangs on an account, all at once.
const EVERYTHING: &str = "query($first: Int) {
  viewer { email }
  accounts(first: $first, orderBy: {field: ENGAGEMENT_SCORE, direction: DESC}) {
    totalCount pageInfo { endCursor }
    nodes {
      id arr { amount }
      engagement { overall pattern dimensions { score } }
      team { user { name } teamRole }
      contacts(roles: [EXECUTIVE_SPONSOR, C_LEVEL, VP], first: 2) { totalCount nodes { name activity { touches } account { name } } }
      interactions(contactRoles: [C_LEVEL], period: \"12m\", first: 2) { totalCount nodes { kind owner { name } participants { contact { name } } } }
      goals { goal } metrics { name change }
      engagementReport { overall stakeholders { contact { name } } history { overall } ledgerChange(since: \"2026-06-30\") { change } }
    }
  }
}";

async fn statements(db: &TestDb, server: &Server, query: &str, first: u32, expected: usize) -> u64 {
    let before = db.statements();
    let data = server.data(query, json!({"first": first})).await;
    assert_eq!(data["accounts"]["nodes"].as_array().map(Vec::len), Some(expected));
    db.statements() - before
}

/// What hangs on an account, one path at a time: nothing that other paths ask for can be read along by chance.
const PARTS: [&str; 17] = [
    "arr { amount } engagement { overall pattern dimensions { score } }",
    "team { user { name } teamRole }",
    "contacts(roles: [EXECUTIVE_SPONSOR, C_LEVEL, VP], first: 2) { totalCount nodes { name } }",
    "contacts(first: 2) { nodes { activity { touches } } }",
    "interactions(contactRoles: [C_LEVEL], period: \"12m\", first: 2) { totalCount nodes { kind } }",
    "interactions(first: 2) { nodes { participants { contact { name } } } }",
    "goals { goal }",
    "metrics { name change }",
    "engagementReport { overall }",
    "engagementReport { stakeholders { contact { name } } }",
    "engagementReport { history { overall } }",
    "standing { state reasons { reason message on contact { name } } }",
    "primarySponsor { contact { name title } level risk score }",
    "sponsorReport { score levelHistory { level contact { name } } }",
    "alerts(status: [OPEN, ACKNOWLEDGED], first: 5) { totalCount nodes { rule account { name } contact { name } } }",
    "orgChanges(first: 5) { totalCount nodes { summary contact { name } } }",
    "outreach(first: 5) { totalCount nodes { subject contact { name } plannedBy { name } } }",
];

/// More than any page costs when no two of its paths meet in a batch; a statement per row would be several times as many.
const MOST: u64 = 70;

on_both_databases! {
    async fn a_page_of_fifty_costs_what_a_page_of_five_does(db: TestDb) {
        stage(db, 50).await;
        stage_goals(db, 50).await;
        let server = Server::start(db).await;
        // The first use of a token is noted, later ones within five minutes are not.
        server.data("{ __typename }", json!({})).await;
        for part in PARTS {
            let query = format!("query($first: Int) {{ accounts(first: $first) {{ nodes {{ id {part} }} }} }}");
            let five = statements(db, &server, &query, 5, 5).await;
            // Of what may be a hundred rows of an account, a request may ask for less at once.
            let many = if part.contains("stakeholders") || part.contains("levelHistory") { 20 } else { 50 };
            let cost = statements(db, &server, &query, many, many as usize).await;
            assert_eq!(five, cost, "{part}");
        }
        // All at once, several parts read the same kinds of rows; whether they meet in one batch is chance, so only the most
        // that it can cost is held. All of it is more than a page of twenty may ask for.
        for first in [1, 10] {
            let cost = statements(db, &server, EVERYTHING, first, first as usize).await;
            assert!((3..=MOST).contains(&cost), "{first} accounts: {cost}");
        }
        server.stop().await;
    }
}
