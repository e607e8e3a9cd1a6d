//! `rapport report engagement ACCOUNT`: a report as Markdown, to be read, kept or forwarded.

use chrono::Days;
use clap::{Args, Subcommand};
use engagement::measure::Collect;
use engagement::report::engagement::{ContactLabel, HistoryPoint, Labels};
use engagement::vocabulary::Period;
use engagement::windows::{Windows, day_of};
use service::access::Access;
use service::clock::Clock;
use service::{account, assessment, contact, report};

use super::recompute::parse_day;
use crate::failure::Failure;
use crate::opening::{self, Schema};
use crate::output::print;
use crate::settings::Settings;

/// How many days of stored scores a report shows.
const HISTORY_DAYS: u64 = 84;

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
    let ending_on = ending_on.unwrap_or_else(|| day_of(now, ready.zone));
    let windows = Windows::new(ending_on, now, ready.zone, period.unwrap_or(ready.policy.standard_period));
    let mut computed = report::engagement_reports(db, &access, &ready.policy, &windows, Collect::Evidence, &[account.id]).await?;
    let Some(report) = computed.reports.remove(&account.id) else {
        return Err(Failure::work(format!("the account '{}' was removed while its report was written", asked.account)));
    };
    let people: Vec<_> = report.stakeholders.iter().map(|stakeholder| stakeholder.contact).collect();
    let contacts = contact::by_ids(db, &access, &people).await?;
    let from = ending_on.checked_sub_days(Days::new(HISTORY_DAYS - 1)).unwrap_or(ending_on);
    let history = assessment::history_of(db, &access, &[account.id], from, ending_on).await?.remove(&account.id).unwrap_or_default();
    let labels = Labels {
        account: account.name,
        contacts: contacts
            .into_iter()
            .map(|(id, contact)| (id, ContactLabel { name: contact.name, title: contact.title, department: contact.department }))
            .collect(),
        data_through: computed.data_through,
        policy_hash: ready.policy_hash.to_string(),
        history: history
            .iter()
            .map(|point| HistoryPoint { day: point.day, overall: point.overall_rounded, pattern: point.pattern })
            .collect(),
    };
    print(&report.markdown(&labels))
}
