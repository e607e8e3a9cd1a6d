//! A throw-away PostgreSQL server for this test binary, started from the programs found on the machine.
//!
//! Nothing is left behind, also when the test binary is killed: a small shell waits at the other end of a pipe whose end
//! closes with our process, and then stops the server and removes its folder. The server runs without any guarantee of
//! durability, on a socket in its own folder; as root, which PostgreSQL refuses to run as, it runs as another user.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use service::db::Db;
use service::db::schema::migrate;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::proxy::Proxy;

const TEMPLATE: &str = "rapport_template";
/// The one that every server has.
const BLANK: &str = "postgres";

/// A running server.
struct Server {
    folder: PathBuf,
    pg_ctl: PathBuf,
    owner: Option<Owner>,
    /// Whether what was committed outlives the server's being killed.
    durable: bool,
    /// Its standard input closes with our process, or with this: that is what stops the server.
    _watchdog: Child,
}

/// A server of one test's own, to be broken and mended: with a migrated database. It ends when this is dropped.
pub struct Cluster(Server);

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster")
            .field("folder", &self.0.folder)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// Starts one; nothing where the machine has no PostgreSQL.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start() -> Option<Self> {
        std::thread::spawn(|| start(true))
            .join()
            .expect("the test's server starts")
            .map(Self)
    }

    /// Its database.
    pub fn url(&self) -> String {
        self.0.url(TEMPLATE)
    }

    /// A database without any table.
    pub fn blank_url(&self) -> String {
        self.0.url(BLANK)
    }

    /// A proxy in front of it that can freeze, and the URL of the database without any table there.
    pub fn behind_proxy(&self) -> (Proxy, String) {
        let proxy = Proxy::start(self.0.folder.join(".s.PGSQL.5432"));
        let url = proxy.url(BLANK);
        (proxy, url)
    }

    /// Kills the server: connections break, what was committed stays.
    ///
    /// # Panics
    /// When it does not die.
    pub fn kill(&self) {
        let mut command = Command::new(&self.0.pg_ctl);
        command
            .arg("-D")
            .arg(self.0.folder.join("data"))
            .args(["-m", "immediate", "-w", "stop"]);
        assert!(
            run_as(self.0.owner, &mut command).status.success(),
            "the test's server does not stop"
        );
    }

    /// Starts the server again.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&self) {
        self.0.launch();
    }

    /// Sets the clock that its processes share behind this machine's, or ahead of it.
    ///
    /// # Panics
    /// When the server does not obey.
    pub async fn set_behind(&self, by: TimeDelta) {
        let micros = by.num_microseconds().expect("a span that has microseconds");
        set_clock(
            &self.url(),
            &format!("(extract(epoch FROM now()) * 1000000)::bigint - ({micros})"),
        )
        .await;
    }

    /// How many connections listen for queued mail.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn listeners(&self) -> i64 {
        let mut connection = PgConnection::connect(&self.0.url("postgres"))
            .await
            .expect("the test's server answers");
        let listeners =
            sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%'")
                .fetch_one(&mut connection);
        let listeners = listeners.await.expect("the test's server says who listens");
        connection.close().await.expect("the connection closes");
        listeners
    }
}

/// A user and group to run as.
type Owner = (u32, u32);

