//! No answer is longer than what it was priced for: plain lists are cut at their limits and say beside them how many rows there
//! are, pages join up to the whole, and questions that would ask for too much are refused before anything is read.

use std::fmt::Write as _;

use rapport_tests::on_both_databases;
use serde_json::{Value, json};
use service::access::Access;
use service::token;

use crate::access_stage::{Actor, stage};
use crate::graphql_server::Server;
use crate::import_stage::import_texts;

/// A book in which `north` has more of everything than is shown at once.
async fn crowd(db: &rapport_tests::TestDb) {
    stage(db).await;
    let rows = |header: &str, count: usize, row: &dyn Fn(usize) -> String| {
        (0..count).fold(format!("{header}\n"), |mut text, n| {
            let _ = writeln!(text, "{}", row(n));
            text
        })
    };
    let thirty = (0..30).map(|n| format!("word {n}")).collect::<Vec<_>>().join(";");
    let sixty = (0..60).map(|n| format!("k{n:03}")).collect::<Vec<_>>().join(";");
    let files = [
        (
            "users.csv",
            rows("email,name", 30, &|n| format!("u{n:02}@example.com,User {n:02}")),
        ),
        (
            "teams.csv",
            rows("account_external_id,user_email", 30, &|n| {
                format!("north,u{n:02}@example.com")
            }),
        ),
        (
            "contacts.csv",
            rows(
                "account_external_id,external_id,name,seniority,priorities",
                130,
                &|n| format!("north,k{n:03},Contact {n:03},vp,{thirty}"),
            ),
        ),
        (
            "interactions.csv",
            rows(
                "account_external_id,external_id,kind,direction,status,occurred_at,topics,participants",
                62,
                &|n| match n {
                    0 | 1 => format!(
                        "north,big{n},meeting,outbound,completed,2026-06-0{}T10:00:00Z,{thirty},{sixty}",
                        n + 1
                    ),
                    n => format!(
                        "north,plan{n},meeting,outbound,scheduled,2026-07-{:02}T10:00:00Z,,k000",
                        n % 28 + 1
                    ),
                },
            ),
        ),
        (
            "goals.csv",
            rows("account_external_id,goal,due_on", 300, &|n| {
                format!(
                    "north,Goal {n:03},{}",
                    if n % 3 == 0 {
                        String::new()
                    } else {
                        format!("2026-{:02}-01", n % 12 + 1)
                    }
                )
            }),
        ),
        (
            "metrics.csv",
            rows("account_external_id,metric,observed_on,value", 1_100, &|n| {
                format!("north,m{n:04},2026-05-01,{n}")
            }),
        ),
        (
            "initiatives.csv",
            rows("account_external_id,initiative,alignment", 70, &|n| {
                format!("north,Initiative {n:02},high")
            }),
        ),
        (
            "sponsorships.csv",
            rows("account_external_id,contact_external_id,since,rank", 25, &|n| {
                format!("north,k{n:03},2025-01-01,backup")
            }),
        ),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (summary, told) = import_texts(db, &files).await;
    assert!(summary.is_clean(), "{:?}", told.rejected());
    let admin = Actor::Admin.user(db).await;
    for n in 0..60 {
        token::create(
            db,
            &db.clock,
            &Access::system(),
            admin.id,
            &format!("token {n}"),
            None,
        )
        .await
        .unwrap();
    }
}

/// What stands at a path such as `account.goals`.
fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.')
        .fold(value, |value, step| match step.parse::<usize>() {
            Ok(place) => &value[place],
            Err(_) => &value[step],
        })
}

