//! Watching over a WebSocket, with a client of its own make: who is told what, and how a connection ends.

use futures_util::{SinkExt, StreamExt};
use rapport_tests::{TestDb, on_both_databases};
use serde_json::{Value, json};
use service::access::Access;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::alert_stage::{evaluate, import, stage};
use crate::graphql_server::Server;

/// Somebody who watches.
pub(crate) struct Watcher(WebSocketStream<TcpStream>);

impl Watcher {
    /// Opens a connection without a word.
    pub(crate) async fn open(server: &Server, protocol: &str) -> Result<Self, Error> {
        let mut request = format!("ws://{}/graphql", server.address)
            .into_client_request()
            .unwrap();
        request
            .headers_mut()
            .insert("Sec-WebSocket-Protocol", protocol.parse().unwrap());
        let socket = TcpStream::connect(&server.address).await.unwrap();
        client_async(request, socket)
            .await
            .map(|(socket, _)| Self(socket))
    }

    /// Opens one and says who it is.
    pub(crate) async fn connect(server: &Server, token: &str) -> Self {
        let mut watcher = Self::open(server, "graphql-transport-ws").await.unwrap();
        watcher
            .say(json!({"type": "connection_init", "payload": {"Authorization": format!("Bearer {token}")}}))
            .await;
        assert_eq!(watcher.hear().await, json!({"type": "connection_ack"}));
        watcher
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message, or how the connection ended: its code, as a number.
    pub(crate) async fn hear(&mut self) -> Value {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Close(Some(frame)))) => return json!(u16::from(frame.code)),
                Some(Ok(_)) => {}
                ended => panic!("no word of farewell: {ended:?}"),
            }
        }
    }

    /// Subscribes; once it returns, what happens is told.
    pub(crate) async fn watch(&mut self, id: &str, query: &str) {
        self.say(json!({"type": "subscribe", "id": id, "payload": {"query": query}}))
            .await;
        assert_eq!(self.until_pong().await, Vec::<Value>::new());
    }

    /// Everything that is told until a question is answered.
    pub(crate) async fn until_pong(&mut self) -> Vec<Value> {
        self.say(json!({"type": "ping", "payload": {"n": 1}})).await;
        let mut heard = Vec::new();
        loop {
            match self.hear().await {
                pong if pong == json!({"type": "pong", "payload": {"n": 1}}) => return heard,
                message => heard.push(message),
            }
        }
    }
}

const RAISED: &str = "subscription { alertRaised { rule severity account { externalId } contact { name } } }";

async fn server(db: &TestDb) -> Server {
    import(
        db,
        &[(
            "users.csv",
            "email,name,role\nadmin@example.com,Ada Admin,admin\n",
        )],
    )
    .await;
    stage(db).await;
    evaluate(db).await;
    Server::start(db).await
}

