//! A copy of an SQLite database while everything runs: written beside its place, checked, and only then put there, so that
//! what is under the name is always a whole backup.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::url::without_password;
use crate::db::private_files::create;

/// How long a writer that holds the file is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Another database than SQLite makes its own backups.
    #[error(
        "{0} is no SQLite file: copy a PostgreSQL database with `pg_dump --format=custom --file=FILE`, and bring it back with `pg_restore`"
    )]
    NotSqlite(String),
    /// There is something under the name.
    #[error("{} exists: choose another name, or replace it with --force", .0.display())]
    Exists(PathBuf),
    /// The backup would replace what it is a backup of.
    #[error("{} is the database itself: choose another name", .0.display())]
    Itself(PathBuf),
    /// The copy has come out wrong.
    #[error(
        "the copy is not whole and was thrown away: {0}; check the disk, and the database with `rapport doctor`"
    )]
    Damaged(String),
    /// The database cannot be read, or the copy not written.
    #[error("the database cannot be copied to {}", path.display())]
    Database {
        /// Where to.
        path: PathBuf,
        #[source]
        source: sqlx::Error,
    },
    /// A file cannot be written, checked or renamed.
    #[error("{} cannot be written", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

/// A backup that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Its size in bytes.
    pub bytes: u64,
    /// The database that it is of, without password.
    pub database: String,
}

/// Copies the SQLite database at a URL into a file. Readers and writers go on meanwhile; the copy is of one moment.
///
/// # Errors
/// When there is no backup; nothing is left behind under the name that was not there before.
pub async fn back_up(url: &str, to: &Path, replace: bool) -> Result<Backup, BackupError> {
    let database = without_password(url);
    let failed = |source| BackupError::Database {
        path: to.to_owned(),
        source,
    };
    if !url.starts_with("sqlite:") {
        return Err(BackupError::NotSqlite(database));
    }
    let options = SqliteConnectOptions::from_str(url)
        .map_err(failed)?
        .create_if_missing(false)
        .busy_timeout(BUSY_TIMEOUT);
    let from = options.get_filename().to_owned();
    if is_same(&from, to) {
        return Err(BackupError::Itself(to.to_owned()));
    }
    if to.exists() && !replace {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let unfinished = beside(to);
    // Of a backup that was broken off.
    remove(&unfinished)?;
    let made = make(&options, &unfinished, to).await;
    if made.is_err() {
        remove(&unfinished)?;
    }
    Ok(Backup {
        bytes: made?,
        database,
    })
}

async fn make(options: &SqliteConnectOptions, unfinished: &Path, to: &Path) -> Result<u64, BackupError> {
    let failed = |source| BackupError::Database {
        path: to.to_owned(),
        source,
    };
    let file_failed = |source| BackupError::File {
        path: unfinished.to_owned(),
        source,
    };
    // What is in it is as confidential as the database, from its first byte. SQLite writes into a file that is empty.
    create(unfinished).map_err(file_failed)?;
    let mut connection = options.connect().await.map_err(failed)?;
    let name = unfinished
        .to_str()
        .ok_or_else(|| file_failed(std::io::Error::other("its name is no UTF-8")))?;
    sqlx::query("VACUUM INTO ?1")
        .bind(name)
        .execute(&mut connection)
        .await
        .map_err(failed)?;
    connection.close().await.map_err(failed)?;
    verify(unfinished).await?;
    let file = File::open(unfinished).map_err(file_failed)?;
    file.sync_all().map_err(file_failed)?;
    let bytes = file.metadata().map_err(file_failed)?.len();
    fs::rename(unfinished, to).map_err(file_failed)?;
    // The name, too, must survive a power cut.
    let folder = to
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(file_failed)?;
    Ok(bytes)
}

/// Reads all of the copy: every page, every index, every reference.
async fn verify(copy: &Path) -> Result<(), BackupError> {
    let failed = |source| BackupError::Database {
        path: copy.to_owned(),
        source,
    };
    let options = SqliteConnectOptions::new().filename(copy).read_only(true);
    let mut connection: SqliteConnection = options.connect().await.map_err(failed)?;
    let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_all(&mut connection)
        .await
        .map_err(failed)?;
    let broken = sqlx::query("PRAGMA foreign_key_check")
        .fetch_all(&mut connection)
        .await
        .map_err(failed)?
        .len();
    connection.close().await.map_err(failed)?;
    if found != ["ok"] {
        return Err(BackupError::Damaged(
            found.into_iter().take(3).collect::<Vec<_>>().join("; "),
        ));
    }
    if broken > 0 {
        return Err(BackupError::Damaged(format!(
            "{broken} rows refer to rows that are not there"
        )));
    }
    Ok(())
}

/// `.backup.db.unfinished` beside `backup.db`.
fn beside(to: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(to.file_name().unwrap_or_default());
    name.push(".unfinished");
    to.with_file_name(name)
}

fn remove(path: &Path) -> Result<(), BackupError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(BackupError::File {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

/// Whether two names are one file, or one of the files beside the database.
fn is_same(database: &Path, to: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().ok();
    let beside = |suffix: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let target = whole(to);
    target.is_some()
        && [database.to_owned(), beside("-wal"), beside("-shm")]
            .iter()
            .any(|file| whole(file) == target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unfinished_lies_beside() {
        assert_eq!(
            beside(Path::new("/var/backups/rapport.db")),
            Path::new("/var/backups/.rapport.db.unfinished")
        );
        assert_eq!(
            beside(Path::new("rapport.db")),
            Path::new(".rapport.db.unfinished")
        );
    }
}
