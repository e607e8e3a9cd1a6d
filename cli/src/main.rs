//! The one binary, `rapport`: reads its settings, does what it was asked, and says in one sentence when it cannot.

mod command;
mod failure;
mod lifecycle;
mod opening;
mod output;
mod sample;
mod settings;
mod telemetry;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};

use crate::command::Command;
use crate::failure::Failure;
use crate::settings::{Flags, Origins, Settings};

/// Less of the server's processor time than with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Most threads for what blocks, scoring above all: that has places for a dozen at a time, a few imports and files come on top.
/// More would only take each other's time.
const MOST_BLOCKING_THREADS: usize = 32;

/// Is this customer relationship healthy, why, and what should we do next?
#[derive(Debug, Parser)]
#[command(name = "rapport", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    settings: Flags,
}

fn main() -> ExitCode {
    telemetry::catch_panics();
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let given = Origins::given(&matches);
    // A panic has been reported by the hook; what is left is the exit code.
    let done = std::panic::catch_unwind(|| run(cli, given)).unwrap_or_else(|_| Err(Failure::reported()));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(cli: Cli, given: Origins) -> Result<(), Failure> {
    // The schema needs neither settings nor a database.
    if matches!(cli.command, Command::Schema) {
        return command::schema::run();
    }
    let settings = Settings::read(&cli.settings, given)?;
    telemetry::start(&settings, cli.command.tells_what_it_does())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(MOST_BLOCKING_THREADS)
        .build()
        .map_err(|error| Failure::work(format!("the runtime did not start: {error}")))?;
    let done = runtime.block_on(command::run(cli.command, &settings));
    // What still runs after its grace is not waited for.
    runtime.shutdown_background();
    done
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn verify_cli() {
        super::Cli::command().debug_assert();
    }
}