on_both_databases! {
    async fn a_list_that_is_cut_tells_how_many_rows_there_are(db: TestDb) {
        crowd(db).await;
        let server = Server::start(db).await;
        let account = "accountByExternalId(externalId: \"north\")";
        let page = "(first: 100) { totalCount pageInfo { hasNextPage } nodes { __typename } }";
        // Where, the list, the fields of its rows, its limit, what tells of the others, and what it says.
        let cases = [
            (account, "team", "{ teamRole }", 20, "teamPage", 32),
            (account, "goals", "{ goal }", 100, "goalsPage", 301),
            (account, "metrics", "{ name }", 50, "metricsPage", 1_101),
            ("viewer", "apiTokens", "{ name }", 50, "apiTokensPage", 61),
            ("accountByExternalId(externalId: \"north\") { engagementReport", "stakeholders", "{ touches }", 100, "stakeholdersPage", 132),
            ("accountByExternalId(externalId: \"north\") { sponsorReport", "executives", "{ level }", 50, "executivesPage", 132),
            ("accountByExternalId(externalId: \"north\") { sponsorReport", "busFactor", "{ change }", 50, "busFactorPage", 132),
            ("accountByExternalId(externalId: \"north\") { sponsorReport", "alignment", "{ initiative }", 50, "alignmentPage", 71),
            ("accountByExternalId(externalId: \"north\") { sponsorReport", "calendar", "{ event }", 50, "calendarPage", 0),
            ("accountByExternalId(externalId: \"north\") { sponsorReport { succession", "backups", "{ score }", 20, "backupsCount", 25),
            ("accountByExternalId(externalId: \"north\") { interactions(last: 3) { nodes", "topics", "", 20, "topicsCount", 0),
            ("accountByExternalId(externalId: \"north\") { contacts(last: 2) { nodes", "priorities", "", 20, "prioritiesCount", 0),
        ];
        for (place, list, row, limit, told, count) in cases {
            let open = place.matches('{').count();
            let beside = if told.ends_with("Page") { page } else { "" };
            let data = server.data(&format!("{{ {place} {{ {list} {row} {told} {beside} }} {} }}", "}".repeat(open)), json!({})).await;
            let path = place.split(" { ").map(|step| step.split('(').next().unwrap()).collect::<Vec<_>>().join(".");
            let found = at(&data, &path);
            let found = found.as_array().map_or(found, |rows| rows.iter().max_by_key(|row| row[list].as_array().map_or(0, Vec::len)).unwrap());
            let shown = found[list].as_array().unwrap_or_else(|| panic!("{list}: {data}")).len();
            assert_eq!(shown, limit, "{list}");
            let says = if told.ends_with("Page") { found[told]["totalCount"].as_u64() } else { found[told].as_u64() }.unwrap() as usize;
            assert!(says > limit && (count == 0 || says == count), "{list}: {says}");
        }
        server.stop().await;
    }

    async fn pages_of_what_is_cut_join_to_the_whole(db: TestDb) {
        crowd(db).await;
        let server = Server::start(db).await;
        let cases = [
            ("accountByExternalId(externalId: \"north\")", "goalsPage", "goal", 301),
            ("accountByExternalId(externalId: \"north\")", "teamPage", "user { email }", 32),
            ("accountByExternalId(externalId: \"north\")", "metricsPage", "name", 1_101),
            ("viewer", "apiTokensPage", "id", 61),
            ("accountByExternalId(externalId: \"north\") { engagementReport", "stakeholdersPage", "contact { externalId }", 132),
            ("accountByExternalId(externalId: \"north\") { sponsorReport", "executivesPage", "contact { externalId }", 132),
            ("accountByExternalId(externalId: \"north\") { sponsorReport", "alignmentPage", "initiative", 71),
        ];
        for (place, list, row, count) in cases {
            let close = "}".repeat(place.matches('{').count());
            let path = place.split(" { ").map(|step| step.split('(').next().unwrap()).collect::<Vec<_>>().join(".");
            for backward in [false, true] {
                let (size, cursor) = if backward { ("last", "before") } else { ("first", "after") };
                let query = format!("query($n: Int, $c: String) {{ {place} {{ {list}({size}: $n, {cursor}: $c) {{ totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} edges {{ node {{ {row} }} }} }} }} {close} }}");
                let (mut rows, mut cursor) = (Vec::new(), None::<String>);
                loop {
                    let variables = cursor.as_ref().map_or(json!({"n": 83}), |cursor| json!({"n": 83, "c": cursor}));
                    let data = server.data(&query, variables).await;
                    let page = &at(&data, &path)[list];
                    assert_eq!(page["totalCount"], count, "{list}");
                    let mut here: Vec<String> = page["edges"].as_array().unwrap().iter().map(|edge| edge["node"].to_string()).collect();
                    let info = &page["pageInfo"];
                    let (more, next) = if backward { ("hasPreviousPage", "startCursor") } else { ("hasNextPage", "endCursor") };
                    if backward {
                        here.extend(rows);
                        rows = here;
                    } else {
                        rows.extend(here);
                    }
                    if info[more] == false {
                        break;
                    }
                    cursor = Some(info[next].as_str().unwrap().to_owned());
                }
                assert_eq!(rows.len(), count, "{list}");
                let all: std::collections::BTreeSet<&String> = rows.iter().collect();
                assert_eq!(all.len(), count, "{list}: each once");
            }
            let refused = server.ask(&format!("{{ {place} {{ {list}(after: \"x\") {{ totalCount }} }} {close} }}"), json!({})).await.json();
            assert_eq!(refused["errors"][0]["extensions"]["field"], "after", "{refused}");
        }
        server.stop().await;
    }

    async fn what_asks_for_too_much_is_refused_and_what_is_let_pass_is_bounded(db: TestDb) {
        crowd(db).await;
        let server = Server::start(db).await;
        let nested = "{ accountByExternalId(externalId: \"north\") { engagementReport { stakeholders { contact { account { engagementReport { stakeholders { contact { name } } } } } } } } }";
        let wide = |list: &str| format!("{{ accounts(first: 100) {{ nodes {{ {list} }} }} }}");
        for query in [
            nested.to_owned(),
            wide("team { user { email apiTokens { name last4 } } }"),
            wide("goals { id goal progress dueOn }"),
            wide("metrics { name value }"),
            wide("interactions(first: 100) { nodes { topics } }"),
            wide("contacts(first: 20) { nodes { priorities } }"),
            wide("sponsorReport { score }"),
            format!("{{ {} }}", (0..19).map(|n| format!("p{n}: portfolioReport {{ accounts }} ")).collect::<Vec<_>>().concat()),
            format!("{{ {} }}", (0..20).map(|n| format!("a{n}: accountByExternalId(externalId: \"north\") {{ goals {{ id goal progress dueOn }} metrics {{ name value }} }} ")).collect::<Vec<_>>().concat()),
        ] {
            let answer = server.ask(&query, json!({})).await;
            assert_eq!(answer.code(), "COMPLEXITY_LIMIT", "{query}");
            let message = answer.json()["errors"][0]["message"].as_str().unwrap().to_owned();
            assert!(message.contains("at most 10000 are allowed"), "{message}");
        }
        // As much as one request may ask for of one account: bounded, whatever is stored.
        let most = format!("{{ {} }}", (0..20).map(|n| format!("a{n}: accountByExternalId(externalId: \"north\") {{ goals {{ id goal progress dueOn }} }} ")).collect::<Vec<_>>().concat());
        let answer = server.ask(&most, json!({})).await;
        assert!(answer.status == 200 && answer.body.len() < 400_000, "{} {}", answer.status, answer.body.len());
        server.stop().await;
    }
}
