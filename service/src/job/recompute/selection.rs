//! Which accounts a request is about, in the order of their ids: one batch after the other, or cut into portions that
//! several workers share.

use chrono::{DateTime, NaiveDate, Utc};
use engagement::id::AccountId;
use entity::{account, touched_account};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use super::request::{Recompute, Scope};
use crate::access::{Access, visible_accounts};
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::record::account::is_active;
use crate::scoring::assessment::scored_on;
use crate::scoring::touched::is_due;
use crate::sql::dialect::id_in;

/// Accounts of a batch: enough that statements cost nothing beside rows, few enough that a batch fits in a few megabytes.
const BATCH: u64 = 500;
/// Into how many portions a day is cut, give or take: enough for several workers to share it, and few enough that reading
/// ahead, which ends with a portion, is not given up too often.
const PORTIONS: u64 = 16;
/// Batches of a portion at most: what a worker that is killed loses is a second or so.
const MOST_BATCHES: u64 = 10;

/// Accounts whose ids follow one and reach to another; absent where the list begins or ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) after: Option<AccountId>,
    pub(super) until: Option<AccountId>,
}

/// The accounts of a request, and the column that names them: a list of their own for those that changed.
fn accounts(backend: DbBackend, access: &Access, request: &Recompute, span: Span) -> SelectStatement {
    let id = (account::Entity, account::Column::Id);
    let mut select = Query::select();
    select
        .from(account::Entity)
        .cond_where(visible_accounts(access, id));
    match &request.scope {
        Scope::All => select.cond_where(is_active(request.ending_on)),
        Scope::Missing => select
            .cond_where(is_active(request.ending_on))
            .and_where(Expr::exists(scored_on(request.ending_on)).not()),
        Scope::Accounts(accounts) => select.cond_where(is_active(request.ending_on)).and_where(id_in(
            backend,
            id,
            accounts.iter().map(|id| id.uuid()),
        )),
        // Also those that are no customers any more: their notes are settled without a score.
        Scope::Touched => select
            .inner_join(
                touched_account::Entity,
                Expr::col((touched_account::Entity, touched_account::Column::AccountId)).equals(id),
            )
            .and_where(is_due(request.as_of)),
    };
    if let Some(after) = span.after {
        select.and_where(Expr::col(id).gt(after.uuid()));
    }
    if let Some(until) = span.until {
        select.and_where(Expr::col(id).lte(until.uuid()));
    }
    select
}

/// How many accounts there are to score.
pub(super) async fn count(
    db: &Db,
    access: &Access,
    request: &Recompute,
    span: Span,
) -> Result<u64, ServiceError> {
    let mut select = accounts(db.backend(), access, request, span);
    select.expr_as(Expr::cust("count(*)"), Alias::new("accounts"));
    let row = db
        .read()
        .query_one(&select)
        .await
        .during("counting accounts to score")?;
    let total: i64 = row
        .map_or(Ok(0), |row| row.try_get_by_index(0))
        .during("counting accounts to score")?;
    Ok(u64::try_from(total).unwrap_or(0))
}

/// The next batch of accounts.
pub(super) async fn next(
    db: &Db,
    access: &Access,
    request: &Recompute,
    span: Span,
) -> Result<Vec<AccountId>, ServiceError> {
    let id = (account::Entity, account::Column::Id);
    let mut select = accounts(db.backend(), access, request, span);
    select.column(id).order_by(id, Order::Asc).limit(BATCH);
    let operation = "listing accounts to score";
    let rows = db.read().query_all(&select).await.during(operation)?;
    rows.iter()
        .map(|row| row.try_get_by_index::<Uuid>(0).map(AccountId::from))
        .collect::<Result<_, _>>()
        .during(operation)
}

/// Which accounts of a day a shared run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All that are customers on the day.
    All,
    /// Of these, those that have no score for it.
    Missing,
    /// Those that changed since they were last scored.
    Touched,
}

impl Which {
    /// As the column holds it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Missing => "MISSING",
            Self::Touched => "TOUCHED",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::All, Self::Missing, Self::Touched]
            .into_iter()
            .find(|which| which.as_str() == text)
    }

    const fn scope(self) -> Scope {
        match self {
            Self::All => Scope::All,
            Self::Missing => Scope::Missing,
            Self::Touched => Scope::Touched,
        }
    }
}

