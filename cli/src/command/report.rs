//! `rapport report …`: a report as Markdown, to be read, kept or forwarded.

use std::str::FromStr;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use engagement::vocabulary::{Period, UnknownWord};
use engagement::windows::{Windows, day_of};
use service::access::Access;
use service::clock::Clock;
use service::db::Db;
use service::record::account::{self, Account};
use service::record::account_list::AccountFilter;
use service::report::labelled_engagement_report;
use service::report::portfolio::{PortfolioRequest, portfolio_report};
use service::report::sponsor_report::sponsor_reports;

use super::data::recompute::parse_day;
use crate::failure::Failure;
use crate::opening::{self, Schema};
use crate::output::print;
use crate::settings::Settings;

/// Which report.
#[derive(Debug, Subcommand)]
pub enum Report {
    /// How engaged an account is, and why
    Engagement(Engagement),
    /// Who sponsors an account, how engaged they are, who would follow them, and what to do
    Sponsor(Sponsor),
    /// How the book of accounts stands, where it moves, what to do
    Portfolio(Portfolio),
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

/// Flags of `report sponsor`.
#[derive(Debug, Args)]
pub struct Sponsor {
    /// The account: its external id, or an id such as acc_…
    account: String,
    /// The last day that counts [default: today]
    #[arg(long, value_name = "DATE")]
    ending_on: Option<String>,
}

/// Flags of `report portfolio`.
#[derive(Debug, Args)]
pub struct Portfolio {
    /// monthly or quarterly [default: the policy's standard period]
    #[arg(long)]
    period: Option<String>,
    /// The last day that counts [default: today]
    #[arg(long, value_name = "DATE")]
    ending_on: Option<String>,
    /// Only accounts of this tier: enterprise, mid_market or smb; several times for several
    #[arg(long)]
    tier: Vec<String>,
    /// Only accounts with this pattern: highly_engaged, moderately_engaged, low_engaged or disengaged; several times for several
    #[arg(long)]
    pattern: Vec<String>,
    /// Only accounts whose name, external id or domain contains this
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

/// Prints the report.
///
/// # Errors
/// When there is no such account, or the database cannot be used.
pub async fn run(report: &Report, settings: &Settings) -> Result<(), Failure> {
    match report {
        Report::Engagement(asked) => engagement(asked, settings).await,
        Report::Sponsor(asked) => sponsor(asked, settings).await,
        Report::Portfolio(asked) => portfolio(asked, settings).await,
    }
}

async fn engagement(asked: &Engagement, settings: &Settings) -> Result<(), Failure> {
    let (period, ending_on) = span(asked.period.as_deref(), asked.ending_on.as_deref())?;
    let clock = Clock::system();
    let ready = opening::open(settings, Schema::Expect, &clock).await?;
    let (db, access, now) = (&ready.db, Access::system(), clock.now());
    let account = find(db, &access, &asked.account).await?;
    let ending_on = begun(ending_on, day_of(now, ready.zone))?;
    let windows = Windows::new(
        ending_on,
        now,
        ready.zone,
        period.unwrap_or(ready.policy.standard_period),
    );
    let report = labelled_engagement_report(db, &access, &ready.policy, &windows, account.id).await?;
    let report = report.ok_or_else(|| removed(&asked.account))?;
    Ok(print(&report.report.markdown(&report.labels))?)
}

async fn sponsor(asked: &Sponsor, settings: &Settings) -> Result<(), Failure> {
    let (_, ending_on) = span(None, asked.ending_on.as_deref())?;
    let clock = Clock::system();
    let ready = opening::open(settings, Schema::Expect, &clock).await?;
    let (db, access, now) = (&ready.db, Access::system(), clock.now());
    let account = find(db, &access, &asked.account).await?;
    let windows = Windows::new(
        begun(ending_on, day_of(now, ready.zone))?,
        now,
        ready.zone,
        ready.policy.standard_period,
    );
    let mut reports = sponsor_reports(db, &access, &ready.policy, &windows, &[account.id]).await?;
    Ok(print(
        &reports
            .remove(&account.id)
            .ok_or_else(|| removed(&asked.account))?
            .markdown(),
    )?)
}

/// The account that a report is about.
async fn find(db: &Db, access: &Access, named: &str) -> Result<Account, Failure> {
    let missing = || {
        Failure::work(format!(
            "there is no account '{named}' in {}; accounts are found by external id or by acc_…",
            db.url()
        ))
    };
    account::find(db, access, named).await?.ok_or_else(missing)
}

fn removed(named: &str) -> Failure {
    Failure::work(format!(
        "the account '{named}' was removed while its report was written"
    ))
}

async fn portfolio(asked: &Portfolio, settings: &Settings) -> Result<(), Failure> {
    let (period, ending_on) = span(asked.period.as_deref(), asked.ending_on.as_deref())?;
    let filter = AccountFilter {
        tiers: words("--tier", &asked.tier)?,
        patterns: words("--pattern", &asked.pattern)?,
        search: asked.search.clone(),
        ..AccountFilter::default()
    };
    let clock = Clock::system();
    let ready = opening::open(settings, Schema::Expect, &clock).await?;
    let as_of = clock.now();
    let request = PortfolioRequest {
        period: period.unwrap_or(ready.policy.standard_period),
        ending_on: begun(ending_on, day_of(as_of, ready.zone))?,
        as_of,
        filter,
    };
    let report = portfolio_report(&ready.db, &Access::system(), &ready.policy, ready.zone, &request).await?;
    Ok(print(&report.report.markdown(&report.labels))?)
}

/// The flags that every report has.
fn span(
    period: Option<&str>,
    ending_on: Option<&str>,
) -> Result<(Option<Period>, Option<NaiveDate>), Failure> {
    let period = period
        .map(str::parse::<Period>)
        .transpose()
        .map_err(|error| Failure::setup(format!("--period: {error}")))?;
    let ending_on = ending_on.map(|day| parse_day("--ending-on", day)).transpose()?;
    Ok((period, ending_on))
}

/// A day that is not in the future; today unless said.
fn begun(ending_on: Option<NaiveDate>, today: NaiveDate) -> Result<NaiveDate, Failure> {
    match ending_on {
        Some(day) if day > today => Err(Failure::setup(format!(
            "--ending-on: {day} has not begun; today is {today}"
        ))),
        day => Ok(day.unwrap_or(today)),
    }
}

/// Words of an enumeration; none given = all.
fn words<T: FromStr<Err = UnknownWord>>(flag: &str, given: &[String]) -> Result<Option<Vec<T>>, Failure> {
    let parsed: Result<Vec<T>, UnknownWord> = given.iter().map(|word| word.parse()).collect();
    let parsed = parsed.map_err(|error| Failure::setup(format!("{flag}: {error}")))?;
    Ok((!parsed.is_empty()).then_some(parsed))
}
