//! Who leads on the customer's side, for lists of accounts: the primary sponsor of today with the standing that was last
//! stored. Two statements, whatever the number of accounts.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::id::AccountId;
use engagement::row;
use engagement::vocabulary::{EngagementLevel, RiskLevel, SponsorRank};
use entity::{contact, sponsorship};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, SelectTwo};

use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::record::contact::{Contact, departure, from_row};
use crate::scoring::assessment;
use crate::sql::dialect::id_in;
use crate::sql::stored::parse;

/// The primary sponsor of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct PrimarySponsor {
    pub contact: Contact,
    /// How engaged they are; UNKNOWN until they have been scored.
    pub level: EngagementLevel,
    /// The risk that goes with it.
    pub risk: RiskLevel,
    /// Their score from 0 to 100; 0 until they have been scored.
    pub score: i32,
}

/// A first sponsor of whatever day.
struct Seat {
    sponsorship: row::Sponsorship,
    departure: row::Departure,
    /// The day on which a confirmed departure was observed.
    left_on: Option<NaiveDate>,
    contact: contact::Model,
}

/// The primary sponsor of each account on a day; accounts without one are absent.
///
/// # Errors
/// Those of the database.
pub async fn primary_sponsors_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    today: NaiveDate,
) -> Result<HashMap<AccountId, PrimarySponsor>, ServiceError> {
    let seats = seats(db, access, accounts).await?;
    let seated: Vec<AccountId> = seats.keys().copied().collect();
    let stored = assessment::latest_of(db, access, &seated).await?;
    let mut sponsors = HashMap::new();
    for (account, seats) in seats {
        let Some(primary) = on(&seats, today) else {
            continue;
        };
        // A stored standing is that of whoever held the seat on its day.
        let theirs = stored.get(&account).filter(|stored| {
            on(&seats, stored.day).is_some_and(|then| then.contact.id == primary.contact.id)
        });
        let level = theirs.map_or(EngagementLevel::Unknown, |stored| stored.executive_level);
        let contact = from_row(primary.contact.clone())?;
        sponsors.insert(
            account,
            PrimarySponsor {
                contact,
                level,
                risk: level.risk(),
                score: theirs.map_or(0, |stored| stored.executive_score),
            },
        );
    }
    Ok(sponsors)
}

/// The rule of docs/scoring.md § 2: the latest beginning, then the smallest external id.
fn on(seats: &[Seat], day: NaiveDate) -> Option<&Seat> {
    let gone = |seat: &Seat| {
        // Whoever began to sponsor us after they had left has come back.
        let left = seat
            .left_on
            .is_some_and(|left| left <= day && seat.sponsorship.since <= left);
        left || seat.departure.is_departed_on(day)
    };
    let active = seats
        .iter()
        .filter(|seat| seat.sponsorship.is_active_on(gone(seat), day));
    active.min_by_key(|seat| (Reverse(seat.sponsorship.since), seat.contact.external_id.as_str()))
}

async fn seats(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<Seat>>, ServiceError> {
    use sponsorship::{Column, Entity};
    let held: SelectTwo<Entity, contact::Entity> = Entity::find()
        .join(
            JoinType::InnerJoin,
            Entity::belongs_to(contact::Entity)
                .from((Column::AccountId, Column::ContactId))
                .to((contact::Column::AccountId, contact::Column::Id))
                .into(),
        )
        .select_also(contact::Entity);
    let rows = held
        .filter(id_in(
            db.backend(),
            (Entity, Column::AccountId),
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(visible_accounts(access, (Entity, Column::AccountId)))
        .filter(Column::Rank.eq(SponsorRank::Primary.as_str()))
        .all(db.read())
        .await
        .during("reading primary sponsors")?;
    let mut seats: HashMap<AccountId, Vec<Seat>> = HashMap::new();
    for (held, contact) in rows {
        let Some(contact) = contact else { continue };
        let status = parse("contact", "status", &contact.status)?;
        seats.entry(held.account_id.into()).or_default().push(Seat {
            sponsorship: row::Sponsorship {
                contact: 0,
                since: held.since,
                until: held.until.into_iter().chain(held.ended_on).min(),
                rank: SponsorRank::Primary,
            },
            departure: departure(status, contact.departed_on),
            left_on: contact.left_on,
            contact,
        });
    }
    Ok(seats)
}
