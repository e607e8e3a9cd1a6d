//! The edge of the service: methods, media types, bodies, tokens, health; what is refused says why and with which code.

use rapport_tests::on_both_databases;
use serde_json::json;

use crate::graphql_server::Server;

const JSON: &str = "Content-Type: application/json";

on_both_databases! {
    async fn a_valid_token_is_needed_and_nothing_else_tells_why_not(db: TestDb) {
        let server = Server::start(db).await;
        let body = json!({ "query": "{ viewer { email role timeZone } }" }).to_string();
        let with = async |authorization: &str| {
            let separator = if authorization.is_empty() { "" } else { "\r\n" };
            server.send(&format!("POST /graphql HTTP/1.1\r\n{JSON}{separator}{authorization}"), body.as_bytes()).await
        };
        let token = server.token.clone();
        let mut changed = token.clone();
        changed.pop();
        changed.push(if token.ends_with('0') { '1' } else { '0' });
        for header in [
            String::new(),
            "Authorization: Bearer".to_owned(),
            "Authorization: Bearer ".to_owned(),
            format!("Authorization: Basic {token}"),
            format!("Authorization: {token}"),
            format!("Authorization: Bearer {changed}"),
            format!("Authorization: Bearer {}", "x".repeat(2_000)),
            format!("Authorization: Bearer {token}\r\nAuthorization: Bearer {token}"),
            "Authorization: Bearer ' OR 1=1 --".to_owned(),
        ] {
            let answer = with(&header).await;
            assert_eq!((answer.status, answer.code().as_str()), (401, "UNAUTHENTICATED"), "{header}");
            assert!(answer.header("www-authenticate").is_some_and(|h| h.starts_with("Bearer")), "{}", answer.head);
            assert!(!answer.body.contains(&token) && answer.json().get("data").is_none());
        }
        let answer = with(&format!("Authorization: bearer {token}")).await;
        assert_eq!(answer.json(), json!({"data": {"viewer": {"email": "admin@example.com", "role": "ADMIN", "timeZone": "UTC"}}}));
        server.stop().await;
    }

    async fn an_expired_and_a_revoked_token_are_dead_at_once(db: TestDb) {
        let server = Server::start(db).await;
        let user = service::record::user::find_by_email(db, &db.system(), &"admin@example.com".parse().unwrap()).await.unwrap().unwrap();
        let soon = db.clock.now() + chrono::TimeDelta::hours(1);
        let expiring = service::token::create(db, &db.clock, &db.system(), user.id, "expiring", Some(soon)).await.unwrap();
        let revoked = service::token::create(db, &db.clock, &db.system(), user.id, "revoked", None).await.unwrap();
        let status = async |token: &str| {
            let head = format!("POST /graphql HTTP/1.1\r\n{JSON}\r\nAuthorization: Bearer {token}");
            server.send(&head, br#"{"query":"{ __typename }"}"#).await.status
        };
        assert_eq!((status(&expiring.secret).await, status(&revoked.secret).await), (200, 200));
        service::token::revoke(db, &db.clock, &db.system(), revoked.id).await.unwrap();
        db.clock.advance(chrono::TimeDelta::hours(1));
        assert_eq!((status(&expiring.secret).await, status(&revoked.secret).await), (401, 401));
        server.stop().await;
    }

    async fn the_media_type_decides_the_status_of_a_refused_document(db: TestDb) {
        let server = Server::start(db).await;
        let ask = async |accept: &str, query: &str| {
            let head = format!("POST /graphql HTTP/1.1\r\n{JSON}\r\nAccept: {accept}\r\nAuthorization: Bearer {}", server.token);
            server.send(&head, json!({ "query": query }).to_string().as_bytes()).await
        };
        let (newer, older) = ("application/graphql-response+json", "application/json");
        for (query, code) in [("{ viewer {", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"), ("mutation { x }", "GRAPHQL_VALIDATION_FAILED")] {
            for (accept, status) in [(newer, 400), (older, 200), ("*/*", 400)] {
                let answer = ask(accept, query).await;
                assert_eq!((answer.status, answer.code().as_str()), (status, code), "{accept} {query} {}", answer.body);
                assert!(answer.json().get("data").is_none(), "nothing was executed: {}", answer.body);
            }
        }
        let answer = ask(newer, "{ __typename }").await;
        assert_eq!(answer.header("content-type"), Some("application/graphql-response+json; charset=utf-8"));
        assert!(answer.header("x-trace-id").is_some_and(|id| id.len() == 32), "{}", answer.head);
        assert_eq!(ask(older, "{ __typename }").await.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(ask("text/html", "{ __typename }").await.status, 406);
        server.stop().await;
    }

    async fn only_one_json_object_is_read_from_a_body(db: TestDb) {
        let server = Server::start(db).await;
        let query = r#"{"query":"{ __typename }"}"#;
        for (content_type, status) in [
            ("application/json", 200),
            ("application/json; charset=utf-8", 200),
            ("APPLICATION/JSON;charset=\"UTF-8\"", 200),
            ("application/json; charset=utf-16", 415),
            ("text/plain", 415),
            ("application/x-www-form-urlencoded", 415),
            ("multipart/form-data; boundary=x", 415),
            ("application/graphql", 415),
            ("application/jsonp", 415),
        ] {
            let head = format!("POST /graphql HTTP/1.1\r\nContent-Type: {content_type}\r\nAuthorization: Bearer {}", server.token);
            assert_eq!(server.send(&head, query.as_bytes()).await.status, status, "{content_type}");
        }
        let head = format!("POST /graphql HTTP/1.1\r\nAuthorization: Bearer {}", server.token);
        assert_eq!(server.send(&head, query.as_bytes()).await.status, 415, "without a content type");
        for body in [
            &b""[..],
            b"{",
            b"null",
            b"\"{ __typename }\"",
            b"{}",
            br#"{"query":1}"#,
            br#"{"query":"{ __typename }","variables":[]}"#,
            br#"{"query":"{ __typename }","operationName":7}"#,
            b"[{\"query\":\"{ __typename }\"}]",
            b"  [ ]",
            b"{\"query\":\"\xff\"}",
        ] {
            let answer = server.post(body).await;
            assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_REQUEST"), "{}", String::from_utf8_lossy(body));
        }
        let deep = format!(r#"{{"query":"{{ __typename }}","variables":{{"a":{}{}}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(server.post(deep.as_bytes()).await.status, 400, "serde stops at its depth");
        let unused = json!({"query": "{ __typename }", "operationName": null, "variables": null, "extensions": {"a": 1}});
        assert_eq!(server.post(unused.to_string().as_bytes()).await.status, 200);
        server.stop().await;
    }

    async fn bodies_queries_and_variables_have_a_longest(db: TestDb) {
        let server = Server::start(db).await;
        let padded = |length: usize| format!("{{\"query\":\"{{ __typename }}\"{}}}", " ".repeat(length - 26));
        let most = 2 * 1024 * 1024;
        assert_eq!(padded(most).len(), most);
        assert_eq!(server.post(padded(most).as_bytes()).await.status, 200);
        assert_eq!(server.post(padded(most + 1).as_bytes()).await.status, 413);
        assert_eq!(server.post(padded(20 * 1024 * 1024).as_bytes()).await.status, 413);
        let answer = server.ask("query($a: String) { accountByExternalId(externalId: $a) { id } }", json!({"a": "x".repeat(70_000)})).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "COMPLEXITY_LIMIT"));
        let answer = server.ask(&format!("{{ __typename }} #{}", "x".repeat(17_000)), json!({})).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "COMPLEXITY_LIMIT"));
        server.stop().await;
    }

    async fn queries_may_come_by_get_and_nothing_that_writes(db: TestDb) {
        let server = Server::start(db).await;
        let get = async |query: &str| {
            server.send(&format!("GET /graphql?{query} HTTP/1.1\r\nAuthorization: Bearer {}", server.token), b"").await
        };
        assert_eq!(get("query=%7B__typename%7D").await.json(), json!({"data": {"__typename": "Query"}}));
        let named = "query=query%20A(%24s:Boolean!)%7Bviewer%20@skip(if:%24s)%7Bid%7D%7D%20query%20B%7Bb:__typename%7D";
        assert_eq!(get(&format!("{named}&operationName=B")).await.json(), json!({"data": {"b": "Query"}}));
        assert_eq!(get(&format!("{named}&operationName=A&variables=%7B%22s%22:true%7D")).await.json(), json!({"data": {}}));
        // A variable that may be absent may be, also where it weighs a list, also in an operation that is not chosen.
        let absent = "query=query%20A(%24n:Int)%7Baccounts(first:%24n)%7BtotalCount%7D%7D%20query%20B(%24m:Int!)%7Baccounts(first:%24m)%7BtotalCount%7D%7D";
        assert_eq!(get(&format!("{absent}&operationName=A")).await.json(), json!({"data": {"accounts": {"totalCount": 0}}}));
        let refused = get(&format!("{absent}&operationName=B")).await;
        assert_eq!((refused.status, refused.code()), (400, "BAD_USER_INPUT".to_owned()), "what is required must be there");
        assert_eq!(refused.json()["errors"][0]["extensions"]["field"], "m");
        let required = "query=query(%24x:String!)%7BaccountByExternalId(externalId:%24x)%7Bid%7D%7D";
        for given in ["", "&variables=%7B%22x%22:null%7D"] {
            assert_eq!(get(&format!("{required}{given}")).await.code(), "BAD_USER_INPUT", "{given}");
        }
        // PostgreSQL keeps no U+0000; both databases answer alike.
        let nul = get(&format!("{required}&variables=%7B%22x%22:%22%5Cu0000%22%7D")).await;
        assert_eq!((nul.status, nul.code()), (400, "BAD_USER_INPUT".to_owned()));
        let literal = get("query=%7BaccountByExternalId(externalId:%22%5Cu0000%22)%7Bid%7D%7D").await;
        assert_eq!(literal.code(), "BAD_USER_INPUT");
        for query in ["query=mutation%7Bx%7D", "query=subscription%7Bx%7D", "query=query%20A%7B__typename%7D%20mutation%20B%7Bx%7D&operationName=B"] {
            let answer = get(query).await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{query}");
        }
        for query in ["", "query=", "variables=%7B%7D", "query=%7B__typename%7D&variables=1", "query=%7B__typename%7D&variables=%7B"] {
            assert_eq!(get(query).await.status, 400, "{query}");
        }
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"] {
            let head = format!("{method} /graphql HTTP/1.1\r\n{JSON}\r\nAuthorization: Bearer {}", server.token);
            let answer = server.send(&head, b"").await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, POST")), "{method}");
        }
        server.stop().await;
    }

    async fn health_tells_the_process_from_its_database(db: TestDb) {
        let server = Server::start(db).await;
        let get = async |path: &str| server.send(&format!("GET {path} HTTP/1.1"), b"").await;
        assert_eq!((get("/healthz").await.status, get("/readyz").await.status), (200, 200));
        db.db.write_tx(async |tx| {
            use sea_orm::ConnectionTrait;
            tx.execute_unprepared("DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)").await.unwrap();
            Ok(())
        }).await.unwrap();
        let answer = get("/readyz").await;
        assert_eq!((answer.status, get("/healthz").await.status), (503, 200), "an older schema: {}", answer.body);
        server.stop().await;
    }

    async fn a_broken_database_is_masked_and_traced(db: TestDb) {
        let server = Server::start(db).await;
        db.db.write_tx(async |tx| {
            use sea_orm::ConnectionTrait;
            tx.execute_unprepared("ALTER TABLE goal RENAME TO elsewhere").await.unwrap();
            tx.execute_unprepared("INSERT INTO account (id, external_id, name, tier, status, created_at, updated_at) SELECT id, 'acme', 'Acme', 'SMB', 'ACTIVE', 0, 0 FROM app_user").await.unwrap();
            Ok(())
        }).await.unwrap();
        let answer = server.ask("{ accountByExternalId(externalId: \"acme\") { name goals { goal } } viewer { email } }", json!({})).await;
        let body = answer.json();
        assert_eq!(answer.status, 200, "{body}");
        assert_eq!(body["data"], json!({"accountByExternalId": null, "viewer": {"email": "admin@example.com"}}));
        assert_eq!((answer.code().as_str(), body["errors"][0]["message"].as_str()), ("INTERNAL", Some("internal error")));
        assert_eq!(body["errors"][0]["extensions"]["traceId"].as_str(), answer.header("x-trace-id"));
        assert!(!answer.body.contains("elsewhere") && !answer.body.contains("SELECT"), "{body}");
        server.stop().await;
    }
}

