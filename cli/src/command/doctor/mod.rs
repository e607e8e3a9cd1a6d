//! `rapport doctor`: looks at everything that a running installation depends on, and says of each thing that is not as it
//! should be what to do. Every check has a time limit of its own, none depends on another's success, and nothing is changed.

mod database;
mod mail;
mod report;
mod settings;
mod work;

use clap::Args;
use engagement::email_address::EmailAddress;
use service::clock::Clock;

use self::report::Report;
use crate::failure::Failure;
use crate::output::print;
use crate::settings::Settings;

/// Flags of `doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Also send a test mail there
    #[arg(long, value_name = "ADDRESS")]
    send_to: Option<String>,
}

/// Looks, and says what it found.
///
/// # Errors
/// Exit code 1 when something failed; 2 for settings that nothing can be started with.
pub async fn run(doctor: &Doctor, settings: &Settings) -> Result<(), Failure> {
    let send_to = doctor.send_to.as_deref().map(address).transpose()?;
    let clock = Clock::system();
    let mut report = Report::default();
    settings::check(&mut report, settings);
    let policy = settings::check_policy(&mut report, settings);
    if let Some(db) = database::check(&mut report, settings, policy.as_deref(), &clock).await {
        work::check(&mut report, &db, settings, &clock).await;
    }
    mail::check(&mut report, settings, send_to.as_ref(), &clock).await;
    print(&if doctor.json {
        report.to_json()
    } else {
        report.to_text()
    })?;
    if report.has_failed() {
        Err(Failure::reported())
    } else {
        Ok(())
    }
}

fn address(text: &str) -> Result<EmailAddress, Failure> {
    text.parse().map_err(|_| {
        Failure::setup(format!(
            "--send-to: '{}' is no mail address",
            text.escape_default()
        ))
    })
}
