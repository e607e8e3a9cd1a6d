//! A mail server that does what a test tells it, on a thread of its own: a real one as far as the other end can see.
//!
//! It accepts everything until a script says otherwise. A script is asked at every verb and may answer, keep silent, hang
//! up, drip, or wait until the test lets it go on. What it was handed is kept, with the session it came in.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Where a conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Somebody has connected; the answer is the greeting.
    Connect,
    /// EHLO or HELO.
    Hello,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA.
    Data,
    /// The message has come, to its final dot.
    Message,
    /// RSET.
    Reset,
    /// QUIT.
    Quit,
    /// Anything else.
    Other,
}

/// What a script is asked about.
#[derive(Debug, Clone)]
pub struct Moment {
    /// The verb.
    pub verb: Verb,
    /// The whole line; for [`Verb::Message`] the message.
    pub text: String,
    /// Which connection, from 1.
    pub session: u64,
    /// The recipient that was named last.
    pub recipient: String,
}

/// What the server does.
#[derive(Debug, Clone)]
pub enum Answer {
    /// What a server does that likes everybody.
    Accept,
    /// Answers this, a code and a text.
    Say(&'static str),
    /// Never answers.
    Stall,
    /// Hangs up. A message that has come is kept: the server had it.
    Close,
    /// Answers one byte at a time, for ever.
    Drip,
    /// Accepts once the test adds a permit.
    Hold(Arc<Semaphore>),
}

/// A message that came to its final dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Which connection, from 1.
    pub session: u64,
    /// Of MAIL FROM.
    pub from: String,
    /// Of RCPT TO.
    pub to: String,
    /// The message, dots taken back.
    pub message: String,
    /// Whether it was answered with 250.
    pub accepted: bool,
}

impl Received {
    /// A header's value, unfolded; the first of that name.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self
            .message
            .split("\r\n\r\n")
            .next()
            .unwrap_or_default()
            .replace("\r\n ", " ")
            .replace("\r\n\t", " ");
        let found = head
            .split("\r\n")
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(found.1.to_owned())
    }
}

/// How it protects connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Not.
    Plain,
    /// By STARTTLS.
    StartTls,
    /// From the first byte.
    Implicit,
}

type Script = Box<dyn FnMut(&Moment) -> Answer + Send>;

struct State {
    script: Mutex<Script>,
    received: Mutex<Vec<Received>>,
    count: watch::Sender<usize>,
    moments: Mutex<Vec<Verb>>,
    sessions: AtomicU64,
    acceptor: Option<TlsAcceptor>,
    protection: Protection,
}

/// A running mail server; it ends when it is dropped.
pub struct SmtpServer {
    address: SocketAddr,
    state: Arc<State>,
    authority: String,
    _stop: oneshot::Sender<()>,
}

impl std::fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl SmtpServer {
    /// One without TLS that accepts everything.
    pub fn start() -> Self {
        Self::protected(Protection::Plain)
    }

