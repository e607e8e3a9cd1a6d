//! `rapport demo`: from nothing to a running product in one command.
//!
//! The sample company is built in a file beside, and takes its place only when it is whole: whatever happens before
//! leaves nothing half done. The demo touches its own file and no other: one that holds anything else is left alone.

use std::path::Path;

use chrono::{DateTime, Days, DurationRound, NaiveDate, TimeDelta, Utc};
use clap::Args;
use engagement::windows::day_of;
use service::access::Access;
use service::clock::Clock;
use service::db::Db;
use service::db::backup::back_up;
use service::db::schema::check_schema;
use service::error::ServiceError;

use super::serve::{listen, serve_until};
use crate::command::data::recompute::score;
use crate::failure::Failure;
use crate::lifecycle::stop_on_signal;
use crate::opening::{self, Ready, Schema};
use crate::output::{complain, print};
use crate::sample;
use crate::settings::{Secret, Settings};

/// The demo's file, in the current directory: the one that every other command uses unless it is told otherwise.
const FILE: &str = "rapport.db";
/// Where the sample is built.
const UNFINISHED: &str = "rapport.db.unfinished";
/// Days that are scored one by one, and before them one a week.
const DAYS: u64 = 14;
const WEEKS: u64 = 12;
/// How long the administrator's token lives.
const TOKEN_LIFE: TimeDelta = TimeDelta::days(30);

/// Flags of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Start over with a new sample that ends yesterday
    #[arg(long)]
    fresh: bool,
}

/// Builds the sample where there is none, and serves it.
///
/// # Errors
/// When the port is busy, the file holds something else, or the server breaks.
pub async fn run(demo: &Demo, settings: &Settings) -> Result<(), Failure> {
    let stop = stop_on_signal()?;
    let listener = listen(settings)?;
    let clock = Clock::system();
    let elsewhere = opening::sqlite_file(settings.database_url.expose()) != Some(FILE);
    // The sample's people have no mailboxes: whatever mail server is set, theirs goes to files.
    let settings = Settings {
        database_url: Secret::new(format!("sqlite://{FILE}?mode=rw")),
        smtp: None,
        ..settings.clone()
    };
    // Stopped while it builds, it leaves what is unfinished to the next start.
    let Some(prepared) = Box::pin(stop.run_until_cancelled(prepare(demo, &settings, &clock))).await else {
        return Ok(());
    };
    prepared?;
    let ready = opening::open(&settings, Schema::Migrate, &clock).await?;
    let token = token_of_admin(&ready.db, &clock).await?;
    welcome(&ready, &settings, &clock, &token, elsewhere).await?;
    serve_until(listener, None, &ready, &settings, &clock, true, stop).await
}

/// Sees to it that the file is there and holds the sample.
async fn prepare(demo: &Demo, settings: &Settings, clock: &Clock) -> Result<(), Failure> {
    if Path::new(FILE).exists() {
        if !holds_sample(settings).await? {
            return Err(Failure::setup(format!(
                "./{FILE} holds data of its own and the demo leaves it alone: run the demo in another directory, or serve that data with `rapport serve`"
            )));
        }
        if !demo.fresh {
            return Ok(());
        }
    }
    remove(UNFINISHED)?;
    let building = Settings {
        database_url: Secret::new(format!("sqlite://{UNFINISHED}?mode=rwc")),
        ..settings.clone()
    };
    build(&building, clock).await?;
    remove(FILE)?;
    back_up(building.database_url.expose(), Path::new(FILE), false).await?;
    remove(UNFINISHED)
}

/// Whether the file holds the sample: its administrator is there. A file that cannot be read is none of ours.
async fn holds_sample(settings: &Settings) -> Result<bool, Failure> {
    let db = Db::connect(settings.database_url.expose()).await?;
    // A newer schema says so; an older one is still ours to look at, and brought up to date later.
    if let Err(error @ ServiceError::SchemaNewer { .. }) = check_schema(&db).await {
        return Err(error.into());
    }
    let admin = sample::ADMIN
        .parse()
        .map_err(|_| Failure::work("the sample's administrator has no address"))?;
    let found = matches!(
        service::record::user::find_by_email(&db, &Access::system(), &admin).await,
        Ok(Some(_))
    );
    db.close().await?;
    Ok(found)
}

/// Removes a database's files.
fn remove(file: &str) -> Result<(), Failure> {
    for suffix in ["", "-wal", "-shm"] {
        let path = format!("{file}{suffix}");
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::setup(format!("{path} cannot be removed: {error}")));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Builds the sample: migrated, imported, scored, closed.
async fn build(settings: &Settings, clock: &Clock) -> Result<(), Failure> {
    complain("Building the sample company: 60 accounts, 18 months …");
    // The company was there before this hour began, so that this hour's slots are owed: with them its digests.
    let founding = Clock::fixed(start_of_hour(clock.now()) - TimeDelta::seconds(1));
    let ready = opening::open(settings, Schema::Migrate, &founding).await?;
    let yesterday = before(day_of(clock.now(), ready.zone), 1);
    let (accounts, rows) = sample::import(&ready.db, &founding, ready.zone, yesterday).await?;
    sample::want_digests(&ready.db, &founding, clock.now()).await?;
    complain(&format!(
        "  {rows} rows of {accounts} accounts imported, scoring the last {WEEKS} weeks …"
    ));
    for day in scored_days(yesterday) {
        score(&ready, clock, day, |_| {}).await?;
    }
    Ok(ready.db.close().await?)
}

/// The days that get scores, oldest first: Sundays, then every day of the last two weeks, and today.
fn scored_days(yesterday: NaiveDate) -> Vec<NaiveDate> {
    let weekly = (1..=WEEKS)
        .rev()
        .map(|week| before(yesterday, week * 7))
        .filter(|day| *day < before(yesterday, DAYS - 1));
    let daily = (0..DAYS).rev().map(|days| before(yesterday, days));
    weekly.chain(daily).chain(yesterday.succ_opt()).collect()
}

/// When the hour of an instant began, in every zone that is whole hours from UTC.
fn start_of_hour(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at)
}