/// A migrated database, or nothing where the machine has no PostgreSQL (which is said on standard error).
pub(crate) async fn copy_of_template() -> Option<String> {
    let server = server()?;
    let name = new_name();
    administrate(server, &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
    Some(server.url(&name))
}

/// A database without any table.
pub(crate) async fn blank() -> String {
    let server = server().expect("only tests on PostgreSQL ask for a blank database");
    let name = new_name();
    administrate(server, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    server.url(&name)
}

/// Removes a test's database: many of them would fill a small disk.
pub(crate) async fn drop_database(url: &str) {
    if let Some(server) = server() {
        let name = url
            .rsplit_once('/')
            .and_then(|_| url.split_once("localhost/"))
            .map_or("", |(_, rest)| rest);
        let name = name.split_once('?').map_or(name, |(name, _)| name);
        administrate(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    }
}

/// In a test it is whatever time the test says: the database's clock is the caller's.
const TESTS_CLOCK: &str = "own";

/// Lets a database count time by its own clock, as the migrations have it.
pub(crate) async fn keep_own_time(url: &str) {
    set_clock(url, "(extract(epoch FROM now()) * 1000000)::bigint").await;
}

/// Lets a database's clock stand still.
pub(crate) async fn keep_time(url: &str, at: DateTime<Utc>) {
    set_clock(url, &format!("{}::bigint", at.timestamp_micros())).await;
}

/// Says how a database counts the time that processes share: an expression in microseconds, which may name the caller's `own`.
async fn set_clock(url: &str, now: &str) {
    let mut connection = PgConnection::connect(url).await.expect("the test server answers");
    let function = format!(
        "CREATE OR REPLACE FUNCTION shared_now(own bigint) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT {now}'"
    );
    connection
        .execute(AssertSqlSafe(function))
        .await
        .expect("the test server obeys");
    connection.close().await.expect("the connection closes");
}

fn new_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

impl Server {
    /// Starts it, and waits until it answers.
    fn launch(&self) {
        let data = self.folder.join("data");
        let mut options = format!("-k {} -c listen_addresses=''", self.folder.display());
        let commit = if self.durable {
            "synchronous_commit=on"
        } else {
            "synchronous_commit=off"
        };
        for setting in [
            "fsync=off",
            commit,
            "full_page_writes=off",
            "max_connections=300",
            "shared_buffers=128MB",
            "max_wal_size=2GB",
            "autovacuum=off",
        ] {
            let _ = write!(options, " -c {setting}");
        }
        let log = data.join("server.log");
        let mut command = Command::new(&self.pg_ctl);
        command
            .arg("-D")
            .arg(&data)
            .arg("-l")
            .arg(&log)
            .args(["-o", &options, "-t", "120", "-w", "start"]);
        let started = run_as(self.owner, &mut command);
        assert!(
            started.status.success(),
            "the test server did not start: {}",
            std::fs::read_to_string(&log).unwrap_or_default()
        );
    }

    fn url(&self, database: &str) -> String {
        format!(
            "postgres://rapport@localhost/{database}?host={}",
            self.folder.display()
        )
    }
}

async fn administrate(server: &Server, statement: &str) {
    let mut connection = PgConnection::connect(&server.url("postgres"))
        .await
        .expect("the test server answers");
    connection
        .execute(AssertSqlSafe(statement.to_owned()))
        .await
        .expect("the test server obeys");
    connection.close().await.expect("the connection closes");
}

/// The server, started by whoever asks first.
fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER
        .get_or_init(|| {
            std::thread::spawn(|| start(false))
                .join()
                .expect("the test server starts")
        })
        .as_ref();
    if server.is_none() {
        // Written past the test runner's capture: a skipped test must not look like a passed one.
        let _ = writeln!(
            std::io::stderr(),
            "POSTGRESQL TESTS SKIPPED: no initdb, pg_ctl and postgres on this machine"
        );
    }
    server
}

fn start(durable: bool) -> Option<Server> {
    let programs = find_programs()?;
    let folder = tempfile::Builder::new()
        .prefix("rapport-pg-")
        .tempdir()
        .expect("a temporary folder")
        .keep();
    let owner = owner_for(&folder);
    let data = folder.join("data");
    let pg_ctl = programs.join("pg_ctl");
    // From here on whatever happens is cleared away.
    let watchdog = watch(&folder, &data, &pg_ctl, owner);
    initialise(&programs.join("initdb"), &data, owner);
    let server = Server {
        folder,
        pg_ctl,
        owner,
        durable,
        _watchdog: watchdog,
    };
    server.launch();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        administrate(&server, &format!("CREATE DATABASE {TEMPLATE} TEMPLATE template0")).await;
        let db = Db::connect(&server.url(TEMPLATE))
            .await
            .expect("the template opens");
        migrate(&db).await.expect("the template is migrated");
        db.close().await.expect("the template closes");
        set_clock(&server.url(TEMPLATE), TESTS_CLOCK).await;
    });
    Some(server)
}

/// The folder that holds the server's programs: the one in the search path, else the newest that the system installed.
fn find_programs() -> Option<PathBuf> {
    let script = "dirname \"$(command -v initdb)\" 2>/dev/null; ls -d /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | sort -rV";
    let found = Command::new("sh").args(["-c", script]).output().ok()?;
    String::from_utf8_lossy(&found.stdout)
        .lines()
        .map(PathBuf::from)
        .find(|folder| {
            folder.is_absolute()
                && ["initdb", "pg_ctl", "postgres"]
                    .iter()
                    .all(|program| folder.join(program).is_file())
        })
}

/// As root: the user `postgres`, else `nobody`, who gets the folder. Else nobody in particular: ourselves.
fn owner_for(folder: &Path) -> Option<Owner> {
    if std::fs::metadata(folder).expect("the folder exists").uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("the list of users");
    let find = |wanted: &str| {
        users
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find_map(|fields| match fields.as_slice() {
                [name, _, uid, gid, ..] if *name == wanted => Some((uid.parse().ok()?, gid.parse().ok()?)),
                _ => None,
            })
    };
    let owner: Owner = find("postgres")
        .or_else(|| find("nobody"))
        .expect("PostgreSQL refuses to run as root; a user postgres or nobody");
    std::os::unix::fs::chown(folder, Some(owner.0), Some(owner.1)).expect("the folder changes hands");
    Some(owner)
}

fn run_as(owner: Option<Owner>, command: &mut Command) -> Output {
    let command = command.stdin(Stdio::null()).current_dir("/");
    if let Some((uid, gid)) = owner {
        command.uid(uid).gid(gid);
    }
    command.output().expect("the server's program runs")
}

fn initialise(initdb: &Path, data: &Path, owner: Option<Owner>) {
    let attempt = |locale: &[&str]| {
        let mut command = Command::new(initdb);
        command
            .arg("-D")
            .arg(data)
            .args(["-U", "rapport", "-A", "trust", "-E", "UTF8", "--no-sync"])
            .args(locale);
        run_as(owner, &mut command)
    };
    // A locale that sorts as people do shows whoever relies on the order of bytes; not every build knows it.
    let people = attempt(&["--locale-provider=icu", "--icu-locale=en", "--locale=C"]);
    if people.status.success() {
        return;
    }
    let bytes = attempt(&["--locale=C"]);
    assert!(
        bytes.status.success(),
        "initdb failed: {}",
        String::from_utf8_lossy(&bytes.stderr)
    );
}

/// Starts the shell that clears up when our end of its pipe closes, however we end.
fn watch(folder: &Path, data: &Path, pg_ctl: &Path, owner: Option<Owner>) -> Child {
    let script = "cat >/dev/null; \"$1\" -D \"$2\" -m immediate -w stop >/dev/null 2>&1; rm -rf \"$3\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", script, "watchdog"])
        .arg(pg_ctl)
        .arg(data)
        .arg(folder)
        .current_dir("/");
    // Its own process group: the interrupt that stops us must not stop it.
    command
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some((uid, gid)) = owner {
        command.uid(uid).gid(gid);
    }
    command.spawn().expect("a shell")
}
