//! Claiming: rows that are due become one worker's for a minute. Any number of workers may claim at once, none waits for
//! another, and a row whose worker has died is free again when its lease runs out. Leases are counted by the clock that all
//! workers share ([`crate::db::shared_clock`]).

use chrono::{DateTime, TimeDelta, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, AlertId, MessageId, UserId};
use engagement::vocabulary::MessageKind;
use entity::outbox;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};

use super::context::OutboxContext;
use super::due::{DUE, FREE, LEASE, bounds};
use super::statement::claim_messages;
use crate::clock::instant;
use crate::db::Db;
use crate::db::shared_clock::shared_now;
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::sql::stored::parse;

/// Messages that wait for each other, and for no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    Urgent,
    /// Everything else.
    Ordinary,
}

impl Lane {
    /// Every lane, the more urgent first.
    pub const ALL: [Self; 2] = [Self::Urgent, Self::Ordinary];

    const fn priority(self) -> i32 {
        match self {
            Self::Urgent => 0,
            Self::Ordinary => 1,
        }
    }
}

/// A row that is ours, until its lease runs out.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// Which row.
    pub id: MessageId,
    /// Proves that it is ours.
    pub(crate) token: String,
    /// Until when it is, by the shared clock.
    pub leased_until: DateTime<Utc>,
    /// How far the clock of whoever claimed it was ahead of the shared one.
    ahead: TimeDelta,
    /// Its kind.
    pub kind: MessageKind,
    /// To whom; or why that is no address.
    pub recipient: Result<EmailAddress, String>,
    /// The recipient, where they are a user.
    pub user: Option<UserId>,
    /// The account it is about.
    pub account: Option<AccountId>,
    /// The alert it is about.
    pub alert: Option<AlertId>,
    /// What it is about; or why that cannot be read.
    pub context: Result<OutboxContext, String>,
    /// When it was decided on.
    pub queued_at: DateTime<Utc>,
    /// From when a failed attempt is the last.
    pub give_up_at: DateTime<Utc>,
    /// How often it was tried, this time included.
    pub attempts: u32,
    /// The Message-ID under which it was rendered before.
    pub message_id: Option<String>,
    /// The message, where it was rendered before and is still kept.
    pub message: Option<String>,
}

impl Claimed {
    /// What the shared clock shows when the clock of whoever claimed it shows an instant: by that its lease and its other times
    /// are counted.
    pub fn shared(&self, own: DateTime<Utc>) -> DateTime<Utc> {
        own - self.ahead
    }
}

/// In which lanes something is due, without claiming it: most looks find nothing, and this one locks nothing.
///
/// # Errors
/// Those of the database.
pub async fn due_lanes(db: &Db, now: DateTime<Utc>) -> Result<Vec<Lane>, ServiceError> {
    let operation = "looking for due messages";
    let now = shared_now(db.read(), now).await?;
    let due =
        format!("EXISTS (SELECT 1 FROM outbox WHERE status = 'QUEUED' AND {DUE} AND {FREE} AND priority =");
    let text = format!("SELECT {due} 0), {due} 1)");
    let statement = Statement::from_sql_and_values(db.backend(), text, bounds(now));
    let Some(row) = db.read().query_one_raw(statement).await.during(operation)? else {
        return Ok(Vec::new());
    };
    let mut lanes = Vec::new();
    for (place, lane) in Lane::ALL.into_iter().enumerate() {
        if row.try_get_by_index::<bool>(place).during(operation)? {
            lanes.push(lane);
        }
    }
    Ok(lanes)
}

/// Claims at most `limit` due rows of a lane, the longest due first.
///
/// # Errors
/// Those of the database.
pub async fn claim(
    db: &Db,
    lane: Lane,
    worker: &str,
    limit: u64,
    now: DateTime<Utc>,
) -> Result<Vec<Claimed>, ServiceError> {
    claim_beside(db, lane, worker, limit, &[], now).await
}

/// Claims as [`claim()`], but none of those which the caller has already: when its clock jumps, their leases seem to be over.
///
/// # Errors
/// Those of the database.
pub async fn claim_beside(
    db: &Db,
    lane: Lane,
    worker: &str,
    limit: u64,
    in_hand: &[MessageId],
    now: DateTime<Utc>,
) -> Result<Vec<Claimed>, ServiceError> {
    // A token of its own for each claim: also a worker that claims the same row again is told apart from itself.
    let token = format!("{worker}/{}", new_id(now).simple());
    let (rows, shared) = db
        .write_tx(async |tx| {
            let shared = shared_now(tx, now).await?;
            let more = [
                lane.priority().into(),
                i64::try_from(limit).unwrap_or(i64::MAX).into(),
                token.as_str().into(),
                (shared + LEASE).timestamp_micros().into(),
                id_list(in_hand).into(),
            ];
            let values = bounds(shared).into_iter().chain(more);
            let statement =
                Statement::from_sql_and_values(db.backend(), claim_messages(db.backend()), values);
            let rows = outbox::Entity::find()
                .from_raw_sql(statement)
                .all(tx)
                .await
                .during("claiming messages")?;
            Ok((rows, shared))
        })
        .await?;
    let mut claimed = rows
        .into_iter()
        .map(|row| from_row(row, &token, shared + LEASE, now - shared))
        .collect::<Result<Vec<_>, _>>()?;
    claimed.sort_by_key(|row| row.id);
    Ok(claimed)
}

/// Ids as a statement reads them: a JSON list.
pub(crate) fn id_list(ids: &[MessageId]) -> String {
    serde_json::Value::from(
        ids.iter()
            .map(|id| id.uuid().simple().to_string())
            .collect::<Vec<_>>(),
    )
    .to_string()
}

fn from_row(
    row: outbox::Model,
    token: &str,
    leased_until: DateTime<Utc>,
    ahead: TimeDelta,
) -> Result<Claimed, ServiceError> {
    let kind = parse("outbox", "kind", &row.kind)?;
    Ok(Claimed {
        id: row.id.into(),
        token: token.to_owned(),
        leased_until,
        ahead,
        kind,
        recipient: row
            .recipient
            .parse()
            .map_err(|error: engagement::email_address::EmailAddressError| error.to_string()),
        user: row.user_id.map(Into::into),
        account: row.account_id.map(Into::into),
        alert: row.alert_id.map(Into::into),
        context: OutboxContext::from_json(kind, &row.context),
        queued_at: instant(row.queued_at),
        give_up_at: instant(row.give_up_at),
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        message_id: row.message_id,
        message: row.message,
    })
}
