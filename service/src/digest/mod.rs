//! The weekly digest: who is due one, what it says, and its place in the outbox.
//!
//! Which accounts a digest is about is decided for its reader as of that moment (`access`), and so is what it tells. Names of
//! contacts are read again when it is sent. Readers are taken in batches, and everything a batch needs is read at once: the number of statements depends on the number of batches,
//! never on the number of accounts. What became of a week is written together with the mail, in one transaction.

mod batches;
mod facts;
mod reading;
mod roster;
mod settled;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, UserId};
use engagement::policy::Policy;
use engagement::report::digest::{AccountFacts, Digest, DigestFacts, NothingToSay, PersonFacts, compose};
use engagement::schedule::Verdict;
use engagement::schedule::digest::{DigestSlot, DigestTime, Week, due};
use engagement::windows::day_of;

use crate::access::Access;
use crate::db::{Db, Tx};
use crate::error::ServiceError;
use crate::outbox::{NewMessage, OutboxContext, enqueue};
use crate::record::user::User;
use facts::Facts;
use reading::Span;
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

impl DigestSettings {
    /// The day of an instant, in the organisation's zone.
    fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        day_of(at, self.zone)
    }
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
    /// Digests that could not be made; the log says why, and the next run tries again.
    pub failed: u64,
}

