//! Who works with connections. Each role has connections of its own, so that none waits for another's, and limits of its
//! own on how long anything may take.

use std::time::Duration;

/// Who works with connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A command, and whatever a process does before it serves.
    Command,
    /// Requests of the API.
    Api,
    /// Jobs and mail.
    Worker,
    /// Whoever asks how this process does.
    Health,
}

/// What a role may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Connections for reading.
    pub(super) readers: u32,
    /// Connections for writing (PostgreSQL; on SQLite one writes at a time).
    pub(super) writers: u32,
    /// How long a free connection is waited for.
    pub(super) acquire: Duration,
    /// How long the server works on one statement (PostgreSQL).
    pub(super) statement: Duration,
    /// How long the database is waited for that another process writes to (SQLite).
    pub(super) lock: Duration,
    /// How long a row is waited for that somebody else holds (PostgreSQL).
    pub(super) row: Duration,
    /// SQLite's page cache of the writer; each reader has an eighth.
    pub(super) page_cache_kib: u32,
}

impl Role {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Command, Self::Api, Self::Worker, Self::Health];

    /// What it may take.
    pub(super) const fn limits(self) -> Limits {
        let usual = Limits {
            readers: 8,
            writers: 4,
            acquire: Duration::from_secs(5),
            statement: Duration::from_mins(2),
            lock: Duration::from_secs(10),
            row: Duration::from_mins(1),
            page_cache_kib: 64 * 1024,
        };
        match self {
            Self::Command => usual,
            // A request is given up after ten seconds: its statements before that, and its waiting even earlier.
            Self::Api => {
                let patience = Duration::from_secs(3);
                Limits {
                    statement: Duration::from_secs(8),
                    lock: patience,
                    row: patience,
                    ..usual
                }
            }
            // What a batch holds while it waits, nobody else has.
            Self::Worker => Limits {
                readers: 4,
                row: Duration::from_secs(10),
                ..usual
            },
            Self::Health => Limits {
                readers: 2,
                writers: 1,
                acquire: Duration::from_millis(1500),
                // Whoever asks is answered within three seconds.
                statement: Duration::from_millis(1800),
                lock: Duration::from_secs(1),
                row: Duration::from_secs(1),
                page_cache_kib: 2 * 1024,
            },
        }
    }

    /// The names of its two pools: for reading, for writing.
    pub(super) const fn pools(self) -> [&'static str; 2] {
        match self {
            Self::Command => ["command_read", "command_write"],
            Self::Api => ["api_read", "api_write"],
            Self::Worker => ["worker_read", "worker_write"],
            Self::Health => ["health_read", "health_write"],
        }
    }
}
