//! Handing messages to a mail server: a few connections that stay open, every step with its time limit.
//!
//! The conversation is lettre's; the steps are taken one by one here, because only so is it known how far an attempt had
//! come when it failed, and lettre's own limit covers the connect alone. A connection that failed in any way but a refusal is
//! thrown away.
//!
//! lettre's own pool does not do it: it hides at which step an attempt ended, and a message that may have arrived is never sent
//! again.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::letter::Letter;
use super::server::{Security, Server};
use super::verdict::{Problem, Progress, Stage, Verdict, judge};

/// How long an idle connection is kept; servers hang up after a minute or more.
const IDLE: Duration = Duration::from_secs(30);
/// After how many messages a connection is closed: some servers refuse more.
const MESSAGES: u32 = 100;

/// Time limits of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Looking up, connecting, greeting, TLS, logging in: all of it.
    pub connect: Duration,
    /// Each command.
    pub command: Duration,
    /// Handing over the message until the server has taken it.
    pub message: Duration,
    /// The whole attempt; less than a lease.
    pub whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            command: Duration::from_secs(15),
            message: Duration::from_secs(35),
            whole: Duration::from_secs(45),
        }
    }
}

/// Connections to a mail server.
pub struct Smtp {
    server: Server,
    tls: Option<TlsParameters>,
    hello: ClientId,
    limits: Limits,
    idle: Mutex<VecDeque<Connection>>,
}

struct Connection {
    inner: AsyncSmtpConnection,
    since: Instant,
    messages: u32,
}

/// Settings that no connection can be made with.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UnusableServer(String);

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("server", &self.server)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Smtp {
    /// A mail server; nothing is connected yet.
    ///
    /// # Errors
    /// When the authority's certificate cannot be used.
    pub fn new(server: Server, limits: Limits) -> Result<Self, UnusableServer> {
        let tls = match server.security {
            Security::None => None,
            Security::StartTls | Security::Implicit => Some(tls_parameters(&server)?),
        };
        Ok(Self {
            server,
            tls,
            hello: ClientId::default(),
            limits,
            idle: Mutex::default(),
        })
    }

    /// The time limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Sends one letter; never takes longer than the limits say.
    pub async fn send(&self, letter: &Letter<'_>, progress: &Progress) -> Verdict {
        match timeout(self.limits.whole, self.attempt(letter, progress)).await {
            Ok(Ok(())) => Verdict::Sent,
            Ok(Err(problem)) => judge(progress.stage(), &problem),
            Err(_) => judge(progress.stage(), &Problem::TimedOut),
        }
    }

    /// Connects, greets, protects the connection and logs in, and says goodbye: what comes before every message.
    ///
    /// # Errors
    /// What was in the way.
    pub async fn greet(&self) -> Result<(), String> {
        match self.connect(&Progress::default()).await {
            Ok(mut connection) => {
                let _ = timeout(Duration::from_millis(500), connection.inner.quit()).await;
                Ok(())
            }
            Err(problem) => Err(match judge(Stage::Connecting, &problem) {
                Verdict::ServerDown { error }
                | Verdict::Retry { error, .. }
                | Verdict::Failed { error, .. } => error,
                Verdict::Sent => String::new(),
            }),
        }
    }

    /// Says goodbye on idle connections.
    pub async fn close(&self) {
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for mut connection in idle {
            let _ = timeout(Duration::from_millis(500), connection.inner.quit()).await;
        }
    }

    async fn attempt(&self, letter: &Letter<'_>, progress: &Progress) -> Result<(), Problem> {
        let from = address(letter.from.expose())?;
        let to = address(letter.to.expose())?;
        let mut connection = match self.take_idle() {
            Some(connection) => connection,
            None => self.connect(progress).await?,
        };
        if let Err(problem) = self.name_sender(&mut connection, &from, &to, progress).await {
            // The server may have hung up on an idle connection; that is no failure yet.
            let stale =
                connection.messages > 0 && !matches!(&problem, Problem::Refused { code, .. } if *code != 421);
            if !stale {
                self.keep_if_refused(connection, &problem).await;
                return Err(problem);
            }
            connection = self.connect(progress).await?;
            self.name_sender(&mut connection, &from, &to, progress).await?;
        }
        progress.reach(Stage::Recipient);
        if let Err(problem) = self
            .step(connection.inner.command(Rcpt::new(to, Vec::new())))
            .await
        {
            self.keep_if_refused(connection, &problem).await;
            return Err(problem);
        }
        progress.reach(Stage::Data);
        self.step(connection.inner.command(Data)).await?;
        progress.reach(Stage::Message);
        within(
            self.limits.message,
            connection.inner.command(Payload(letter.message)),
        )
        .await?;
        connection.messages += 1;
        self.give_back(connection);
        Ok(())
    }

    async fn name_sender(
        &self,
        connection: &mut Connection,
        from: &Address,
        to: &Address,
        progress: &Progress,
    ) -> Result<(), Problem> {
        progress.reach(Stage::Sender);
        let mut parameters = Vec::new();
        let plain = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        if !plain(from) || !plain(to) {
            if !connection
                .inner
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
            {
                progress.reach(Stage::Recipient);
                let text =
                    "5.6.7 the mail server takes no addresses with other letters than a to z (SMTPUTF8)"
                        .to_owned();
                return Err(Problem::Refused { code: 553, text });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        self.step(
            connection
                .inner
                .command(Mail::new(Some(from.clone()), parameters)),
        )
        .await
    }

    async fn connect(&self, progress: &Progress) -> Result<Connection, Problem> {
        progress.reach(Stage::Connecting);
        timeout(self.limits.connect, self.connect_in_steps())
            .await
            .unwrap_or(Err(Problem::TimedOut))
    }

    async fn connect_in_steps(&self) -> Result<Connection, Problem> {
        let Server {
            host,
            port,
            security,
            credentials,
            ..
        } = &self.server;
        let mut inner = if *security == Security::Implicit {
            AsyncSmtpConnection::connect_tokio1(
                (host.as_str(), *port),
                None,
                &self.hello,
                self.tls.clone(),
                None,
            )
            .await
        } else {
            let broken = |error: std::io::Error| Problem::Broken(error.to_string());
            let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(broken)?;
            // A conversation of short lines: waiting to send more at once costs 40 ms a message.
            stream.set_nodelay(true).map_err(broken)?;
            AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await
        }
        .map_err(problem)?;
        if *security == Security::StartTls
            && let Some(tls) = self.tls.clone()
        {
            inner.starttls(tls, &self.hello).await.map_err(problem)?;
        }
        if let Some((user, password)) = credentials {
            inner
                .auth(
                    DEFAULT_MECHANISMS,
                    &Credentials::new(user.clone(), password.clone()),
                )
                .await
                .map_err(problem)?;
        }
        Ok(Connection {
            inner,
            since: Instant::now(),
            messages: 0,
        })
    }

    async fn step<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<(), Problem> {
        within(self.limits.command, work).await.map(drop)
    }

    /// The connection that was used last, unless it has been idle for too long.
    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| connection.since.elapsed() < IDLE);
        idle.pop_back()
    }

    fn give_back(&self, mut connection: Connection) {
        if connection.messages < MESSAGES && !connection.inner.has_broken() {
            connection.since = Instant::now();
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push_back(connection);
        }
    }

    /// Keeps a connection on which the server has said no and is ready for the next message.
    async fn keep_if_refused(&self, mut connection: Connection, problem: &Problem) {
        let refused = matches!(problem, Problem::Refused { code, .. } if *code != 421);
        if refused && self.step(connection.inner.command(Rset)).await.is_ok() {
            connection.messages += 1;
            self.give_back(connection);
        }
    }
}

