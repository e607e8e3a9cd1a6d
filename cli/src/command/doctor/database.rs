//! The database: reached, understood, writable, with room, and of one mind with this process about the time and the policy.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use service::clock::Clock;
use service::db::Db;
use service::db::private_files::exposure;
use service::db::schema::check_schema;
use service::db::shared_clock::{MOST_APART, measure};
use service::error::with_causes;
use service::monitoring::diagnosis::{last_run_began, probe_write, stored, version, worker_apart};

use super::report::{Report, in_time};
use crate::opening::{expect_file, sqlite_file};
use crate::settings::Settings;

/// Less room than that on the disk, and somebody should make some.
const ROOM: u64 = 1 << 30;
/// A write-ahead log that is larger was not folded in for long: somebody reads without an end.
const LOG: u64 = 256 << 20;
/// A run that began so much later than now began by a clock that was wrong.
const WRONG: TimeDelta = TimeDelta::seconds(60);
/// How long what a worker's clock was like is news.
const LATELY: TimeDelta = TimeDelta::hours(1);

/// Looks at the database; returns it where there is any talking to it and its schema is the right one.
pub(super) async fn check(
    report: &mut Report,
    settings: &Settings,
    policy: Option<&str>,
    clock: &Clock,
) -> Option<Db> {
    let url = settings.database_url.expose();
    if let Err(failure) = expect_file(settings) {
        report.fail("database", failure.message(), "see DATABASE_URL above");
        return None;
    }
    let db = match in_time(async { Db::connect(url).await.map_err(|error| with_causes(&error)) }).await {
        Ok(db) => db,
        Err(error) => {
            report.fail(
                "database",
                error,
                "check DATABASE_URL and that the database is running",
            );
            return None;
        }
    };
    match in_time(version(&db)).await {
        Ok(version) => report.fine("database", format!("{version} at {}", db.url())),
        Err(error) => report.fail("database", error, "look into the database's log"),
    }
    if let Some(file) = sqlite_file(url) {
        check_disk(report, Path::new(file));
    }
    check_private(report, settings);
    match in_time(async { probe_write(&db).await.map_err(|error| with_causes(&error)) }).await {
        Ok(()) => report.fine("writing", "the database takes writes"),
        Err(error) => report.fail(
            "writing",
            error,
            "make the file and its folder writable, or connect to the primary server",
        ),
    }
    let schema = in_time(async { check_schema(&db).await.map_err(|error| with_causes(&error)) }).await;
    if let Err(error) = schema {
        report.fail(
            "schema",
            error,
            "`rapport migrate` brings an older schema up; a newer one needs the newer binary",
        );
        return None;
    }
    report.fine("schema", "as this binary needs it");
    check_clock(report, &db, clock).await;
    check_stored(report, &db, settings, policy).await;
    Some(db)
}

fn check_disk(report: &mut Report, file: &Path) {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
    let mut log = PathBuf::from(file).into_os_string();
    log.push("-wal");
    let (bytes, log) = (size(file), size(Path::new(&log)));
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    match rustix::fs::statvfs(folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let found = format!("{} in use, {} free", size_of(bytes + log), size_of(free));
            if free < ROOM.max(bytes) {
                report.warn(
                    "disk",
                    found,
                    "make room: a backup needs as much again as the database",
                );
            } else {
                report.fine("disk", found);
            }
        }
        Err(error) => report.fail(
            "disk",
            error.to_string(),
            "see whether the folder of the database is there",
        ),
    }
    if log > LOG {
        let advice = "look for a process that reads without an end, or stop all of them once";
        report.warn(
            "write-ahead log",
            format!("{} not folded into the file", size_of(log)),
            advice,
        );
    }
}

/// Files that were there before they were made private, or that somebody has opened to others, are left as they are.
fn check_private(report: &mut Report, settings: &Settings) {
    let database = sqlite_file(settings.database_url.expose()).into_iter();
    let beside =
        database.flat_map(|file| ["", "-wal", "-shm"].map(|suffix| PathBuf::from(format!("{file}{suffix}"))));
    let exposed = beside
        .chain([settings.outbox_dir.clone()])
        .filter_map(|path| Some((exposure(&path)?, path)));
    let exposed: Vec<String> = exposed
        .map(|(mode, path)| format!("{} ({mode:o})", path.display()))
        .collect();
    if exposed.is_empty() {
        report.fine(
            "private files",
            "nobody else may read the database and mail that is written to files",
        );
    } else {
        let advice = "take them away from others with `chmod go-rwx`, unless they are meant to be read";
        report.warn(
            "private files",
            format!("others may read or write {}", exposed.join(", ")),
            advice,
        );
    }
}

/// `12.3 MiB`
fn size_of(bytes: u64) -> String {
    let mib = bytes as f64 / f64::from(1 << 20);
    if mib < 1024.0 {
        format!("{mib:.1} MiB")
    } else {
        format!("{:.1} GiB", mib / 1024.0)
    }
}

async fn check_clock(report: &mut Report, db: &Db, clock: &Clock) {
    let advice = "synchronise the clocks (NTP)";
    if sqlite_file(db.url()).is_none() {
        match in_time(measure(db, clock)).await {
            Ok(ahead) => {
                let found = format!("this machine's is {} the database's", apart(ahead));
                if ahead.abs() > MOST_APART {
                    report.fail("clock", found, advice);
                } else {
                    report.fine("clock", found);
                }
            }
            Err(error) => report.fail("clock", error, "look into the database's log"),
        }
        if let Ok(Some((worker, ahead))) = in_time(worker_apart(db, clock.now() - LATELY, MOST_APART)).await {
            report.fail(
                "clock of a worker",
                format!("that of {worker} was {} the database's", apart(ahead)),
                advice,
            );
        }
    }
    if let Ok(Some(began)) = in_time(last_run_began(db)).await
        && began > clock.now() + WRONG
    {
        let found = format!(
            "a run began at {}, which is yet to come",
            began.format("%Y-%m-%d %H:%M:%S UTC")
        );
        report.fail("clock of a worker", found, advice);
    }
}

/// `12.3 s ahead of`
fn apart(ahead: TimeDelta) -> String {
    let seconds = ahead.num_milliseconds() as f64 / 1000.0;
    if seconds < 0.0 {
        format!("{:.1} s behind", -seconds)
    } else {
        format!("{seconds:.1} s ahead of")
    }
}

async fn check_stored(report: &mut Report, db: &Db, settings: &Settings, policy: Option<&str>) {
    let stored = match in_time(stored(db)).await {
        Ok(Some(stored)) => stored,
        Ok(None) => {
            return report.warn(
                "installation",
                "nothing has been scored or served yet",
                "`rapport init` makes the first user",
            );
        }
        Err(error) => return report.fail("installation", error, "look into the database's log"),
    };
    match policy {
        Some(hash) if hash != stored.policy_hash => {
            let found = format!("the scores are of another policy ({})", stored.policy_hash);
            report.fail(
                "policy in force",
                found,
                "name the right file, or start once with --adopt-policy",
            );
        }
        Some(_) => report.fine("policy in force", "the one that the scores were computed with"),
        None => {}
    }
    if stored.time_zone == settings.time_zone.name() {
        report.fine("time zone", stored.time_zone);
    } else {
        let found = format!(
            "{} here, {} in the database",
            settings.time_zone.name(),
            stored.time_zone
        );
        report.warn(
            "time zone",
            found,
            "set RAPPORT_TIME_ZONE the same for every process; the one that starts last wins",
        );
    }
}