    /// One with or without TLS, that accepts everything. Its certificate is for `localhost`.
    ///
    /// # Panics
    /// When it does not start.
    pub fn protected(protection: Protection) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(["localhost".to_owned()])
            .expect("a name")
            .self_signed(&key)
            .expect("a certificate");
        let authority = certificate.pem();
        let acceptor = (protection != Protection::Plain).then(|| {
            let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
            let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
                .with_safe_default_protocol_versions()
                .expect("protocols")
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], key)
                .expect("a certificate that goes with its key");
            TlsAcceptor::from(Arc::new(config))
        });
        let state = Arc::new(State {
            script: Mutex::new(Box::new(|_| Answer::Accept)),
            received: Mutex::default(),
            count: watch::Sender::new(0),
            moments: Mutex::default(),
            sessions: AtomicU64::new(0),
            acceptor,
            protection,
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, address) = std::sync::mpsc::channel();
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
                ready
                    .send(listener.local_addr().expect("an address"))
                    .expect("somebody waits for it");
                let accepting = async {
                    loop {
                        let Ok((stream, _)) = listener.accept().await else {
                            continue;
                        };
                        stream.set_nodelay(true).expect("a socket");
                        tokio::spawn(converse(Arc::clone(&serving), stream));
                    }
                };
                tokio::select! {
                    () = accepting => {}
                    _ = stopped => {}
                }
            });
        });
        let address = address.recv().expect("the server starts");
        Self {
            address,
            state,
            authority,
            _stop: stop,
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its URL, without TLS.
    pub fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    /// Writes the certificate that vouches for it.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write_authority(&self, file: &Path) {
        std::fs::write(file, &self.authority).expect("the certificate is written");
    }

    /// From now on it does what the script says.
    pub fn script(&self, script: impl FnMut(&Moment) -> Answer + Send + 'static) {
        *lock(&self.state.script) = Box::new(script);
    }

    /// From now on it accepts everything.
    pub fn accept_all(&self) {
        self.script(|_| Answer::Accept);
    }

    /// What has come so far.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.state.received).clone()
    }

    /// The messages it has taken.
    pub fn accepted(&self) -> Vec<Received> {
        self.received()
            .into_iter()
            .filter(|message| message.accepted)
            .collect()
    }

    /// Every verb so far.
    pub fn verbs(&self) -> Vec<Verb> {
        lock(&self.state.moments).clone()
    }

    /// How many have connected.
    pub fn sessions(&self) -> u64 {
        self.state.sessions.load(Ordering::SeqCst)
    }

    /// Waits until so many messages have come, taken or not.
    ///
    /// # Panics
    /// When the server has broken.
    pub async fn wait_for(&self, messages: usize) {
        let mut count = self.state.count.subscribe();
        count
            .wait_for(|count| *count >= messages)
            .await
            .expect("the server runs");
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn ask(&self, moment: &Moment) -> Answer {
        lock(&self.moments).push(moment.verb);
        (lock(&self.script))(moment)
    }
}

async fn converse(state: Arc<State>, stream: TcpStream) {
    let session = state.sessions.fetch_add(1, Ordering::SeqCst) + 1;
    // Whoever hangs up ends their conversation and nothing else.
    let _ = match (state.protection, state.acceptor.clone()) {
        (Protection::Implicit, Some(acceptor)) => match acceptor.accept(stream).await {
            Ok(stream) => Conversation::new(&state, session, stream, true)
                .run()
                .await
                .map(drop),
            Err(error) => Err(error),
        },
        (_, acceptor) => match Conversation::new(&state, session, stream, true).run().await {
            Ok(Some(stream)) => match acceptor.expect("it was offered").accept(stream).await {
                Ok(stream) => Conversation::new(&state, session, stream, false)
                    .run()
                    .await
                    .map(drop),
                Err(error) => Err(error),
            },
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        },
    };
}

struct Conversation<'a, S> {
    state: &'a State,
    session: u64,
    stream: BufReader<S>,
    greets: bool,
    from: String,
    to: String,
    /// The message that is about to be answered.
    taking: Option<usize>,
}

/// How a conversation goes on after an answer.
enum Next {
    /// It does.
    GoOn,
    /// As before, but what was asked for was refused.
    Refused,
    /// It is over.
    Over,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Conversation<'a, S> {
    fn new(state: &'a State, session: u64, stream: S, greets: bool) -> Self {
        Self {
            state,
            session,
            stream: BufReader::new(stream),
            greets,
            from: String::new(),
            to: String::new(),
            taking: None,
        }
    }

