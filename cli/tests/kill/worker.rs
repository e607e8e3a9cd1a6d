//! Worker processes, and what they work on.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use engagement::policy::Policy;
use service::clock::Clock;
use service::db::Db;
use service::job::job_batch::{self, Progress};
use service::job::job_run::{self, JobRun};
use service::record::installation;

/// Nobody waits longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_mins(4);

/// A worker process.
pub(crate) struct Worker(Child);

impl Worker {
    /// Starts one in a folder, where it writes its log.
    pub(crate) fn start(folder: &Path, url: &str, more: &[&str]) -> Self {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("worker.log"))
            .expect("a log");
        let child = Command::new(env!("CARGO_BIN_EXE_rapport"))
            .args(["worker", "--database-url", url])
            .args(more)
            .current_dir(folder)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the worker starts");
        Self(child)
    }

    /// SIGKILL, and no way back.
    pub(crate) fn kill(mut self) {
        assert!(self.is_alive(), "it ended by itself");
        self.0.kill().expect("it is killed");
        self.0.wait().expect("it is gone");
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.0.try_wait().expect("its state").is_none()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Writes a book of accounts, into a database that was installed two days ago: the last night's run is due.
pub(crate) async fn owe_a_night(folder: &Path, url: &str, accounts: usize) {
    use std::fmt::Write as _;
    let mut text = "external_id,name,tier\n".to_owned();
    for n in 0..accounts {
        writeln!(text, "a{n},Account {n},smb").expect("a line");
    }
    let import = folder.join("import");
    std::fs::create_dir(&import).expect("a folder");
    std::fs::write(import.join("accounts.csv"), text).expect("a file");
    let imported = Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args(["import", "import", "--database-url", url])
        .current_dir(folder)
        .env_clear()
        .output()
        .expect("the import runs");
    assert!(
        imported.status.success(),
        "{}",
        String::from_utf8_lossy(&imported.stderr)
    );
    let db = Db::connect(url).await.expect("the database opens");
    installation::agree(
        &db,
        &Policy::default(),
        Tz::UTC,
        false,
        now() - TimeDelta::days(2),
    )
    .await
    .expect("it is installed");
    db.close().await.expect("the database closes");
}

pub(crate) fn now() -> DateTime<Utc> {
    Clock::system().now()
}

/// The night's run, once it is there, and how far it has come.
pub(crate) async fn night(db: &Db) -> Option<(JobRun, Progress)> {
    let mut runs = job_run::latest(db, "recompute", 9).await.ok()?;
    assert!(runs.len() < 2, "one slot, one run: {runs:?}");
    let run = runs.pop()?;
    let progress = job_batch::progress(db, run.id).await.ok()?;
    Some((run, progress))
}

/// Waits for the night's run to come to a state.
pub(crate) async fn until(db: &Db, wanted: impl Fn(&JobRun, &Progress) -> bool) -> (JobRun, Progress) {
    let started = Instant::now();
    loop {
        let found = night(db).await;
        if let Some((run, progress)) = &found
            && wanted(run, progress)
        {
            return (run.clone(), *progress);
        }
        assert!(started.elapsed() < PATIENCE, "{found:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