fn before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

async fn token_of_admin(db: &Db, clock: &Clock) -> Result<String, Failure> {
    let gone = || Failure::work("the sample's administrator is gone; `rapport demo --fresh` starts over");
    let email = sample::ADMIN.parse().map_err(|_| gone())?;
    let access = Access::system();
    let admin = service::record::user::find_by_email(db, &access, &email)
        .await?
        .ok_or_else(gone)?;
    Ok(service::token::create(
        db,
        clock,
        &access,
        admin.id,
        "demo",
        Some(clock.now() + TOKEN_LIFE),
    )
    .await?
    .secret)
}

/// Says what there is to see.
async fn welcome(
    ready: &Ready,
    settings: &Settings,
    clock: &Clock,
    token: &str,
    elsewhere: bool,
) -> Result<(), Failure> {
    let url = &settings.public_url;
    // As it was called: started by cargo, the binary is not on the path.
    let program = std::env::args().next().unwrap_or_else(|| "rapport".to_owned());
    let today = day_of(clock.now(), ready.zone);
    let place = if elsewhere {
        format!(" --database-url sqlite://{FILE}")
    } else {
        String::new()
    };
    let missing =
        service::scoring::assessment::missing_on(&ready.db, &Access::system(), before(today, 8)).await?;
    let outbox = settings.outbox_dir.join("*.eml");
    let outbox = outbox.display();
    let old = if missing.is_empty() {
        ""
    } else {
        "\nThe sample is of an earlier day; `rapport demo --fresh` makes one that ends yesterday.\n"
    };
    Ok(print(&format!(
        r#"
Rapport is running with a sample company: 60 accounts, 18 months of history, in ./{FILE}
{old}
  Explore     {url}/          GraphiQL, with example queries
  API         {url}/graphql
  Health      {url}/readyz
  Mail        {outbox}  this week's digests, within a minute of the first start; any mail program opens them

  Token of the administrator (30 days); in GraphiQL it goes into the headers pane:
  {{"Authorization": "Bearer {token}"}}

Five things to try next, in another terminal:

  1. Read a report: a quiet decline that nobody complained about
     {program} report engagement harlan-voss{place}

     Ten others of whom a score alone says the wrong thing: falcon-ridge-mining (bought, and the sponsor declines), cielo-telecom
     (hangs on one person), tamarind-software (a storm of support requests), sakura-mobility (a new sponsor who is cold),
     banyan-hotels (between seasons), mistral-wines (small, rarely met), wexford-robotics (new), hartmann-tools (served by a
     partner), juniper-apparel (calls with nobody), granite-peak-outfitters (whoever looked after them has left us)

  2. Ask about a sponsor: one who delegates (also: brightwater-logistics has a champion, alder-grove-health a silent one,
     castellan-energy lost theirs, kestrel-aviation has no backup, vantage-mutual a new one, rosenfeld-pharma got a ticket)
     {program} report sponsor hoshino-precision{place}

  3. Ask who is at risk, the next renewal first, and why
     curl -s {url}/graphql -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \
       -d '{{"query":"{{ accounts(first: 5, filter: {{standing: [AT_RISK]}}, orderBy: {{field: RENEWAL_DATE, direction: ASC}}) {{ totalCount edges {{ node {{ name engagement {{ overall }} standing {{ reasons {{ message }} }} }} }} }} }}"}}'

  4. Let a sponsor leave, and read the mail that everybody concerned has a second later: the last example in GraphiQL

  5. See what the worker does, and what it has sent
     {program} jobs{place}
     {program} mail list{place}

Ctrl-C stops it; running it again goes on with the same file."#
    ))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_begins_at_its_first_second() {
        let hour = |text: &str| start_of_hour(text.parse().unwrap()).to_rfc3339();
        assert_eq!(hour("2026-11-20T08:59:59.999999Z"), "2026-11-20T08:00:00+00:00");
        assert_eq!(hour("2026-11-20T09:00:00Z"), "2026-11-20T09:00:00+00:00");
    }

    #[test]
    fn twelve_weeks_by_week_and_two_by_day() {
        let days = scored_days("2026-11-19".parse().unwrap());
        assert!(days.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(
            days.first().map(ToString::to_string).as_deref(),
            Some("2026-08-27")
        );
        assert_eq!(
            days.last().map(ToString::to_string).as_deref(),
            Some("2026-11-20")
        );
        assert_eq!(days.len(), 11 + 14 + 1);
    }
}
