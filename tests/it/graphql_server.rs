//! The service as clients meet it: a real server on a free port, spoken to in plain HTTP over a socket.

use std::sync::Arc;
use std::time::Duration;

use api::{ApiConfig, AppState, CrowdLimits, Engine};
use chrono_tz::Tz;
use engagement::policy::Policy;
use rapport_tests::TestDb;
use serde_json::{Value, json};
use service::access::Access;
use service::monitoring::{Monitor, Since};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// A running service and a token of its first user, an admin.
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) token: String,
    stop: oneshot::Sender<()>,
    stopped: tokio::task::JoinHandle<Result<(), api::ServeError>>,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            line.split_once(": ")
                .filter(|(n, _)| n.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }

    /// The code of the only error.
    pub(crate) fn code(&self) -> String {
        let body = self.json();
        let errors = body["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("no errors: {body}"));
        assert_eq!(errors.len(), 1, "{body}");
        errors[0]["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no code: {body}"))
            .to_owned()
    }
}

/// The state that the tests serve with.
pub(crate) fn state(db: &TestDb) -> AppState {
    let policy = Policy::default();
    AppState {
        db: db.db.clone(),
        clock: db.clock.clone(),
        policy_hash: service::policy::hash(&policy),
        policy: Arc::new(policy),
        zone: Tz::UTC,
        escalation_to: std::sync::Arc::from([]),
        public_url: "http://localhost".to_owned(),
        account_url: None,
        monitor: monitor(db),
        link_key: service::link::SigningKey::new(&[7; 32]),
        engine: Engine::here(),
    }
}

/// Watches a process that has just started on a database that was just installed.
pub(crate) fn monitor(db: &TestDb) -> Monitor {
    let since = Since {
        installed_at: db.clock.now(),
        zone: Tz::UTC,
    };
    Monitor::new(
        &db.db,
        db.clock.clone(),
        worker::jobs::scheduled().unwrap(),
        since,
    )
}

impl Server {
    /// Serves a database; its first user is made unless there is one.
    pub(crate) async fn start(db: &TestDb) -> Self {
        Self::serving(db, state(db)).await
    }

    /// The same with other settings.
    pub(crate) async fn serving(db: &TestDb, state: AppState) -> Self {
        let email = "admin@example.com".parse().unwrap();
        let user = match service::record::user::find_by_email(db, &db.system(), &email)
            .await
            .unwrap()
        {
            Some(user) => user,
            None => service::record::user::create_first_admin(db, &db.clock, &email, "Ada Admin")
                .await
                .unwrap(),
        };
        let token = service::token::create(db, &db.clock, &Access::system(), user.id, "test", None)
            .await
            .unwrap();
        let (crowd, drain) = (
            CrowdLimits {
                total: 1_000,
                per_address: 1_000,
            },
            Duration::from_secs(8),
        );
        let config = ApiConfig {
            workers: 1,
            ..ApiConfig::new(api::bind("127.0.0.1:0").unwrap(), crowd, drain)
        };
        let address = config.address().unwrap().to_string();
        let (stop, stopping) = oneshot::channel::<()>();
        let served = api::serve(config, state, async {
            let _ = stopping.await;
        });
        Self {
            address,
            token: token.secret,
            stop,
            stopped: tokio::spawn(served),
        }
    }

    /// Stops it, gracefully; it must end well.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.stopped.await.unwrap().unwrap();
    }

    /// Sends a request as it stands and reads the answer to its end.
    pub(crate) async fn send(&self, head: &str, body: &[u8]) -> Answer {
        let bytes = self.exchange(head, body).await;
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer {
            status,
            head: head.replace('\r', ""),
            body: body.to_owned(),
        }
    }

    /// The same for an answer that is no text: its head in lower case, and its bytes.
    pub(crate) async fn send_for_bytes(&self, head: &str, body: &[u8]) -> (String, Vec<u8>) {
        let bytes = self.exchange(head, body).await;
        let end = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .expect("an answer");
        (
            String::from_utf8_lossy(&bytes[..end])
                .replace('\r', "")
                .to_lowercase(),
            bytes[end + 4..].to_vec(),
        )
    }

    async fn exchange(&self, head: &str, body: &[u8]) -> Vec<u8> {
        let mut socket = TcpStream::connect(&self.address).await.unwrap();
        let head = format!(
            "{head}\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses a long body may close before it has read all of it.
        let _ = socket.write_all(body).await;
        let mut bytes = Vec::new();
        let _ = socket.read_to_end(&mut bytes).await;
        bytes
    }

    /// Posts a JSON body as the admin.
    pub(crate) async fn post(&self, body: &[u8]) -> Answer {
        let head = format!(
            "POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer {}",
            self.token
        );
        self.send(&head, body).await
    }

    /// Asks a query with variables.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Answer {
        self.post(
            json!({ "query": query, "variables": variables })
                .to_string()
                .as_bytes(),
        )
        .await
    }

    /// The data of a query that must succeed whole.
    pub(crate) async fn data(&self, query: &str, variables: Value) -> Value {
        let answer = self.ask(query, variables).await;
        let mut body = answer.json();
        assert!(
            answer.status == 200 && body.get("errors").is_none(),
            "{} {body}",
            answer.status
        );
        body["data"].take()
    }
}
