//! A migrated database of its own for each test, and the runtime it runs on.

use std::ops::Deref;
use std::time::Duration;

use chrono::{DateTime, Utc};
use service::access::Access;
use service::clock::Clock;
use service::db::Db;

use crate::{postgres, sqlite};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server, started for this test binary.
    Postgres,
}

/// The time it is in every test until the test says otherwise: a Wednesday.
pub const NOW: &str = "2026-06-17T12:00:00Z";

/// No test may take longer, however loaded the machine.
const PATIENCE: Duration = Duration::from_mins(5);

/// A migrated, empty database.
#[derive(Debug)]
pub struct TestDb {
    /// The database; `&test_db` does as well wherever a `&Db` is asked for.
    pub db: Db,
    /// Stands still at `NOW` until it is moved.
    pub clock: Clock,
    /// Where it is: for tests that open it again.
    pub url: String,
    kind: Kind,
    scratch: tempfile::TempDir,
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl TestDb {
    async fn open(kind: Kind) -> Option<Self> {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let url = match kind {
            Kind::Sqlite => sqlite::copy_of_template(scratch.path()).await,
            Kind::Postgres => postgres::copy_of_template().await?,
        };
        let db = Db::connect(&url).await.expect("the test's database opens");
        let now: DateTime<Utc> = NOW.parse().expect("a valid instant");
        Some(Self {
            db,
            clock: Clock::fixed(now),
            url,
            kind,
            scratch,
        })
    }

    /// Which database this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// A folder that is removed after the test.
    pub fn scratch(&self) -> &std::path::Path {
        self.scratch.path()
    }

    /// The system's access: everything.
    pub fn system(&self) -> Access {
        Access::system()
    }

    /// The URL of one more database of the same kind, without any table.
    pub async fn blank_url(&self) -> String {
        match self.kind {
            Kind::Sqlite => sqlite::url(&self.scratch.path().join("blank.db")),
            Kind::Postgres => postgres::blank().await,
        }
    }

    /// From here on the database counts time by its own clock, as in production, and not by what the test says it is.
    ///
    /// # Panics
    /// When the database does not obey.
    pub async fn keep_own_time(&self) {
        if self.kind == Kind::Postgres {
            postgres::keep_own_time(&self.url).await;
        }
    }

    /// From here on the database's clock stands still at an instant, whatever the test's says (PostgreSQL).
    ///
    /// # Panics
    /// When the database does not obey.
    pub async fn keep_time(&self, at: DateTime<Utc>) {
        if self.kind == Kind::Postgres {
            postgres::keep_time(&self.url, at).await;
        }
    }

    async fn close(self) {
        self.db.close().await.expect("the test's database closes");
        if self.kind == Kind::Postgres {
            postgres::drop_database(&self.url).await;
        }
    }
}

/// Runs a test's body on a database of its own. Where there is no PostgreSQL to start, says so, loudly, and passes.
///
/// # Panics
/// When the test fails.
pub fn run<F>(kind: Kind, body: F)
where
    F: AsyncFnOnce(&TestDb),
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let Some(db) = TestDb::open(kind).await else {
            return;
        };
        let in_time = tokio::time::timeout(PATIENCE, body(&db)).await;
        assert!(in_time.is_ok(), "the test took longer than {PATIENCE:?}");
        db.close().await;
    });
}
