//! `rapport init`: the first user of an empty database.

use clap::Args;
use service::clock::Clock;

use super::token;
use crate::failure::Failure;
use crate::opening::{self, Schema};
use crate::settings::Settings;

/// Flags of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Address of the administrator
    #[arg(long, value_name = "EMAIL")]
    admin: String,
    /// Their name (default: the address up to its at sign)
    #[arg(long)]
    name: Option<String>,
}

/// Makes the administrator and a token for them.
///
/// # Errors
/// When the address is none, or the database has users already.
pub async fn run(init: &Init, settings: &Settings) -> Result<(), Failure> {
    let email = token::address("--admin", &init.admin)?;
    let clock = Clock::system();
    let ready = opening::open(settings, Schema::Migrate, &clock).await?;
    let name = init
        .name
        .clone()
        .unwrap_or_else(|| init.admin.split('@').next().unwrap_or_default().trim().to_owned());
    let user = service::record::user::create_first_admin(&ready.db, &clock, &email, &name).await?;
    token::issue(&ready.db, &clock, &user, service::token::DEFAULT_LIFE, "init").await
}
