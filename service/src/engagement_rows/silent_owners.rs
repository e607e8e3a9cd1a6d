//! Who of us has stopped recording (`data.owner_silent`, docs/scoring.md § 8), and of which accounts nothing is known for that
//! reason: read as of an evaluation's windows, so that a report of a past day sees what held then.
//!
//! What it costs: once for an evaluation, whatever its number of accounts, one look for each user into the index over
//! (owner, time); and, where somebody has recorded nothing for three weeks, the index entries of their last year. For a batch
//! nothing, unless accounts of it lie as still as somebody who is silent: then one statement reads 90 days of those accounts.
//! No table is read from end to end.

use std::collections::{HashMap, HashSet};

use chrono::{Days, Months, NaiveDate};
use engagement::alert::Condition;
use engagement::guardrail::owner_silent::{FEED_DAYS, MINIMUM_DAYS, MONTHS, OwnedDay, Silence, check};
use engagement::id::UserId;
use engagement::row::AccountRows;
use engagement::vocabulary::InteractionStatus;
use engagement::windows::{Windows, start_of_day};
use sea_orm::{ConnectionTrait, DbErr, Statement};
use serde_json::json;
use uuid::Uuid;

use crate::clock::instant;
use crate::error::{During, ServiceError};
use crate::sql::dialect::{user_parts, users_since};

/// A quarter of an hour, in microseconds. In every zone days begin at the full quarter of an hour.
const QUARTER: i64 = 15 * 60 * 1_000_000;

/// Those who are silent at the end of an evaluation's windows.
#[derive(Debug, Clone, Default)]
pub(crate) struct SilentOwners(Vec<SilentOwner>);

#[derive(Debug, Clone)]
struct SilentOwner {
    user: UserId,
    name: String,
    silence: Silence,
}

/// Every user with the last interaction that is theirs and a fact, from $1 until before $2.
const LAST_OWNED: &str = "
    SELECT u.id, u.name, (
        SELECT i.occurred_at FROM interaction i
        WHERE i.owner_id = u.id AND i.occurred_at >= $1 AND i.occurred_at < $2 AND i.status <> 'SCHEDULED'
        ORDER BY i.occurred_at DESC LIMIT 1)
    FROM app_user u ORDER BY u.id";

impl SilentOwners {
    /// Finds them. At most two statements.
    pub(crate) async fn read(db: &impl ConnectionTrait, windows: &Windows) -> Result<Self, ServiceError> {
        let quiet = quiet_users(db, windows).await?;
        if quiet.is_empty() {
            return Ok(Self::default());
        }
        let owned = owned_days(db, windows, &quiet).await?;
        let silent = |one: Quiet| {
            let silence = check(owned.get(&one.user)?, windows.ending_on)?;
            Some(SilentOwner {
                user: one.user.into(),
                name: one.name,
                silence,
            })
        };
        Ok(Self(quiet.into_iter().filter_map(silent).collect()))
    }

    /// What their managers are told.
    pub(crate) fn conditions(&self, ending_on: NaiveDate) -> Vec<Condition> {
        self.0
            .iter()
            .map(|one| one.silence.condition(one.user, &one.name, ending_on))
            .collect()
    }

    /// Says of accounts whose contact feed is silent that it is. No statement where none can be, else one.
    pub(crate) async fn mark(
        &self,
        db: &impl ConnectionTrait,
        windows: &Windows,
        rows: &mut [AccountRows],
    ) -> Result<(), ServiceError> {
        if self.0.is_empty() {
            return Ok(());
        }
        // Nobody has followed after whoever is silent: then the account's last interaction is one of the days that are
        // looked at.
        let mut spans = Vec::new();
        for rows in rows.iter() {
            let facts = rows
                .interactions
                .iter()
                .filter(|one| one.status != InteractionStatus::Scheduled && one.occurred_at < windows.at);
            let Some(last) = facts
                .map(|one| one.occurred_at)
                .max()
                .map(|last| windows.day_of(last))
            else {
                continue;
            };
            for one in &self.0 {
                let from = one
                    .silence
                    .last_on
                    .checked_sub_days(Days::new(FEED_DAYS))
                    .unwrap_or(NaiveDate::MIN);
                if from <= last && last <= one.silence.last_on {
                    let past = one.silence.last_on.succ_opt().unwrap_or(NaiveDate::MAX);
                    let bounds = [from, past]
                        .map(|day| start_of_day(day, windows.zone).min(windows.at).timestamp_micros());
                    spans.push(json!([
                        rows.account.id.uuid().simple().to_string(),
                        one.user.uuid().simple().to_string(),
                        bounds[0],
                        bounds[1]
                    ]));
                }
            }
        }
        if spans.is_empty() {
            return Ok(());
        }
        let silent = mostly_theirs(db, spans).await?;
        for rows in rows {
            rows.contact_feed_silent = silent.contains(&rows.account.id.uuid());
        }
        Ok(())
    }
}