async fn token(db: &TestDb, email: &str) -> service::token::NewToken {
    let user = service::record::user::find_by_email(db, &db.system(), &email.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    service::token::create(db, &db.clock, &Access::system(), user.id, "test", None)
        .await
        .unwrap()
}

async fn leave(db: &TestDb, account: &str, contact: &str) {
    let text = format!(
        "account_external_id,kind,observed_on,contact_external_id,summary\n{account},departure,2026-06-16,{contact},Left\n"
    );
    import(db, &[("org_changes.csv", &text)]).await;
}

/// People who leave at once, and the subscriptions that are told of each.
const LEFT: usize = 150;
const SUBSCRIPTIONS: usize = 8;
/// Most messages that may come after a token has ended: twice what the channel of a connection holds (`actix-ws`), since ending it takes a
/// moment in which the server goes on.
const MOST_ON_THE_WAY: usize = 64;

/// Many backup sponsors of an account leave, all in one file.
async fn leave_many(db: &TestDb, account: &str, people: usize) {
    let rows = |head: &str, row: &dyn Fn(usize) -> String| {
        head.to_owned() + &(0..people).map(row).collect::<String>()
    };
    let contacts = rows("account_external_id,external_id,name,seniority\n", &|n| {
        format!("{account},many{n},Person {n},vp\n")
    });
    let sponsorships = rows("account_external_id,contact_external_id,since,rank\n", &|n| {
        format!("{account},many{n},2025-01-01,backup\n")
    });
    let changes = rows(
        "account_external_id,kind,observed_on,contact_external_id,summary\n",
        &|n| format!("{account},departure,2026-06-16,many{n},Left\n"),
    );
    import(
        db,
        &[("contacts.csv", &contacts), ("sponsorships.csv", &sponsorships)],
    )
    .await;
    import(db, &[("org_changes.csv", &changes)]).await;
}

fn told(message: &Value) -> &Value {
    assert_eq!(message["type"], "next", "{message}");
    assert!(message["payload"].get("errors").is_none(), "{message}");
    &message["payload"]["data"]
}

on_both_databases! {
    async fn a_new_alert_is_told_to_whoever_sees_its_account_and_asked_for_it(db: TestDb) {
        let server = server(db).await;
        let mut admin = Watcher::connect(&server, &server.token).await;
        let mut ann = Watcher::connect(&server, &token(db, "ann@example.com").await.secret).await;
        admin.watch("all", RAISED).await;
        admin.watch("medium", "subscription Named { alertRaised(filter: {severity: [MEDIUM]}) { rule } }").await;
        ann.watch("mine", RAISED).await;
        leave(db, "bolt", "c1").await;
        let message = admin.hear().await;
        assert_eq!(message["id"], "all");
        assert_eq!(*told(&message), json!({"alertRaised": {"rule": "sponsor.departed", "severity": "CRITICAL",
            "account": {"externalId": "bolt"}, "contact": {"name": "Flo Finch"}}}));
        assert_eq!(ann.until_pong().await, Vec::<Value>::new(), "not Ann's account");

        leave(db, "acme", "c2").await;
        assert_eq!(told(&ann.hear().await)["alertRaised"]["account"]["externalId"], "acme");
        assert_eq!(told(&admin.hear().await)["alertRaised"]["severity"], "HIGH");
        // What has been told is not told again; what was completed is told no more.
        admin.say(json!({"type": "complete", "id": "all"})).await;
        import(db, &[("sponsorships.csv", "account_external_id,contact_external_id,since,rank\nacme,c3,2026-01-01,backup\n")]).await;
        leave(db, "acme", "c3").await;
        assert_eq!(told(&ann.hear().await)["alertRaised"]["contact"]["name"], "Eve Ember");
        assert_eq!(admin.until_pong().await, Vec::<Value>::new());
        server.stop().await;
    }

    async fn a_score_that_changes_is_told_with_what_it_was(db: TestDb) {
        let server = server(db).await;
        let mut admin = Watcher::connect(&server, &server.token).await;
        let fields = "{ account { externalId } engagement { overall pattern asOf } overallBefore patternBefore }";
        admin.watch("all", &format!("subscription {{ engagementChanged {fields} }}")).await;
        admin.watch("large", &format!("subscription {{ engagementChanged(filter: {{tier: [ENTERPRISE]}}) {fields} }}")).await;
        let before = evaluate(db).await;
        assert_eq!(before.accounts, 2, "the same scores again: nothing to tell");
        let text: String = (1..=5).map(|n| format!("bolt,x{n},email,outbound,completed,2026-06-0{n}T10:00:00Z,c1\n")).collect::<Vec<_>>().concat();
        import(db, &[("interactions.csv", &format!("account_external_id,external_id,kind,direction,status,occurred_at,participants\n{text}"))]).await;
        evaluate(db).await;
        let message = admin.hear().await;
        assert_eq!(message["id"], "all");
        let change = &told(&message)["engagementChanged"];
        assert_eq!(change["account"]["externalId"], "bolt");
        assert!(change["overallBefore"].as_i64().unwrap() > change["engagement"]["overall"].as_i64().unwrap(), "{change}");
        assert!(change["patternBefore"].is_string());
        assert_eq!(admin.until_pong().await, Vec::<Value>::new(), "it is small");
        server.stop().await;
    }

    async fn a_revoked_token_ends_the_connection_at_the_next_event(db: TestDb) {
        let server = server(db).await;
        let ann = token(db, "ann@example.com").await;
        let mut watcher = Watcher::connect(&server, &ann.secret).await;
        watcher.watch("mine", RAISED).await;
        service::token::revoke(db, &db.clock, &db.system(), ann.id).await.unwrap();
        leave(db, "acme", "c2").await;
        assert_eq!(watcher.hear().await, json!(4403));
        server.stop().await;
    }

    async fn a_token_that_was_made_with_a_revoked_one_ends_its_connection_too(db: TestDb) {
        let server = server(db).await;
        let ann = token(db, "ann@example.com").await;
        let access = service::token::authenticate(db, &db.clock, &ann.secret).await.unwrap().unwrap();
        let child = service::token::create(db, &db.clock, &access, ann.token.user_id, "child", None).await.unwrap();
        let mut watcher = Watcher::connect(&server, &child.secret).await;
        watcher.watch("mine", RAISED).await;
        service::token::revoke(db, &db.clock, &db.system(), ann.id).await.unwrap();
        leave(db, "acme", "c2").await;
        assert_eq!(watcher.hear().await, json!(4403));
        server.stop().await;
    }

    async fn a_revoked_token_is_told_nothing_more_of_a_backlog(db: TestDb) {
        let server = server(db).await;
        let ann = token(db, "ann@example.com").await;
        let mut watcher = Watcher::connect(&server, &ann.secret).await;
        for n in 0..SUBSCRIPTIONS {
            watcher.watch(&n.to_string(), RAISED).await;
        }
        // One look at the database finds all of them.
        leave_many(db, "acme", LEFT).await;
        // A slow reader: the first word of the backlog has come, then the token ends.
        assert_eq!(told(&watcher.hear().await)["alertRaised"]["account"]["externalId"], "acme");
        service::token::revoke(db, &db.clock, &db.system(), ann.id).await.unwrap();
        let mut told_after = 0;
        let end = loop {
            match watcher.hear().await {
                Value::Number(code) => break code,
                _ => told_after += 1,
            }
        };
        let backlog = LEFT * SUBSCRIPTIONS - 1;
        assert_eq!(end, serde_json::Number::from(4403), "after {told_after} of {backlog} messages");
        assert!(told_after <= MOST_ON_THE_WAY, "{told_after} of {backlog} messages were told after the token had ended");
        server.stop().await;
    }

    async fn a_service_that_stops_says_farewell(db: TestDb) {
        let server = server(db).await;
        let mut watcher = Watcher::connect(&server, &server.token).await;
        watcher.watch("all", RAISED).await;
        let (farewell, ()) = tokio::join!(watcher.hear(), server.stop());
        assert_eq!(farewell, json!(1001));
    }

    async fn the_protocol_is_kept(db: TestDb) {
        let server = server(db).await;
        let Err(Error::Http(refused)) = Watcher::open(&server, "graphql-ws").await else { panic!("the old protocol is not spoken") };
        assert_eq!(refused.status(), 400);
        let subscribe = |id: &str, query: &str| json!({"type": "subscribe", "id": id, "payload": {"query": query}});
        // How it ends without a good word at the beginning.
        for (words, code) in [
            (vec![subscribe("1", RAISED)], 4401),
            (vec![json!({"type": "connection_init"})], 4403),
            (vec![json!({"type": "connection_init", "payload": {"token": "rap_pat_nonsense"}})], 4403),
            (vec![json!({"type": "start", "id": "1"})], 4400),
            (vec![json!(7)], 4400),
        ] {
            let mut watcher = Watcher::open(&server, "graphql-transport-ws").await.unwrap();
            for word in &words {
                watcher.say(word.clone()).await;
            }
            assert_eq!(watcher.hear().await, json!(code), "{words:?}");
        }
        let mut watcher = Watcher::connect(&server, &server.token).await;
        watcher.say(json!({"type": "connection_init", "payload": {"token": server.token}})).await;
        assert_eq!(watcher.hear().await, json!(4429), "twice");
        let mut watcher = Watcher::connect(&server, &server.token).await;
        watcher.watch("one", RAISED).await;
        watcher.say(subscribe("one", RAISED)).await;
        assert_eq!(watcher.hear().await, json!(4409));

        // What cannot be watched is refused, and the connection lives on.
        let mut watcher = Watcher::connect(&server, &server.token).await;
        let deep = format!("subscription {{ alertRaised {{ {} id {} }} }}", "account { contacts(first: 1) { nodes { ".repeat(9), "} } }".repeat(9));
        for (query, code) in [
            ("{ viewer { email } }", "BAD_REQUEST"),
            ("mutation { revokeApiToken(input: {tokenId: \"tok_x\"}) { apiToken { id } } }", "BAD_REQUEST"),
            ("subscription { alertRaised { nonsense } }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { alertRaised { id }", "GRAPHQL_PARSE_FAILED"),
            ("subscription { alertRaised(filter: {rule: [\"smoke\"]}) { id } }", "BAD_USER_INPUT"),
            (deep.as_str(), "COMPLEXITY_LIMIT"),
            ("subscription { alertRaised { account { interactions(first: 100) { nodes { account { contacts(first: 100) { nodes { name } } } } } } } }", "COMPLEXITY_LIMIT"),
        ] {
            watcher.say(subscribe("x", query)).await;
            let refused = watcher.hear().await;
            assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("x")), "{query}: {refused}");
            assert_eq!(refused["payload"][0]["extensions"]["code"], code, "{query}: {refused}");
        }
        for n in 0..10 {
            watcher.watch(&n.to_string(), RAISED).await;
        }
        watcher.say(subscribe("10", RAISED)).await;
        assert_eq!(watcher.hear().await["payload"][0]["extensions"]["code"], "COMPLEXITY_LIMIT", "ten are enough");
        let mut watchers = Vec::new();
        for _ in 0..20 {
            let mut another = Watcher::open(&server, "graphql-transport-ws").await.unwrap();
            another.say(json!({"type": "connection_init", "payload": {"token": server.token}})).await;
            let answer = another.hear().await;
            watchers.push(another);
            if answer == json!(1013) {
                break;
            }
            assert_eq!(answer, json!({"type": "connection_ack"}));
        }
        assert!((15..=20).contains(&watchers.len()), "a user takes at most twenty connections: {}", watchers.len());
        let posted = server.ask(RAISED, json!({})).await;
        assert_eq!((posted.status, posted.code().as_str()), (400, "BAD_REQUEST"));
        server.stop().await;
    }

    async fn a_client_that_is_no_browser_may_say_who_it_is_in_a_header(db: TestDb) {
        let server = server(db).await;
        let mut request = format!("ws://{}/graphql", server.address).into_client_request().unwrap();
        request.headers_mut().insert("Sec-WebSocket-Protocol", "soap, graphql-transport-ws".parse().unwrap());
        request.headers_mut().insert("Authorization", format!("Bearer {}", server.token).parse().unwrap());
        let socket = TcpStream::connect(&server.address).await.unwrap();
        let (socket, answer) = client_async(request, socket).await.unwrap();
        assert_eq!(answer.headers()["Sec-WebSocket-Protocol"], "graphql-transport-ws");
        let mut watcher = Watcher(socket);
        watcher.say(json!({"type": "connection_init"})).await;
        assert_eq!(watcher.hear().await, json!({"type": "connection_ack"}));
        drop(watcher);
        server.stop().await;
    }
}
