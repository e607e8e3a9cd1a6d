//! The sample company's book: sixty customers, eighteen months (one has more, for its seasons), stories that scoring has
//! to find by itself.
//!
//! It depends on its last day and on nothing else; each customer has a seed of their own, so that a change to one story
//! leaves the others as they are. It comes in like anybody's rows, through import.

mod company;
mod conversation;
mod event;
mod history;
mod incident;
mod organisation;
mod people;
mod profile;
mod rhythm;
mod row;
mod story;
mod team;
mod usage;

use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use engagement::policy::Policy;
use engagement::schedule::digest::Week;
use engagement::vocabulary::Weekday;
use service::access::Access;
use service::clock::Clock;
use service::db::Db;
use service::error::with_causes;
use service::ingest::{self, Cell, ImportOptions, InMemory, Issue, Progress, Target};
use service::record::digest_preferences::DigestChange;
use service::settings::Settings;

use crate::failure::Failure;

pub use row::File;
pub use team::ADMIN;

use company::COMPANIES;
use history::Historian;
use people::roster;
use profile::Profile;
use row::RowWriter;
use story::Story;
use team::Team;

/// Days after which nothing more is heard of the one that left.
const CHURNED: i64 = 44;

/// Brings the sample into a database, the way every import goes. Returns how many accounts and rows that were.
///
/// # Errors
/// When the database does not take it, or a row of the sample is not good.
pub async fn import(
    db: &Db,
    clock: &Clock,
    zone: Tz,
    ending_on: NaiveDate,
) -> Result<(usize, usize), Failure> {
    let broken = |reason: String| Failure::work(format!("the sample company is broken: {reason}"));
    let mut source = InMemory::new();
    let (mut accounts, mut rows) = (0, 0);
    for file in files(ending_on) {
        let target = Target::ALL
            .iter()
            .copied()
            .find(|target| target.name() == file.name);
        let target = target.ok_or_else(|| broken(format!("there is no import file {}", file.name)))?;
        rows += file.rows.len();
        if target == Target::Accounts {
            accounts = file.rows.len();
        }
        for row in file.rows {
            source
                .push(
                    target,
                    row.into_iter().map(|(column, value)| (column, Cell::Text(value))),
                )
                .map_err(broken)?;
        }
    }
    let settings = Settings::new(Policy::default(), zone);
    let options = ImportOptions {
        settings,
        ..ImportOptions::default()
    };
    let complaints = Complaints::default();
    let summary = ingest::import(
        db,
        &Access::system(),
        clock,
        Arc::new(source),
        &options,
        &complaints,
    )
    .await
    .map_err(|error| Failure::work(with_causes(&error)))?;
    let complaints = complaints.0.into_inner().unwrap_or_default();
    match (summary.is_clean(), complaints.first()) {
        (true, None) => Ok((accounts, rows)),
        (_, Some(first)) => Err(broken(format!("{first} ({} in all)", complaints.len()))),
        (false, None) => Err(broken("a file was refused".to_owned())),
    }
}

/// Lets everybody's weekly digest be one of the hour that an instant lies in: on that day, at that hour, by their own clock. They
/// say so by a clock of before that hour.
///
/// # Errors
/// When the database does not take it, or somebody of the sample is not there.
pub async fn want_digests(db: &Db, founding: &Clock, now: DateTime<Utc>) -> Result<(), Failure> {
    let access = Access::system();
    for (email, zone) in team::readers() {
        let broken = || Failure::work(format!("the sample company is broken: {email} in {zone}"));
        let (address, zone) = (
            email.parse().map_err(|_| broken())?,
            zone.parse::<Tz>().map_err(|_| broken())?,
        );
        let user = service::record::user::find_by_email(db, &access, &address)
            .await?
            .ok_or_else(broken)?;
        let local = now.with_timezone(&zone);
        let week = Week::of(local.date_naive());
        let day = Weekday::ALL
            .iter()
            .copied()
            .find(|day| week.day(*day) == Some(local.date_naive()));
        let change = DigestChange {
            day,
            hour: u8::try_from(local.hour()).ok(),
            ..DigestChange::default()
        };
        service::record::digest_preferences::set(
            db,
            &Access::of(user.id, user.role),
            founding.now(),
            user.id,
            &change,
        )
        .await?;
    }
    Ok(())
}

