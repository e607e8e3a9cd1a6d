//! One client asks for too much: what it is told, and that nobody else notices.

use std::fmt::Write as _;
use std::time::Duration;

use rapport_tests::{TestDb, on_both_databases};
use serde_json::{Value, json};
use service::access::Access;
use worker::mail::deliver_due;

use crate::graphql_server::{Answer, Server};
use crate::graphql_stage::stage;
use crate::import_stage::import_texts;
use crate::mail_stage::{context, mail_into, queue_to};

/// Texts of 200 kB: sixty of them are longer than any answer may be, thirty are not.
async fn stage_long_texts(db: &TestDb) {
    let text = "0123456789".repeat(20_000);
    let mut rows = "account_external_id,external_id,kind,direction,status,occurred_at,outcome\n".to_owned();
    for n in 0..20 {
        writeln!(
            rows,
            "long,m{n},meeting,outbound,completed,2026-06-{:02}T10:00:00Z,{text}",
            n % 17 + 1
        )
        .unwrap();
    }
    let accounts = "external_id,name,tier\nlong,Long Texts,smb\n";
    let (summary, told) = import_texts(db, &[("accounts.csv", accounts), ("interactions.csv", &rows)]).await;
    assert!(summary.is_clean(), "{:?}", told.rejected());
}

fn long_texts(aliases: usize) -> String {
    let mut query = "{ accountByExternalId(externalId: \"long\") {".to_owned();
    for n in 0..aliases {
        write!(query, " a{n}: interactions(first: 20) {{ nodes {{ outcome }} }}").unwrap();
    }
    query + " } }"
}

