//! What can go wrong below the edges: one enum, two messages each.
//!
//! `Display` (with the chain of sources) is what the log needs; [`ServiceError::client_message`] is what a client may
//! read. For reading, "not found" is no error: functions return `Option`. A change that names what is not there, or not
//! for the caller, fails with [`ServiceError::NotFound`].

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use engagement::alert::AlertRule;
use engagement::id::OutreachId;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

/// What went wrong.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ServiceError {
    /// The database refused or broke a statement.
    #[error("{operation} failed")]
    Database {
        /// What was being done, in the present participle: "listing accounts".
        operation: &'static str,
        #[source]
        source: DbErr,
    },
    /// There is no talking to the database.
    #[error("cannot reach {database} while {operation}")]
    Unreachable {
        /// Which database, without password; "the database" where only the connection knows.
        database: String,
        /// What was being done.
        operation: &'static str,
        /// What the driver said; it holds the database's own code, where there is one.
        #[source]
        source: DbErr,
    },
    /// The database has more to do than it can: no connection came free, a lock or a statement took too long, or this
    /// transaction was chosen to give way and did so too often. The same may go well in a moment.
    #[error("the database is too busy: {operation} failed")]
    Busy {
        /// What was being done.
        operation: &'static str,
        /// What the driver said; it holds the database's own code, where there is one.
        #[source]
        source: DbErr,
    },
    /// There is no room on the disk that the database is on.
    #[error("the disk that {database} is on is full: make room; {operation} failed")]
    DiskFull {
        /// Which database, without password; "the database" where only the connection knows.
        database: String,
        /// What was being done.
        operation: &'static str,
        #[source]
        source: DbErr,
    },
    /// The database takes no writes.
    #[error("{database} is read-only: make its file and folder writable, or connect to the primary server")]
    ReadOnly {
        /// Which database, without password; "the database" where only the connection knows.
        database: String,
    },
    /// A newer binary has changed the schema.
    #[error("the schema of {database} is newer than this binary (unknown step {}): run a newer binary", unknown.join(", "))]
    SchemaNewer {
        /// Which database.
        database: String,
        /// Steps that this binary does not know.
        unknown: Vec<String>,
    },
    /// The schema lacks steps that this binary needs.
    #[error(
        "the schema of {database} is older than this binary ({pending} steps missing): run `rapport migrate`"
    )]
    SchemaOlder {
        /// Which database.
        database: String,
        /// How many steps are missing.
        pending: usize,
    },
    /// A value in the database is none that this binary knows.
    #[error("{table}.{column} holds {value:?}, which this binary does not know")]
    Stored {
        table: &'static str,
        column: &'static str,
        /// What it holds.
        value: String,
    },
    /// The caller's input breaks a rule.
    #[error("{field}: {message}")]
    BadInput {
        /// Which part of the input, as the caller names it.
        field: String,
        /// Which rule, and what would be right.
        message: String,
    },
    /// A change names what is not there, or not for the caller.
    #[error("{field}: there is no such {what}")]
    NotFound {
        /// Which part of the input names it, as the caller calls that part.
        field: String,
        /// What it should be: "account", "contact".
        what: &'static str,
    },
    /// Our own failure: something that cannot be without a fault of this program or of the machine below it.
    #[error("{operation} failed: {detail}")]
    Internal {
        /// What was being done.
        operation: &'static str,
        /// What is wrong, for the log alone.
        detail: String,
    },
    /// The input is fine but the present state forbids it.
    #[error("{0}")]
    Conflict(String),
    /// The input is fine but a guardrail forbids it.
    #[error("{rule}: {message}")]
    Guardrail {
        /// Which guardrail.
        rule: AlertRule,
        /// What is wrong, and the way out.
        message: String,
        /// The plan that stands in the way, where one does.
        other: Option<OutreachId>,
    },
    /// The caller may see it but not do it.
    #[error("not allowed: {0}")]
    Forbidden(String),
    /// The stored policy is another one.
    #[error(
        "the database was scored with policy {stored}, this process has {given}: start with --adopt-policy to change it"
    )]
    PolicyChanged {
        /// Hash in the database.
        stored: String,
        /// Hash of this process.
        given: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {operation} failed")]
    File {
        /// Which file.
        path: String,
        /// What was being done.
        operation: &'static str,
        #[source]
        source: Arc<std::io::Error>,
    },
}

