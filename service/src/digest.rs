//! The weekly digest: who is due one, what it says, and its place in the outbox.
//!
//! Which accounts a digest is about is decided for its reader as of that moment (`access`), and so is what it tells. Readers are taken
//! in batches, and everything a batch needs is read at once: the number of statements depends on the number of batches,
//! never on the number of accounts. What became of a week is written together with the mail, in one transaction.

mod facts;
mod roster;
mod settled;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use engagement::id::{AccountId, UserId};
use engagement::policy::Policy;
use engagement::report::digest::{AccountFacts, Digest, DigestFacts, NothingToSay, PersonFacts, compose};
use engagement::schedule::Verdict;
use engagement::schedule::digest::{DigestSlot, DigestTime, Week, due};
use engagement::windows::day_of;

use crate::access::Access;
use crate::db::Db;
use crate::error::ServiceError;
use crate::user::User;
use facts::{Facts, Span};
use roster::{Roster, Teams};
use settled::{Outcome, Told};

/// Readers of a batch.
const BATCH: usize = 100;
/// How far back a digest tells at most, for somebody whose last one is long ago.
const LONGEST_DAYS: u64 = 28;
/// How far back the first digest of somebody tells.
const FIRST_DAYS: u64 = 7;

/// What digests depend on beside the database.
#[derive(Debug, Clone)]
pub struct DigestSettings {
    /// The policy in force.
    pub policy: Arc<Policy>,
    /// The organisation's zone.
    pub zone: Tz,
    /// Since when the installation is there: it owes no digest from before.
    pub installed_at: DateTime<Utc>,
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DigestCounts {
    /// Digests that were put into the outbox.
    pub queued: u64,
    /// Digests with nothing to say.
    pub empty: u64,
    /// Digests whose time was too long ago.
    pub missed: u64,
}

/// When a user wants their digest.
pub fn time_of(user: &User, organisation: Tz) -> DigestTime {
    let zone = user.digest.zone.or(user.time_zone).unwrap_or(organisation);
    DigestTime { day: user.digest.day, hour: user.digest.hour, zone }
}

/// A reader whose digest is to be made.
#[derive(Clone, Copy)]
struct Asked<'a> {
    reader: &'a User,
    week: Week,
    /// When they were told last.
    since_at: DateTime<Utc>,
}

/// A digest, or why there is none.
type Made = (UserId, Result<Digest, NothingToSay>);

/// The digest that a user would get now, whatever they got before in this week; none where there is no such user, or the
/// asker may not see them.
///
/// # Errors
/// Those of the database.
pub async fn preview(
    db: &Db,
    access: &Access,
    settings: &DigestSettings,
    now: DateTime<Utc>,
    user: UserId,
) -> Result<Option<Result<Digest, NothingToSay>>, ServiceError> {
    if !crate::user::by_ids(db, access, &[user]).await?.contains_key(&user) {
        return Ok(None);
    }
    let roster = Roster::read(db).await?;
    let told = settled::read(db, now).await?;
    let Some(reader) = roster.find(user) else { return Ok(None) };
    let week = Week::of(day_of(now, time_of(reader, settings.zone).zone));
    // What was told in this week already is told again.
    let before = told.get(&user).filter(|told| told.week.is_some_and(|told| told < week));
    let asked = Asked { reader, week, since_at: since_at(before, now) };
    let since = day_of(asked.since_at, settings.zone);
    Ok(make(db, &roster, settings, now, since, &[asked]).await?.pop().map(|(_, digest)| digest))
}

/// Since when a digest tells.
fn since_at(told: Option<&Told>, now: DateTime<Utc>) -> DateTime<Utc> {
    told.and_then(|told| told.at).unwrap_or(now - Days::new(FIRST_DAYS)).clamp(now - Days::new(LONGEST_DAYS), now)
}

/// Makes the digests of readers who were told last on the same day.
async fn make(
    db: &Db,
    roster: &Roster,
    settings: &DigestSettings,
    now: DateTime<Utc>,
    since: NaiveDate,
    asked: &[Asked<'_>],
) -> Result<Vec<Made>, ServiceError> {
    let readers: Vec<&User> = asked.iter().map(|asked| asked.reader).collect();
    let teams = roster.teams(db, &readers).await?;
    let wanted: BTreeSet<AccountId> = readers.iter().flat_map(|reader| teams.seen_below(roster, reader, reader.id)).collect();
    let wanted: Vec<AccountId> = wanted.into_iter().collect();
    let span = Span { now, today: day_of(now, settings.zone), since };
    let facts = facts::read(db, &settings.policy, settings.zone, span, &wanted).await?;
    Ok(asked.iter().map(|asked| (asked.reader.id, write(roster, &teams, settings, span, &facts, asked))).collect())
}

fn write(
    roster: &Roster,
    teams: &Teams,
    settings: &DigestSettings,
    span: Span,
    facts: &Facts,
    asked: &Asked<'_>,
) -> Result<Digest, NothingToSay> {
    let reader = asked.reader;
    let below = |user: UserId| -> Vec<&AccountFacts> {
        teams.seen_below(roster, reader, user).iter().filter_map(|id| facts.accounts.get(id)).collect()
    };
    let people: Vec<PersonFacts<'_>> =
        roster.reports(reader.id).map(|person| PersonFacts { name: &person.name, accounts: below(person.id) }).collect();
    compose(&DigestFacts {
        reader: &reader.name,
        week: asked.week,
        day: span.today,
        zone: time_of(reader, settings.zone).zone,
        since: span.since,
        since_at: asked.since_at,
        accounts: &below(reader.id),
        people: &people,
        names: &facts.names,
        planned: &facts.planned,
        policy: &settings.policy,
    })
}

/// Who is due a digest, by the day on which they were told last; and whose was missed.
struct Due<'a> {
    run: Vec<(Asked<'a>, DigestSlot)>,
    missed: Vec<(UserId, DigestSlot, Outcome)>,
}

fn look<'a>(roster: &'a Roster, told: &HashMap<UserId, Told>, settings: &DigestSettings, now: DateTime<Utc>) -> Due<'a> {
    let mut found = Due { run: vec![], missed: vec![] };
    for reader in roster.readers().filter(|reader| !reader.digest.off) {
        let known = told.get(&reader.id);
        let owed_since = settings.installed_at.max(reader.created_at);
        let settled = known.and_then(|told| told.week);
        let Some(slot) = due(&time_of(reader, settings.zone), settled, owed_since, now) else { continue };
        match slot.verdict {
            Verdict::Run => found.run.push((Asked { reader, week: slot.week, since_at: since_at(known, now) }, slot)),
            Verdict::Missed => found.missed.push((reader.id, slot, Outcome::Missed)),
        }
    }
    found.run.sort_by_key(|(asked, _)| day_of(asked.since_at, settings.zone));
    found
}
