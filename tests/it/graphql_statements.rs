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

on_both_databases! {
    async fn a_page_of_fifty_costs_what_a_page_of_five_does(db: TestDb) {
        stage(db, 50).await;
        stage_goals(db, 50).await;
        let server = Server::start(db).await;
        // The first use of a token is noted, later ones within five minutes are not.
        server.data("{ __typename }", json!({})).await;
        // All of it is more than a page of fifty may ask for at once: in two halves.
        let (first, second) = halves();
        let mut costs = Vec::new();
        for query in [&first, &second] {
            let five = statements(db, &server, query, 5, 5).await;
            let fifty = statements(db, &server, query, 50, 50).await;
            assert_eq!(five, fifty, "{query}");
            costs.push(fifty);
        }
        // All at once, two parts of the query read contacts by id; whether they meet in one batch is chance, their rows are not.
        let all_of_one = statements(db, &server, EVERYTHING, 1, 1).await;
        let all_of_twenty = statements(db, &server, EVERYTHING, 20, 20).await;
        assert!(all_of_one.abs_diff(all_of_twenty) <= 2, "{all_of_one} {all_of_twenty}");
        assert!(costs.iter().all(|cost| (3..=30).contains(cost)) && all_of_twenty <= 45, "{costs:?} {all_of_twenty}");
        server.stop().await;
    }
}

/// The report apart from the lists: each half fits the budget of fifty rows.
fn halves() -> (String, String) {
    let report = EVERYTHING.find("engagementReport").unwrap();
    let lists = EVERYTHING.find("team {").unwrap();
    let end = EVERYTHING.rfind("    }\n  }\n}").unwrap();
    let without_report = format!("{}{}", &EVERYTHING[..report], &EVERYTHING[end..]);
    let without_lists = format!(
        "{}engagementReport {{ overall stakeholders {{ contact {{ name }} }} history {{ overall }} }}{}",
        &EVERYTHING[..lists],
        &EVERYTHING[end..]
    );
    (without_report, without_lists)
}