fn tls_parameters(server: &Server) -> Result<TlsParameters, UnusableServer> {
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(file) = &server.authority {
        let unusable =
            |reason: String| UnusableServer(format!("RAPPORT_SMTP_URL: ca={}: {reason}", file.display()));
        let pem = std::fs::read(file).map_err(|error| unusable(error.to_string()))?;
        builder = builder.add_root_certificate(
            Certificate::from_pem(&pem).map_err(|_| unusable("it holds no certificate in PEM".to_owned()))?,
        );
    }
    builder
        .build()
        .map_err(|error| UnusableServer(format!("RAPPORT_SMTP_URL: TLS cannot be set up: {error}")))
}

/// An address as the conversation writes it. What is none is as good as unknown to any server.
fn address(text: &str) -> Result<Address, Problem> {
    text.parse().map_err(|_| Problem::Refused {
        code: 553,
        text: "5.1.3 this is no address that mail can go to".to_owned(),
    })
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Problem> {
    match timeout(limit, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(problem(error)),
        Err(_) => Err(Problem::TimedOut),
    }
}

/// A message as DATA sends it, to its final dot: in one write, where lettre's own way makes two, the second of which may wait
/// for the other end's acknowledgement of the first.
struct Payload<'a>(&'a str);

impl fmt::Display for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A line that begins with a dot gets another (RFC 5321 § 4.5.2).
        for line in self.0.strip_suffix("\r\n").unwrap_or(self.0).split("\r\n") {
            if line.starts_with('.') {
                f.write_str(".")?;
            }
            f.write_str(line)?;
            f.write_str("\r\n")?;
        }
        f.write_str(".\r\n")
    }
}

/// What lettre's error means: its own kinds decide, never its words.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn problem(error: Error) -> Problem {
    match error.status() {
        Some(code) if error.is_transient() || error.is_permanent() => {
            let text = std::error::Error::source(&error)
                .map(ToString::to_string)
                .unwrap_or_default();
            Problem::Refused {
                code: code.into(),
                text,
            }
        }
        _ if error.is_timeout() => Problem::TimedOut,
        _ => Problem::Broken(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_message_is_its_end() {
        let sent = |message: &str| Payload(message).to_string();
        assert_eq!(
            sent("Subject: x\r\n\r\nbody\r\n"),
            "Subject: x\r\n\r\nbody\r\n.\r\n"
        );
        assert_eq!(sent(".\r\n..\r\n.x\r\n"), "..\r\n...\r\n..x\r\n.\r\n");
        assert_eq!(sent("no line end"), "no line end\r\n.\r\n");
        assert_eq!(sent("a\r\n\r\n"), "a\r\n\r\n.\r\n");
        assert_eq!(sent(""), "\r\n.\r\n");
    }

    proptest::proptest! {
        #[test]
        fn what_is_sent_is_what_was_written(lines in proptest::collection::vec("[ -~]{0,20}", 1..20)) {
            let message = lines.join("\r\n") + "\r\n";
            let sent = Payload(&message).to_string();
            let (body, end) = sent.split_at(sent.len() - 3);
            proptest::prop_assert_eq!(end, ".\r\n");
            proptest::prop_assert!(!sent[..sent.len() - 5].contains("\r\n.\r\n"));
            let back = body.split_inclusive("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect::<String>();
            proptest::prop_assert_eq!(back, message);
        }
    }
}