/// A user who has recorded nothing for a while.
struct Quiet {
    user: Uuid,
    name: String,
    /// The first day that can count.
    from: NaiveDate,
}

/// Users whose last own interaction in history is so long ago that they may be silent.
async fn quiet_users(db: &impl ConnectionTrait, windows: &Windows) -> Result<Vec<Quiet>, ServiceError> {
    let operation = "reading who has recorded last when";
    let bounds = [windows.history_start, windows.at].map(|at| at.timestamp_micros().into());
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(
            db.get_database_backend(),
            LAST_OWNED,
            bounds,
        ))
        .await
        .during(operation)?;
    let mut quiet = Vec::new();
    for row in rows {
        let last: Option<i64> = row.try_get_by_index(2).during(operation)?;
        let Some(last) = last.map(|last| windows.day_of(instant(last))) else {
            continue;
        };
        if windows.days_since(last) >= MINIMUM_DAYS {
            let year = last
                .checked_sub_months(Months::new(MONTHS))
                .unwrap_or(NaiveDate::MIN);
            quiet.push(Quiet {
                user: row.try_get_by_index(0).during(operation)?,
                name: row.try_get_by_index(1).during(operation)?,
                from: year.max(windows.history_start_day),
            });
        }
    }
    Ok(quiet)
}

/// What these users owned in their last year: each quarter of an hour and account once.
async fn owned_days(
    db: &impl ConnectionTrait,
    windows: &Windows,
    quiet: &[Quiet],
) -> Result<HashMap<Uuid, Vec<OwnedDay>>, ServiceError> {
    let operation = "reading what was recorded by whom";
    let users = users_since(db.get_database_backend());
    let statement = format!(
        "SELECT DISTINCT i.owner_id, i.account_id, i.occurred_at / $3 FROM {users} CROSS JOIN interaction i
        WHERE i.owner_id = since.user_id AND i.occurred_at >= since.first AND i.occurred_at < $2 AND i.status <> 'SCHEDULED'"
    );
    let from = |one: &Quiet| start_of_day(one.from, windows.zone).timestamp_micros();
    let list: Vec<_> = quiet
        .iter()
        .map(|one| json!([one.user.simple().to_string(), from(one)]))
        .collect();
    let values = [
        serde_json::Value::from(list).to_string().into(),
        windows.at.timestamp_micros().into(),
        QUARTER.into(),
    ];
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(
            db.get_database_backend(),
            statement,
            values,
        ))
        .await
        .during(operation)?;
    let mut owned: HashMap<Uuid, Vec<OwnedDay>> = HashMap::new();
    for row in rows {
        let (account, quarter): (Uuid, i64) = (
            row.try_get_by_index(1).during(operation)?,
            row.try_get_by_index(2).during(operation)?,
        );
        let on = windows.day_of(instant(quarter * QUARTER));
        owned
            .entry(row.try_get_by_index(0).during(operation)?)
            .or_default()
            .push(OwnedDay {
                on,
                account: account.into(),
            });
    }
    Ok(owned)
}

/// The accounts of which more than half of what is a fact in a span is a user's, of a list of [account, user, first, past].
/// What nobody owns is somebody else's.
async fn mostly_theirs(
    db: &impl ConnectionTrait,
    spans: Vec<serde_json::Value>,
) -> Result<HashSet<Uuid>, ServiceError> {
    let operation = "reading whose contact feeds are silent";
    let parts = user_parts(db.get_database_backend());
    let statement = format!(
        "SELECT DISTINCT part.account_id FROM {parts} WHERE (
            SELECT sum(CASE WHEN i.owner_id = part.user_id THEN 1 ELSE -1 END) FROM interaction i
            WHERE i.account_id = part.account_id AND i.occurred_at >= part.first AND i.occurred_at < part.past AND i.status <> 'SCHEDULED') > 0"
    );
    let values = [serde_json::Value::from(spans).to_string().into()];
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(
            db.get_database_backend(),
            statement,
            values,
        ))
        .await
        .during(operation)?;
    rows.iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, DbErr>>()
        .during(operation)
}