    /// Talks until somebody hangs up; hands the stream back when it is to be protected.
    async fn run(mut self) -> std::io::Result<Option<S>> {
        if self.greets
            && matches!(
                self.answer(Verb::Connect, "", "220 localhost ESMTP").await?,
                Next::Over
            )
        {
            return Ok(None);
        }
        let mut line = String::new();
        loop {
            line.clear();
            if self.stream.read_line(&mut line).await? == 0 {
                return Ok(None);
            }
            let text = line.trim_end().to_owned();
            let upper = text.to_ascii_uppercase();
            let (verb, usual) = match () {
                () if upper.starts_with("EHLO") || upper.starts_with("HELO") => {
                    let protectable = self.state.protection == Protection::StartTls && self.greets;
                    (
                        Verb::Hello,
                        if protectable {
                            "250-localhost\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS"
                        } else {
                            "250-localhost\r\n250 AUTH PLAIN LOGIN"
                        },
                    )
                }
                () if upper == "STARTTLS" => (Verb::StartTls, "220 go ahead"),
                () if upper.starts_with("AUTH") => (Verb::Auth, "235 welcome"),
                () if upper.starts_with("MAIL FROM:") => (Verb::Mail, "250 OK"),
                () if upper.starts_with("RCPT TO:") => (Verb::Rcpt, "250 OK"),
                () if upper == "DATA" => (Verb::Data, "354 go ahead"),
                () if upper == "RSET" => (Verb::Reset, "250 OK"),
                () if upper == "QUIT" => (Verb::Quit, "221 bye"),
                () => (Verb::Other, "250 OK"),
            };
            match verb {
                Verb::Mail => self.from = bracketed(&text),
                Verb::Rcpt => self.to = bracketed(&text),
                _ => {}
            }
            match self.answer(verb, &text, usual).await? {
                Next::Over => return Ok(None),
                Next::GoOn if verb == Verb::Quit => return Ok(None),
                Next::GoOn if verb == Verb::StartTls => return Ok(Some(self.stream.into_inner())),
                Next::GoOn if verb == Verb::Data && !self.take_message().await? => return Ok(None),
                Next::GoOn | Next::Refused => {}
            }
        }
    }

    /// Reads a message and answers it; whether the conversation goes on.
    async fn take_message(&mut self) -> std::io::Result<bool> {
        let mut message = String::new();
        let mut line = String::new();
        loop {
            line.clear();
            if self.stream.read_line(&mut line).await? == 0 {
                // Cut short: a server forgets it.
                return Ok(false);
            }
            if line == ".\r\n" {
                break;
            }
            message.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        let (session, from, to) = (self.session, self.from.clone(), self.to.clone());
        let place = {
            let mut received = lock(&self.state.received);
            received.push(Received {
                session,
                from,
                to,
                message: message.clone(),
                accepted: false,
            });
            received.len() - 1
        };
        self.state.count.send_modify(|count| *count += 1);
        self.taking = Some(place);
        let next = self.answer(Verb::Message, &message, "250 OK").await?;
        self.taking = None;
        Ok(!matches!(next, Next::Over))
    }

    async fn answer(&mut self, verb: Verb, text: &str, usual: &str) -> std::io::Result<Next> {
        let moment = Moment {
            verb,
            text: text.to_owned(),
            session: self.session,
            recipient: self.to.clone(),
        };
        match self.state.ask(&moment) {
            Answer::Accept => self.say(usual).await.map(|()| Next::GoOn),
            Answer::Say(reply) => self.say(reply).await.map(|()| {
                if reply.starts_with(['2', '3']) {
                    Next::GoOn
                } else {
                    Next::Refused
                }
            }),
            Answer::Close => {
                self.stream.shutdown().await?;
                Ok(Next::Over)
            }
            Answer::Stall => {
                // Until the other end has had enough.
                let mut rest = Vec::new();
                tokio::io::AsyncReadExt::read_to_end(&mut self.stream, &mut rest).await?;
                Ok(Next::Over)
            }
            Answer::Drip => loop {
                self.stream.write_all(b"2").await?;
                self.stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(5)).await;
            },
            Answer::Hold(permits) => {
                permits.acquire().await.expect("the test holds it").forget();
                self.say(usual).await.map(|()| Next::GoOn)
            }
        }
    }

    async fn say(&mut self, reply: &str) -> std::io::Result<()> {
        // Before the other end knows: by then it counts.
        if let Some(place) = self.taking.filter(|_| reply.starts_with('2')) {
            lock(&self.state.received)[place].accepted = true;
        }
        self.stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }
}

fn bracketed(text: &str) -> String {
    text.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or("", |(address, _)| address)
        .to_owned()
}