/// A token of somebody.
async fn token_of(db: &TestDb, email: &str) -> String {
    let user = service::record::user::find_by_email(db, &db.system(), &email.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    service::token::create(db, &db.clock, &Access::system(), user.id, "test", None)
        .await
        .unwrap()
        .secret
}

async fn post_as(server: &Server, token: &str, query: &str) -> Answer {
    let head =
        format!("POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}");
    server
        .send(&head, json!({ "query": query }).to_string().as_bytes())
        .await
}

/// So many reports of a period whose scores are not stored.
fn reports(count: usize) -> String {
    let mut query = "{".to_owned();
    for n in 0..count {
        write!(query, " a{n}: portfolioReport(period: MONTHLY) {{ accounts }}").unwrap();
    }
    query + " }"
}

on_both_databases! {
    async fn an_answer_that_is_too_long_is_refused_while_it_is_made(db: TestDb) {
        stage_long_texts(db).await;
        let server = Server::start(db).await;
        let fits = server.ask(&long_texts(2), json!({})).await;
        assert!(fits.status == 200 && fits.body.len() > 8_000_000, "{} {}", fits.status, fits.body.len());
        let answer = server.ask(&long_texts(3), json!({})).await;
        assert!(answer.body.len() < 1_000, "an answer of {} bytes, with status {}", answer.body.len(), answer.status);
        assert_eq!((answer.status, answer.code().as_str()), (400, "COMPLEXITY_LIMIT"));
        let error = &answer.json()["errors"][0];
        assert_eq!(error["extensions"]["limit"], 10 * 1024 * 1024);
        assert!(error["message"].as_str().unwrap().contains("`first`"), "what to do: {error}");
        assert!(answer.json().get("data").is_none(), "nothing of it is sent");
        server.stop().await;
    }

    async fn a_hundred_heavy_reports_of_one_user_keep_nobody_else_waiting(db: TestDb) {
        stage(db, 60).await;
        let server = Server::start(db).await;
        let (kim, lou) = (token_of(db, "kim@example.com").await, token_of(db, "lou@example.com").await);
        let refused = post_as(&server, &kim, &reports(19)).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "COMPLEXITY_LIMIT"), "nineteen are too much for one request: {}", refused.body);
        // Thirteen requests of as many as one may ask for are as much as six of nineteen.
        let query = reports(9);
        let heavy = futures_util::future::join_all((0..13).map(async |_| {
            loop {
                let answer = post_as(&server, &kim, &query).await;
                let code = answer.json()["errors"][0]["extensions"]["code"].clone();
                match answer.status {
                    200 => {}
                    503 if code == "RETRY_LATER" => {
                        let seconds = answer.header("retry-after").and_then(|seconds| seconds.parse::<u64>().ok());
                        assert_eq!(seconds, answer.json()["errors"][0]["extensions"]["retryAfter"].as_u64(), "{}", answer.head);
                    }
                    // A slow machine may not get through its own share in time either.
                    503 => assert_eq!(code, "TIMEOUT", "{}", answer.body),
                    _ => panic!("{} {}", answer.status, answer.body),
                }
            }
        }));
        // While they are at it, and come again as soon as they have been told to come later: the worker of the same process delivers,
        // health is well, others read.
        let folder = db.scratch().join("mail");
        queue_to(db, &["ada@x.example"]).await;
        let (context, mail) = (context(db, "one"), mail_into(&folder));
        let others = async {
            let mut told = Vec::new();
            for _ in 0..5 {
                let ready = server.send("GET /readyz HTTP/1.1", b"").await;
                let own = post_as(&server, &lou, "{ viewer { email } accounts(first: 5) { nodes { name } } }").await;
                let report = post_as(&server, &lou, "{ portfolioReport(period: MONTHLY) { accounts } }").await;
                told.push((ready.status, own.status, report.status));
            }
            (told, deliver_due(&context, &mail).await.sent)
        };
        let others = tokio::select! {
            _ = heavy => unreachable!("they come again"),
            others = others => others,
        };
        assert_eq!(others, (vec![(200, 200, 200); 5], 1));
        server.stop().await;
    }

    async fn a_report_costs_what_it_has_to_score(db: TestDb) {
        stage(db, 12).await;
        let mut state = crate::graphql_server::state(db);
        state.engine.accounts_of_a_request = 30;
        let server = Server::serving(db, state).await;
        let two = "{ a: portfolioReport(period: MONTHLY) { accounts } b: portfolioReport(period: MONTHLY) { accounts } }";
        assert_eq!(server.data(two, json!({})).await["b"]["accounts"], 12);
        let three = two.replace("{ a:", "{ c: portfolioReport(period: MONTHLY) { accounts } a:");
        let refused = server.ask(&three, json!({})).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "COMPLEXITY_LIMIT"), "{}", refused.body);
        let error = &refused.json()["errors"][0];
        assert_eq!((&error["extensions"]["accounts"], &error["extensions"]["limit"]), (&json!(36), &json!(30)));
        assert!(error["message"].as_str().unwrap().contains("`filter`"), "what to do: {error}");
        // What is stored costs nothing of it, and neither do fewer.
        let stored = three.replace("(period: MONTHLY)", "");
        assert_eq!(server.data(&stored, json!({})).await["c"]["accounts"], 12);
        let fewer = three.replace("MONTHLY", "MONTHLY, filter: {tier: [SMB]}");
        assert_eq!(server.data(&fewer, json!({})).await["c"]["accounts"], 4);
        // Reports of many accounts are of the same kind.
        let many = "{ accounts(first: 12) { nodes { m: engagementReport(period: MONTHLY) { overall } q: engagementReport { overall } sponsorReport { score } } } }";
        let partial = server.ask(many, json!({})).await;
        assert_eq!((partial.status, &partial.json()["errors"][0]["extensions"]["code"]), (200, &json!("COMPLEXITY_LIMIT")), "{}", partial.body);
        server.stop().await;
    }

    async fn health_is_told_without_a_connection_of_the_requests(db: TestDb) {
        let server = Server::start(db).await;
        let get = async |path: &str| tokio::time::timeout(Duration::from_mins(1), server.send(&format!("GET {path} HTTP/1.1"), b"")).await.unwrap();
        assert_eq!(get("/healthz").await.json(), json!({"status": "ok"}));
        db.db.clone().close().await.unwrap();
        // The database is away for good; the process says so instead of dying with it.
        assert_eq!((get("/healthz").await.status, get("/readyz").await.status), (200, 503));
        let refused = server.ask("{ viewer { email } }", json!({})).await;
        assert_eq!((refused.status, refused.code().as_str()), (503, "UNAVAILABLE"), "{}", refused.body);
        assert!(refused.header("retry-after").is_some(), "{}", refused.head);
        assert!(refused.json()["errors"][0]["extensions"]["retryAfter"].is_u64(), "{}", refused.body);
        server.stop().await;
    }

    async fn what_has_no_data_because_of_the_database_is_503_and_what_has_some_is_200(db: TestDb) {
        // Made while it can be: the server's first user, and a database that takes writes from nobody who comes after.
        service::record::user::create_first_admin(db, &db.clock, &"admin@example.com".parse().unwrap(), "Ada").await.unwrap();
        let read_only = read_only(db).await;
        let server = Server::serving(db, api::AppState { db: read_only, ..crate::graphql_server::state(db) }).await;
        let mutation = "upsertAccounts(input: {rows: [{externalId: \"x\", name: \"X\", tier: SMB}]}) { results { outcome } }";
        let answer = server.ask(&format!("mutation {{ {mutation} }}"), json!({})).await;
        assert_eq!((answer.status, answer.code().as_str()), (503, "UNAVAILABLE"), "{}", answer.body);
        let seconds: u64 = answer.header("retry-after").expect("when to try again").parse().unwrap();
        assert_eq!(answer.json()["errors"][0]["extensions"]["retryAfter"], seconds);
        assert_eq!(answer.json()["data"], json!({"upsertAccounts": null}), "errors stand beside what there is");
        let partial = server.ask(&format!("mutation {{ __typename {mutation} }}"), json!({})).await;
        assert_eq!((partial.status, partial.code().as_str()), (200, "UNAVAILABLE"), "{}", partial.body);
        assert_eq!(partial.json()["data"]["__typename"], Value::from("Mutation"));
        server.stop().await;
    }
}

/// The same database, by connections that cannot write.
async fn read_only(db: &TestDb) -> service::db::Db {
    use sea_orm::ConnectionTrait;
    if db.kind() == rapport_tests::Kind::Postgres {
        let for_all = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$";
        db.db
            .write_tx(async |tx| {
                tx.execute_unprepared(for_all).await.unwrap();
                Ok(())
            })
            .await
            .unwrap();
    }
    // Whatever fails on a connection, the next one cannot write either.
    service::db::Db::connect(&db.url.replace("mode=rwc", "mode=ro"))
        .await
        .unwrap()
}
