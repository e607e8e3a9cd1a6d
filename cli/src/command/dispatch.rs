//! What can be asked of the binary, by the words of the command line, and which command does it.

use std::io::IsTerminal;

use clap::Subcommand;

use super::data::{backup, import, migrate, recompute};
use super::people::{digest, init, token};
use super::serving::{demo, serve, worker};
use super::{doctor, jobs, mail, report, schema};
use crate::failure::Failure;
use crate::settings::Settings;

/// What can be asked of the binary.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A sample company, scored and served: from nothing to a running product in one command
    Demo(demo::Demo),
    /// The first user of an empty database, with a token
    Init(init::Init),
    /// The API; with --worker the worker in the same process
    Serve(serve::Serve),
    /// The worker; any number of them may run
    Worker,
    /// Jobs: their schedule, last run and next due
    Jobs(jobs::Jobs),
    /// The outbox: what is to be mailed, what was, and what could not be
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Brings the database to the current schema
    Migrate,
    /// Looks at settings, database, mail and jobs, and says what to do about what is wrong
    Doctor(doctor::Doctor),
    /// A whole copy of an SQLite database, while everything runs
    Backup(backup::Backup),
    /// Reads import files, or foreign exports through a mapping
    Import(import::Import),
    /// Scores every active account as of now, or of the end of a day, and stores the result
    Recompute(recompute::Recompute),
    /// A report as Markdown
    #[command(subcommand)]
    Report(report::Report),
    /// The weekly digest
    #[command(subcommand)]
    Digest(digest::Digest),
    /// Tokens for the API
    #[command(subcommand)]
    Token(token::Token),
    /// The GraphQL schema as SDL
    Schema,
}

impl Command {
    /// Whether its log tells what it does unless asked otherwise: what runs on, and long work that nobody watches (on a
    /// terminal it has a progress bar).
    pub fn tells_what_it_does(&self) -> bool {
        match self {
            Self::Demo(_) | Self::Serve(_) | Self::Worker => true,
            Self::Recompute(_) => !std::io::stderr().is_terminal(),
            _ => false,
        }
    }
}

/// Does what was asked.
///
/// # Errors
/// When it cannot, with the exit code that says whose fault that is.
pub async fn run(command: Command, settings: &Settings) -> Result<(), Failure> {
    match command {
        Command::Demo(demo) => Box::pin(demo::run(&demo, settings)).await,
        Command::Init(init) => init::run(&init, settings).await,
        Command::Serve(serve) => serve::run(&serve, settings).await,
        Command::Worker => worker::run(settings).await,
        Command::Jobs(jobs) => jobs::run(&jobs, settings).await,
        Command::Mail(mail) => mail::run(&mail, settings).await,
        Command::Migrate => migrate::run(settings).await,
        Command::Doctor(doctor) => Box::pin(doctor::run(&doctor, settings)).await,
        Command::Backup(backup) => backup::run(&backup, settings).await,
        Command::Import(import) => import::run(&import, settings).await,
        Command::Recompute(recompute) => recompute::run(&recompute, settings).await,
        Command::Report(report) => report::run(&report, settings).await,
        Command::Digest(digest) => Box::pin(digest::run(&digest, settings)).await,
        Command::Token(token) => token::run(&token, settings).await,
        Command::Schema => schema::run(),
    }
}