#[test]
fn a_busy_port_is_named() {
    let taken = api::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = api::bind(&address).unwrap_err();
    assert!(
        matches!(error, api::ServeError::PortBusy { .. }) && error.to_string().contains(&address),
        "{error}"
    );
    assert!(matches!(
        api::bind("no address").unwrap_err(),
        api::ServeError::Bind { .. }
    ));
}

on_both_databases! {
    async fn the_explorer_comes_whole_from_the_service(db: TestDb) {
        let server = Server::start(db).await;
        let page = server.send("GET / HTTP/1.1", b"").await;
        assert!(page.status == 200 && page.body.contains("GraphiQL") | page.body.contains("graphiql"), "{}", page.head);
        assert!(page.header("content-security-policy").is_some_and(|p| p.starts_with("default-src 'none'")));
        for path in page.body.split('"').filter(|part| part.starts_with("assets/")) {
            let asset = server.send(&format!("GET /{path} HTTP/1.1"), b"").await;
            assert!(asset.status == 200 && !asset.body.is_empty(), "{path}");
        }
        // Compressed before it is asked for: its length is known, and whoever has it is told so.
        let path = page.body.split('"').find(|part| part.ends_with("graphiql.min.js")).unwrap();
        let get = async |headers: &str| server.send_for_bytes(&format!("GET /{path} HTTP/1.1{headers}"), b"").await;
        let (head, plain) = get("").await;
        assert!(!head.contains("content-encoding"), "{head}");
        let (head, packed) = get("\r\nAccept-Encoding: br, gzip;q=0.8").await;
        assert!(head.contains("content-encoding: gzip") && head.contains("vary: accept-encoding"), "{head}");
        assert!(head.contains(&format!("content-length: {}", packed.len())), "{head}");
        assert!(packed.len() * 2 < plain.len() && packed.starts_with(&[0x1f, 0x8b]), "{} of {}", packed.len(), plain.len());
        let (refusing, whole) = get("\r\nAccept-Encoding: gzip;q=0").await;
        assert!(!refusing.contains("content-encoding: gzip") && whole == plain, "{refusing}");
        let whole = server.send(&format!("GET /{path} HTTP/1.1"), b"").await;
        let tag = whole.header("etag").expect("a tag");
        assert!(get(&format!("\r\nIf-None-Match: {tag}")).await.0.starts_with("http/1.1 304"));
        for path in ["", "assets/explorer.css"] {
            let first = server.send(&format!("GET /{path} HTTP/1.1"), b"").await;
            let tag = first.header("etag").expect("a tag").to_owned();
            let again = server.send(&format!("GET /{path} HTTP/1.1\r\nIf-None-Match: {tag}"), b"").await;
            assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
        }
        for path in ["/assets/", "/assets/../Cargo.toml", "/assets/%2e%2e/Cargo.toml", "/nowhere"] {
            assert_eq!(server.send(&format!("GET {path} HTTP/1.1"), b"").await.status, 404, "{path}");
        }
        server.stop().await;
    }
}
