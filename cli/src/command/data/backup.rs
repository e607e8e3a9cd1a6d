//! `rapport backup FILE`: a whole copy of an SQLite database while everything runs.

use std::path::PathBuf;

use clap::Args;
use service::db::backup::back_up;

use crate::failure::Failure;
use crate::opening;
use crate::output::print;
use crate::settings::Settings;

/// Flags of `backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// Where to
    file: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

/// Makes the backup, checks it, and says how to bring it back.
///
/// # Errors
/// Exit code 2 where there is nothing to copy or the name is taken; 1 when copying failed.
pub async fn run(backup: &Backup, settings: &Settings) -> Result<(), Failure> {
    opening::expect_file(settings)?;
    let done = back_up(settings.database_url.expose(), &backup.file, backup.force).await?;
    let file = backup.file.display();
    Ok(print(&format!(
        "{file}: {:.1} MiB, checked, of {}\nTo bring it back: stop every process of Rapport, remove the database's -wal and -shm files, copy {file} over it, start again.",
        done.bytes as f64 / f64::from(1 << 20),
        done.database,
    ))?)
}