impl ServiceError {
    /// What a client may read: never a statement, a path or an address.
    pub fn client_message(&self) -> String {
        match self {
            Self::Database { .. } | Self::Stored { .. } | Self::File { .. } | Self::Internal { .. } => {
                "internal error".to_owned()
            }
            Self::Unreachable { .. } => "the database cannot be reached at the moment".to_owned(),
            Self::Busy { .. } => "the database is busy: try again in a moment".to_owned(),
            Self::DiskFull { .. } => {
                "the database takes no writes at the moment: its disk is full".to_owned()
            }
            Self::ReadOnly { .. } => "the database takes no writes at the moment".to_owned(),
            Self::SchemaNewer { .. } | Self::SchemaOlder { .. } => "the server is being upgraded".to_owned(),
            Self::PolicyChanged { .. } => "the server's policy has changed".to_owned(),
            Self::NotFound { what, .. } => format!("there is no such {what}, or not for you"),
            Self::BadInput { message, .. }
            | Self::Guardrail { message, .. }
            | Self::Conflict(message)
            | Self::Forbidden(message) => message.clone(),
        }
    }

    /// Whether it says nothing about what was asked, so that the same may go well in a moment: the database is away, takes no
    /// writes, is busy, or has chosen this transaction as the one that gives way.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Busy { .. } | Self::DiskFull { .. } | Self::ReadOnly { .. } => {
                true
            }
            Self::Database { source, .. } => gives_way(source),
            _ => false,
        }
    }

    /// Whether the database has undone this transaction so that another one could go on: running it again is all there is to do.
    pub(crate) fn gave_way(&self) -> bool {
        let Self::Busy { source, .. } = self else {
            return false;
        };
        let Some(sqlx::Error::Database(error)) = sqlx_error(source) else {
            return false;
        };
        // PostgreSQL: serialization failure, deadlock. SQLite: the log was being recovered, a snapshot was overtaken: it has
        // not waited then.
        matches!(error.code().as_deref(), Some("40001" | "40P01" | "261" | "517"))
    }

    /// Whether somebody else held a lock for longer than it was waited for (PostgreSQL).
    pub(crate) fn found_a_lock(&self) -> bool {
        let Self::Busy { source, .. } = self else {
            return false;
        };
        matches!(sqlx_error(source), Some(sqlx::Error::Database(error)) if error.code().as_deref() == Some("55P03"))
    }

    /// A failure of our own; the detail is for the log.
    pub fn internal(operation: &'static str, detail: impl fmt::Display) -> Self {
        Self::Internal {
            operation,
            detail: detail.to_string(),
        }
    }

    /// Input that breaks a rule.
    pub fn bad_input(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::BadInput {
            field: field.into(),
            message: message.into(),
        }
    }

    /// A change that names what is not there, or not for the caller.
    pub fn not_found(field: impl Into<String>, what: &'static str) -> Self {
        Self::NotFound {
            field: field.into(),
            what,
        }
    }

    /// Turns a database error into what it means.
    pub(crate) fn of(operation: &'static str, source: DbErr) -> Self {
        match classify(&source) {
            Class::Busy => Self::Busy { operation, source },
            Class::DiskFull => Self::DiskFull {
                database: SOME_DATABASE.to_owned(),
                operation,
                source,
            },
            Class::ReadOnly => Self::ReadOnly {
                database: SOME_DATABASE.to_owned(),
            },
            Class::Unreachable => Self::Unreachable {
                database: SOME_DATABASE.to_owned(),
                operation,
                source,
            },
            Class::Other => Self::Database { operation, source },
        }
    }

    /// Names the database, where only the connection was known.
    pub(crate) fn at(mut self, url: &str) -> Self {
        if let Self::ReadOnly { database }
        | Self::DiskFull { database, .. }
        | Self::Unreachable { database, .. } = &mut self
            && database == SOME_DATABASE
        {
            url.clone_into(database);
        }
        self
    }
}

