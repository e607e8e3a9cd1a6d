//! The ledger of digests: which week of whom is settled, and how.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use engagement::id::UserId;
use engagement::schedule::digest::{DigestSlot, Week};
use entity::digest::{Column, Entity};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use crate::clock::instant;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::sql::dialect::rows_per_insert;
use crate::sql::stored::parse;

/// What became of a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is in the outbox.
    Queued,
    /// There was nothing to say.
    Empty,
    /// Its time was too long ago.
    Missed,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Empty => "EMPTY",
            Self::Missed => "MISSED",
        }
    }
}

/// What is known of a user's digests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The latest week that is settled.
    pub(super) week: Option<Week>,
    /// When they were told last, or there was nothing to tell.
    pub(super) at: Option<DateTime<Utc>>,
}

/// The state of everybody who ever had a digest. Weeks of a future that a wrong clock has seen do not count.
pub(super) async fn read(db: &Db, now: DateTime<Utc>) -> Result<HashMap<UserId, Told>, ServiceError> {
    let operation = "reading which digests are settled";
    let missed = Expr::col(Column::Outcome).eq(Outcome::Missed.as_str());
    let told_at =
        Expr::expr(Expr::case(missed, Option::<i64>::None).finally(Expr::col(Column::SettledAt))).max();
    let select = Query::select()
        .column(Column::UserId)
        .expr(Expr::col(Column::Week).max())
        .expr(told_at)
        .from(Entity)
        .and_where(Expr::col(Column::DueAt).lte(now.timestamp_micros()))
        .group_by_col(Column::UserId)
        .to_owned();
    let rows = db.read().query_all(&select).await.during(operation)?;
    let told = |row: &QueryResult| {
        let user: Uuid = row.try_get_by_index(0).during(operation)?;
        let week: String = row.try_get_by_index(1).during(operation)?;
        let at: Option<i64> = row.try_get_by_index(2).during(operation)?;
        Ok((
            user.into(),
            Told {
                week: Some(parse("digest", "week", &week)?),
                at: at.map(instant),
            },
        ))
    };
    rows.iter().map(told).collect()
}

/// Writes what became of digests; says of which of them nobody else had: only those are to be sent.
pub(super) async fn settle(
    tx: &Tx,
    now: DateTime<Utc>,
    digests: &[(UserId, DigestSlot, Outcome)],
) -> Result<Vec<(UserId, Week)>, ServiceError> {
    let operation = "settling digests";
    let columns = [
        Column::UserId,
        Column::Week,
        Column::Outcome,
        Column::DueAt,
        Column::SettledAt,
    ];
    let mut ours = Vec::with_capacity(digests.len());
    for some in digests.chunks(rows_per_insert(tx.get_database_backend(), columns.len())) {
        let mut insert = Query::insert().into_table(Entity).columns(columns).to_owned();
        for (user, slot, outcome) in some {
            insert.values_panic([
                Expr::val(user.uuid()),
                Expr::val(slot.week.to_string()),
                Expr::val(outcome.as_str()),
                Expr::val(slot.at.timestamp_micros()),
                Expr::val(now.timestamp_micros()),
            ]);
        }
        insert.on_conflict(
            OnConflict::columns([Column::UserId, Column::Week])
                .do_nothing()
                .to_owned(),
        );
        insert.returning(Query::returning().columns([Column::UserId, Column::Week]));
        for row in tx.query_all(&insert).await.during(operation)? {
            let user: Uuid = row.try_get_by_index(0).during(operation)?;
            let week: String = row.try_get_by_index(1).during(operation)?;
            ours.push((user.into(), parse("digest", "week", &week)?));
        }
    }
    Ok(ours)
}