/// When a user wants their digest.
pub fn time_of(user: &User, organisation: Tz) -> DigestTime {
    let zone = user.digest.zone.or(user.time_zone).unwrap_or(organisation);
    DigestTime {
        day: user.digest.day,
        hour: user.digest.hour,
        zone,
    }
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

/// Puts the digests that are due into the outbox, a batch of readers in one transaction, and writes down which weeks are
/// settled by that, by having nothing to say, or by being too late. Run twice, or by two at once, each week is settled once.
///
/// # Errors
/// Those of the database; batches that were written before stay. A reader whose digest cannot be made keeps no other from
/// theirs.
pub async fn queue_due(
    db: &Db,
    settings: &DigestSettings,
    now: DateTime<Utc>,
) -> Result<DigestCounts, ServiceError> {
    let (roster, told) = (Roster::read(db).await?, settled::read(db, now).await?);
    let due = look(&roster, &told, settings, now);
    let mut counts = DigestCounts::default();
    settle(
        db,
        now,
        due.missed
            .into_iter()
            .map(|(user, slot)| (user, slot, Settlement::Missed))
            .collect(),
        &mut counts,
    )
    .await?;
    for same_day in due
        .run
        .chunk_by(|(a, _), (b, _)| settings.day(a.since_at) == settings.day(b.since_at))
    {
        for batch in same_day.chunks(BATCH) {
            match queue(db, &roster, settings, now, batch, &mut counts).await {
                // A value that this binary does not know, or the like: whose digest it keeps from being made is found one by one.
                Err(error) if !error.is_passing() => {
                    for (place, (asked, _)) in batch.iter().enumerate() {
                        match queue(db, &roster, settings, now, &batch[place..=place], &mut counts).await {
                            Err(error) if error.is_passing() => return Err(error),
                            Err(error) => {
                                tracing::error!(user = %asked.reader.id, error = &error as &dyn std::error::Error, "a digest cannot be made");
                                counts.failed += 1;
                            }
                            Ok(()) => {}
                        }
                    }
                }
                done => done?,
            }
        }
    }
    Ok(counts)
}

async fn queue(
    db: &Db,
    roster: &Roster,
    settings: &DigestSettings,
    now: DateTime<Utc>,
    batch: &[(Asked<'_>, DigestSlot)],
    counts: &mut DigestCounts,
) -> Result<(), ServiceError> {
    let Some((first, _)) = batch.first() else {
        return Ok(());
    };
    let asked: Vec<Asked<'_>> = batch.iter().map(|(asked, _)| *asked).collect();
    let made = make(db, roster, settings, now, settings.day(first.since_at), &asked).await?;
    let settled = made.into_iter().zip(batch).map(|((user, made), (asked, slot))| {
        let settlement = match made {
            Ok(digest) => Settlement::Queued(asked.reader.email.clone(), Box::new(digest)),
            Err(reason) => {
                tracing::debug!(user = %user, week = %slot.week, %reason, "no digest");
                Settlement::Empty
            }
        };
        (user, *slot, settlement)
    });
    settle(db, now, settled.collect(), counts).await
}

/// What becomes of a digest.
enum Settlement {
    Queued(EmailAddress, Box<Digest>),
    Empty,
    Missed,
}

impl Settlement {
    const fn outcome(&self) -> Outcome {
        match self {
            Self::Queued(..) => Outcome::Queued,
            Self::Empty => Outcome::Empty,
            Self::Missed => Outcome::Missed,
        }
    }
}

/// Settles weeks and queues the mails, in one transaction. What somebody else has settled meanwhile is left alone.
async fn settle(
    db: &Db,
    now: DateTime<Utc>,
    digests: Vec<(UserId, DigestSlot, Settlement)>,
    counts: &mut DigestCounts,
) -> Result<(), ServiceError> {
    if digests.is_empty() {
        return Ok(());
    }
    let mut rows: Vec<_> = digests
        .iter()
        .map(|(user, slot, settlement)| (*user, *slot, settlement.outcome()))
        .collect();
    // In one order, so that of two workers who settle the same weeks none waits for the other while that one waits for it.
    rows.sort_by_key(|(user, slot, _)| (*user, slot.week));
    let settle = async |tx: &Tx| {
        let mut done = DigestCounts::default();
        let ours: HashSet<(UserId, Week)> = settled::settle(tx, now, &rows).await?.into_iter().collect();
        let mut messages = Vec::new();
        for (user, slot, settlement) in digests
            .iter()
            .filter(|(user, slot, _)| ours.contains(&(*user, slot.week)))
        {
            match settlement {
                Settlement::Queued(recipient, digest) => messages.push(NewMessage {
                    natural_key: format!("digest:{user}:{}", slot.week),
                    recipient: recipient.clone(),
                    user: Some(*user),
                    account: None,
                    alert: None,
                    context: OutboxContext::WeeklyDigest(Box::new(digest.without_names())),
                    due_at: None,
                }),
                Settlement::Empty => done.empty += 1,
                Settlement::Missed => done.missed += 1,
            }
        }
        done.queued += enqueue(tx, now, messages).await?.len() as u64;
        Ok((done, ours))
    };
    let (done, ours) = db.write_tx(settle).await?;
    for (user, slot, settlement) in &digests {
        if matches!(settlement, Settlement::Missed) && ours.contains(&(*user, slot.week)) {
            tracing::warn!(%user, week = %slot.week, due_at = %slot.at, "digest missed: too late to make up for");
        }
    }
    counts.queued += done.queued;
    counts.empty += done.empty;
    counts.missed += done.missed;
    Ok(())
}

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
    if !crate::record::user::by_ids(db, access, &[user])
        .await?
        .contains_key(&user)
    {
        return Ok(None);
    }
    let roster = Roster::read(db).await?;
    let told = settled::read(db, now).await?;
    let Some(reader) = roster.find(user) else {
        return Ok(None);
    };
    let week = Week::of(day_of(now, time_of(reader, settings.zone).zone));
    // What was told in this week already is told again.
    let before = told
        .get(&user)
        .filter(|told| told.week.is_some_and(|told| told < week));
    let asked = Asked {
        reader,
        week,
        since_at: since_at(before, now),
    };
    let since = settings.day(asked.since_at);
    Ok(make(db, &roster, settings, now, since, &[asked])
        .await?
        .pop()
        .map(|(_, digest)| digest))
}

/// Since when a digest tells.
fn since_at(told: Option<&Told>, now: DateTime<Utc>) -> DateTime<Utc> {
    told.and_then(|told| told.at)
        .unwrap_or(now - Days::new(FIRST_DAYS))
        .clamp(now - Days::new(LONGEST_DAYS), now)
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
    let wanted: BTreeSet<AccountId> = readers
        .iter()
        .flat_map(|reader| teams.seen_below(roster, reader, reader.id))
        .collect();
    let wanted: Vec<AccountId> = wanted.into_iter().collect();
    let span = Span {
        now,
        today: settings.day(now),
        since,
    };
    let facts = facts::read(db, &settings.policy, settings.zone, span, &wanted).await?;
    Ok(asked
        .iter()
        .map(|asked| {
            (
                asked.reader.id,
                write(roster, &teams, settings, span, &facts, asked),
            )
        })
        .collect())
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
        teams
            .seen_below(roster, reader, user)
            .iter()
            .filter_map(|id| facts.accounts.get(id))
            .collect()
    };
    let people: Vec<PersonFacts<'_>> = roster
        .reports(reader.id)
        .map(|person| PersonFacts {
            name: &person.name,
            accounts: below(person.id),
        })
        .collect();
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
    missed: Vec<(UserId, DigestSlot)>,
}

fn look<'a>(
    roster: &'a Roster,
    told: &HashMap<UserId, Told>,
    settings: &DigestSettings,
    now: DateTime<Utc>,
) -> Due<'a> {
    let mut found = Due {
        run: vec![],
        missed: vec![],
    };
    for reader in roster.readers() {
        let known = told.get(&reader.id);
        let owed_since = settings
            .installed_at
            .max(reader.created_at)
            .max(reader.digest_changed_at.unwrap_or(reader.created_at));
        let settled = known.and_then(|told| told.week);
        let Some(slot) = due(&time_of(reader, settings.zone), settled, owed_since, now) else {
            continue;
        };
        match slot.verdict {
            Verdict::Run => found.run.push((
                Asked {
                    reader,
                    week: slot.week,
                    since_at: since_at(known, now),
                },
                slot,
            )),
            Verdict::Missed => found.missed.push((reader.id, slot)),
        }
    }
    found.run.sort_by_key(|(asked, _)| settings.day(asked.since_at));
    found
}