/// A part of a day's work: accounts whose ids follow one and reach to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion {
    /// The day that is scored.
    pub day: NaiveDate,
    /// Which of its accounts.
    pub which: Which,
    /// Those after this one; from the first on unless given.
    pub after: Option<AccountId>,
    /// Up to this one; to the last one unless given.
    pub until: Option<AccountId>,
}

impl Portion {
    pub(super) const fn span(&self) -> Span {
        Span {
            after: self.after,
            until: self.until,
        }
    }

    pub(super) const fn request(&self, as_of: DateTime<Utc>) -> Recompute {
        Recompute {
            as_of,
            ending_on: self.day,
            scope: self.which.scope(),
        }
    }
}

/// Cuts a day's work into portions, none where there is nothing to do. Together they are all of it: the last one reaches to
/// the end, so that accounts which come while the run is under way belong to it.
pub(crate) async fn portions(
    tx: &Tx,
    day: NaiveDate,
    which: Which,
    now: DateTime<Utc>,
) -> Result<Vec<Portion>, ServiceError> {
    let operation = "cutting a run into portions";
    let id = (account::Entity, account::Column::Id);
    let (number, total, numbered) = (Alias::new("number"), Alias::new("total"), Alias::new("numbered"));
    let request = Recompute {
        as_of: now,
        ending_on: day,
        scope: which.scope(),
    };
    let mut listed = accounts(
        tx.get_database_backend(),
        &Access::system(),
        &request,
        Span::default(),
    );
    listed
        .column(id)
        .expr_as(
            Expr::cust("row_number() OVER (ORDER BY account.id)"),
            number.clone(),
        )
        .expr_as(Expr::cust("count(*) OVER ()"), total.clone());
    // The last account of each batch.
    let ends = Query::select()
        .column(account::Column::Id)
        .from_subquery(listed, numbered)
        .and_where(Expr::cust(format!("number % {BATCH} = 0 OR number = total")))
        .order_by(account::Column::Id, Order::Asc)
        .to_owned();
    let rows = tx.query_all(&ends).await.during(operation)?;
    let ends: Vec<AccountId> = rows
        .iter()
        .map(|row| row.try_get_by_index::<Uuid>(0).map(AccountId::from))
        .collect::<Result<_, _>>()
        .during(operation)?;
    Ok(cut(&ends)
        .into_iter()
        .map(|Span { after, until }| Portion {
            day,
            which,
            after,
            until,
        })
        .collect())
}

/// Spans that hold batches with these last accounts.
fn cut(ends: &[AccountId]) -> Vec<Span> {
    let batches = (ends.len() as u64).div_ceil(PORTIONS).clamp(1, MOST_BATCHES);
    let mut spans: Vec<Span> = Vec::new();
    for portion in ends.chunks(usize::try_from(batches).unwrap_or(1)) {
        spans.push(Span {
            after: spans.last().and_then(|before| before.until),
            until: portion.last().copied(),
        });
    }
    if let Some(last) = spans.last_mut() {
        last.until = None;
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(batches: u128) -> Vec<AccountId> {
        (1..=batches).map(|n| Uuid::from_u128(n).into()).collect()
    }

    #[test]
    fn portions_follow_each_other_without_gap_and_reach_to_the_end() {
        assert_eq!(cut(&[]), []);
        assert_eq!(cut(&ends(1)), [Span::default()]);
        for batches in [2, 3, 16, 17, 40, 160, 161, 1000] {
            let spans = cut(&ends(batches));
            assert_eq!((spans[0].after, spans.last().unwrap().until), (None, None));
            assert!(
                spans
                    .windows(2)
                    .all(|pair| pair[0].until.is_some() && pair[0].until == pair[1].after),
                "{batches}: {spans:?}"
            );
        }
    }

    #[test]
    fn a_small_book_is_shared_too_and_no_portion_is_long() {
        assert_eq!(cut(&ends(3)).len(), 3);
        assert_eq!(cut(&ends(20)).len(), 10);
        assert_eq!(cut(&ends(200)).len(), 20, "5,000 accounts each");
    }
}
