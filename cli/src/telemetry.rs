//! The log, and what becomes of a panic: a line in it, never a stack on somebody's screen.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::failure::Failure;
use crate::output::complain;
use crate::settings::{LogFormat, Settings};

/// Chatter of libraries, kept down unless it is asked for.
const QUIET: &str = "sqlx=warn,sea_orm_migration=warn,actix_server=warn,tokio_cron_scheduler=warn";

/// Starts the log, on stderr: stdout is for results.
///
/// # Errors
/// When the filter cannot be read.
pub fn start(settings: &Settings, tell: bool) -> Result<(), Failure> {
    // A command that answers and ends speaks for itself.
    let wanted = settings
        .log
        .as_deref()
        .unwrap_or(if tell { "info" } else { "warn" });
    let filter = EnvFilter::try_new(format!("{QUIET},{wanted}"))
        .map_err(|error| Failure::setup(format!("RAPPORT_LOG: '{wanted}' is no log filter: {error}")))?;
    let on_terminal = std::io::stderr().is_terminal();
    let format = settings.log_format.unwrap_or(if on_terminal {
        LogFormat::Text
    } else {
        LogFormat::Json
    });
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Stderr)
        .log_internal_errors(false);
    match format {
        LogFormat::Text => builder.with_ansi(on_terminal).compact().init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
    Ok(())
}

/// Turns panics into messages. The process or the job that panicked ends as with any other failure.
pub fn catch_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let said = panic.payload_as_str().unwrap_or("no message");
        let place = panic
            .location()
            .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        if tracing::dispatcher::has_been_set() {
            tracing::error!(place, "internal error: {said}");
        } else {
            complain(&format!("error: internal error: {said}{place}"));
        }
    }));
}

/// Stderr that never panics when it is gone.
#[derive(Debug)]
struct Stderr;

impl<'a> MakeWriter<'a> for Stderr {
    type Writer = std::io::Stderr;

    fn make_writer(&'a self) -> Self::Writer {
        std::io::stderr()
    }
}