/// What import had to say about rows: of the sample, nothing.
#[derive(Debug, Default)]
struct Complaints(Mutex<Vec<String>>);

impl Progress for Complaints {
    fn issue(&self, issue: &Issue) {
        if let Ok(mut complaints) = self.0.lock() {
            complaints.push(format!(
                "{} row {}, {}: {}",
                issue.file, issue.line, issue.column, issue.reason
            ));
        }
    }
}

/// All files of the sample, in the order of import.
pub fn files(ending_on: NaiveDate) -> Vec<File> {
    let mut accounts = Vec::new();
    let mut teams = Vec::new();
    let mut contacts = Vec::new();
    let mut sponsorships = Vec::new();
    let mut interactions = Vec::new();
    let mut usages = Vec::new();
    let (mut metrics, mut goals, mut initiatives, mut org_changes, mut outcomes) =
        (vec![], vec![], vec![], vec![], vec![]);
    for (number, company) in (0_u64..).zip(&COMPANIES) {
        let mut random = fastrand::Rng::with_seed(0x5eed_0000 + number);
        let account = company.external_id();
        let people = roster(company, &mut random);
        let team = Team::of(number as usize, company);
        let phases = company.story.phases();
        let last_day_ago = if company.story == Story::Churned {
            CHURNED + 1
        } else {
            0
        };
        let named = company.story != Story::UsageOnly;
        let profile = Profile {
            company,
            account: &account,
            people: &people,
            ending_on,
            number,
        };

        accounts.push(profile.account());
        teams.extend(team.members().into_iter().map(|(user, role)| {
            RowWriter::default()
                .field("account_external_id", &account)
                .field("user_email", user)
                .field("team_role", role)
                .done()
        }));
        // Whom nobody has ever talked to is not in the books.
        if named {
            contacts.extend(profile.contacts());
        }
        sponsorships.extend(profile.sponsorships());
        let owner = team.owner();
        let historian = Historian::new(company, (&account, &owner), &people, ending_on, random.fork());
        interactions.extend(historian.write(&phases, last_day_ago));
        usages.extend(usage::rows(
            &account,
            company,
            &people,
            &phases,
            (ending_on, last_day_ago, named),
            &mut random,
        ));
        metrics.extend(profile.metrics());
        goals.extend(profile.goals());
        initiatives.extend(profile.initiatives());
        org_changes.extend(profile.org_changes());
        outcomes.extend(profile.outcomes());
    }
    let features = usage::FEATURES
        .iter()
        .map(|(key, name)| {
            RowWriter::default()
                .field("feature", key)
                .field("name", name)
                .done()
        })
        .collect();
    vec![
        team::users(),
        File {
            name: "accounts",
            rows: accounts,
        },
        File {
            name: "teams",
            rows: teams,
        },
        File {
            name: "contacts",
            rows: contacts,
        },
        File {
            name: "sponsorships",
            rows: sponsorships,
        },
        File {
            name: "features",
            rows: features,
        },
        File {
            name: "interactions",
            rows: interactions,
        },
        File {
            name: "usage",
            rows: usages,
        },
        File {
            name: "metrics",
            rows: metrics,
        },
        File {
            name: "goals",
            rows: goals,
        },
        File {
            name: "initiatives",
            rows: initiatives,
        },
        File {
            name: "org_changes",
            rows: org_changes,
        },
        File {
            name: "outcomes",
            rows: outcomes,
        },
    ]
}

#[cfg(test)]
mod spoken;
#[cfg(test)]
mod tests;
