//! `rapport migrate`: brings the database to the current schema.

use crate::failure::Failure;
use crate::opening::{self, Schema};
use crate::output::print;
use crate::settings::Settings;

/// Migrates; on a database that is up to date nothing happens.
///
/// # Errors
/// When the database cannot be reached or written, or is newer than this binary.
pub async fn run(settings: &Settings) -> Result<(), Failure> {
    let db = opening::connect(settings, Schema::Migrate).await?;
    print(&format!("{} is at the current schema", db.url()))?;
    Ok(db.close().await?)
}
