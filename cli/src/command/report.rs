//! `rapport report engagement ACCOUNT`: a report as Markdown, to be read, kept or forwarded.

use clap::{Args, Subcommand};
use engagement::vocabulary::Period;
use engagement::windows::{Windows, day_of};
use service::access::Access;
use service::account;
use service::clock::Clock;
use service::report::labelled_engagement_report;

use super::recompute::parse_day;
use crate::failure::Failure;
use crate::opening::{self, Schema};
use crate::output::print;
use crate::settings::Settings;

/// Which report.
#[derive(Debug, Subcommand)]
pub enum Report {
    /// How engaged an account is, and why
    Engagement(Engagement),
}

/// Flags of `report engagement`.
#[derive(Debug, Args)]
pub struct Engagement {
    /// The account: its external id, or an id such as acc_…
    account: String,
    /// monthly or quarterly [default: the policy's standard period]
    #[arg(long)]
    period: Option<String>,
    /// The last day that counts [default: today]
    #[arg(long, value_name = "DATE")]
    ending_on: Option<String>,
}

/// Prints the report.
///
/// # Errors
/// When there is no such account, or the database cannot be used.
pub async fn run(report: &Report, settings: &Settings) -> Result<(), Failure> {
    let Report::Engagement(asked) = report;
    let period =
        asked.period.as_deref().map(str::parse::<Period>).transpose().map_err(|error| Failure::setup(format!("--period: {error}")))?;
    let ending_on = asked.ending_on.as_deref().map(|day| parse_day("--ending-on", day)).transpose()?;
    let clock = Clock::system();
    let ready = opening::open(settings, Schema::Expect, &clock).await?;
    let (db, access, now) = (&ready.db, Access::system(), clock.now());
    let account = account::find(db, &access, &asked.account).await?.ok_or_else(|| {
        Failure::work(format!("there is no account '{}' in {}; accounts are found by external id or by acc_…", asked.account, db.url()))
    })?;
    let today = day_of(now, ready.zone);
    let ending_on = ending_on.unwrap_or(today);
    if ending_on > today {
        return Err(Failure::setup(format!("--ending-on: {ending_on} has not begun; today is {today}")));
    }
    let windows = Windows::new(ending_on, now, ready.zone, period.unwrap_or(ready.policy.standard_period));
    let report = labelled_engagement_report(db, &access, &ready.policy, &windows, account.id).await?;
    let report =
        report.ok_or_else(|| Failure::work(format!("the account '{}' was removed while its report was written", asked.account)))?;
    print(&report.report.markdown(&report.labels))
}