const SOME_DATABASE: &str = "the database";

enum Class {
    Busy,
    DiskFull,
    ReadOnly,
    Unreachable,
    Other,
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(e))
        | DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e)) => Some(e),
        _ => None,
    }
}

fn classify(error: &DbErr) -> Class {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => return Class::Busy,
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) | DbErr::Conn(RuntimeErr::Internal(_)) => {
            return Class::Unreachable;
        }
        _ => {}
    }
    match sqlx_error(error) {
        Some(sqlx::Error::Database(error)) => match error.code().as_deref() {
            // PostgreSQL: read-only transaction (a standby).
            Some("25006") => Class::ReadOnly,
            // PostgreSQL: disk full.
            Some("53100") => Class::DiskFull,
            // PostgreSQL: rolled back for another transaction, lock not available, cancelled by a time limit.
            Some("40001" | "40P01" | "55P03" | "57014") => Class::Busy,
            // PostgreSQL: connection failures, refused logins, unknown database, too many connections, shutting down.
            Some(code)
                if code.len() == 5
                    && (code.starts_with("08") || code.starts_with("28") || code.starts_with("57P"))
                    || matches!(code, "3D000" | "53300") =>
            {
                Class::Unreachable
            }
            // SQLite: no room for the index of the write-ahead log.
            Some("4874") => Class::DiskFull,
            // SQLite's extended codes carry the primary one in their low byte: 5 = busy, 6 = locked, 8 = read-only,
            // 13 = disk full, 14 = cannot open.
            Some(code) if code.len() < 5 => match code.parse::<i32>().map(|c| c & 0xff) {
                Ok(5 | 6) => Class::Busy,
                Ok(13) => Class::DiskFull,
                Ok(8) => Class::ReadOnly,
                Ok(14) => Class::Unreachable,
                _ => Class::Other,
            },
            _ => Class::Other,
        },
        Some(
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Configuration(_),
        ) => Class::Unreachable,
        _ => Class::Other,
    }
}

/// What has no class of its own and may go well in a moment.
fn gives_way(error: &DbErr) -> bool {
    match sqlx_error(error) {
        Some(sqlx::Error::Database(error)) => match error.code().as_deref() {
            // PostgreSQL: rolled back by the server, out of resources, idle for too long.
            Some(code) if code.len() == 5 => {
                code.starts_with("40") || code.starts_with("53") || code == "25P03"
            }
            // SQLite: I/O error.
            Some(code) => matches!(code.parse::<i32>().map(|code| code & 0xff), Ok(10)),
            None => false,
        },
        // A connection that somebody else has broken.
        Some(sqlx::Error::Protocol(_)) => true,
        _ => false,
    }
}

/// An error with its causes, joined: as the log tells it.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        // Layers that only repeat what is below them say it once.
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = cause.source();
    }
    text
}

/// Says what was being done when a database call failed.
pub(crate) trait During<T> {
    /// `operation` in the present participle: "listing accounts".
    fn during(self, operation: &'static str) -> Result<T, ServiceError>;
}

impl<T> During<T> for Result<T, DbErr> {
    fn during(self, operation: &'static str) -> Result<T, ServiceError> {
        self.map_err(|source| ServiceError::of(operation, source))
    }
}

impl<T> During<T> for Result<T, sqlx::Error> {
    fn during(self, operation: &'static str) -> Result<T, ServiceError> {
        self.map_err(|source| {
            ServiceError::of(operation, DbErr::Query(RuntimeErr::SqlxError(Arc::new(source))))
        })
    }
}
