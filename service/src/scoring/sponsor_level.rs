//! The history of executives' levels: a row per change, with the rule that decided.
//!
//! A row says "from this day on, until the next row". Whatever order days are scored in, and however often, the rows are
//! those of scoring each day once in order: a past day that turns out otherwise is rewritten, and the next day that was
//! scored keeps the level it was given (its score and cause are then those with which that level was last written).

use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::id::{AccountId, ContactId};
use engagement::row::AccountRows;
use engagement::seat::Seats;
use engagement::sponsor::Sponsors;
use engagement::vocabulary::{EngagementLevel, LevelRule};
use entity::{assessment, sponsor_level};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{
    Alias, Cond, Expr, ExprTrait, IntoColumnRef, IntoTableRef, OnConflict, Order, Query,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::scoring::assessment::comparable;
use crate::sql::dialect::{id_day_in, id_in, rows_per_insert};
use crate::sql::stored::{parse, parse_optional};

/// A change of an executive's level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelChange {
    pub contact: ContactId,
    /// The first day.
    pub day: NaiveDate,
    /// The level from then on.
    pub level: EngagementLevel,
    /// The level before; absent for the first.
    pub previous: Option<EngagementLevel>,
    /// Their score from 0 to 100 on that day.
    pub score: i32,
    /// The rule that decided.
    pub cause: LevelRule,
}

/// A change as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToldChange {
    /// The change.
    pub change: LevelChange,
    /// The level and the one before are of the definitions of today and the policy in force; false: the change may be theirs,
    /// and not the executive's.
    pub comparable: bool,
}

/// What scoring a day does to the history of one executive.
#[derive(Debug, Default, PartialEq, Eq)]
struct Revision {
    write: Vec<LevelChange>,
    /// Days whose rows say nothing any more.
    remove: Vec<NaiveDate>,
}

/// A row of the history, and whether the last scores until its day and before it are comparable with those of today: 1 or 0,
/// absent where there is none.
#[derive(FromQueryResult)]
struct ToldRow {
    #[sea_orm(nested)]
    row: sponsor_level::Model,
    on_the_day: Option<i32>,
    before: Option<i32>,
}

/// The history of each account's executives from one day to another, both counted: oldest first, and of one day by contact.
/// `policy_hash` is that of the policy in force. A statement, with two seeks for each change.
///
/// # Errors
/// Those of the database.
pub async fn levels_of(
    db: &Db,
    access: &Access,
    policy_hash: &str,
    accounts: &[AccountId],
    (from, to): (NaiveDate, NaiveDate),
) -> Result<HashMap<AccountId, Vec<ToldChange>>, ServiceError> {
    use sponsor_level::Column;
    let column = |column: Column| (sponsor_level::Entity, column);
    let last = |within: Expr| {
        let select = Query::select()
            .expr(Expr::expr(
                Expr::case(comparable(policy_hash), Expr::val(1)).finally(Expr::val(0)),
            ))
            .from(assessment::Entity)
            .and_where(
                Expr::col((assessment::Entity, assessment::Column::AccountId))
                    .equals(column(Column::AccountId)),
            )
            .and_where(within)
            .order_by((assessment::Entity, assessment::Column::Day), Order::Desc)
            .limit(1)
            .to_owned();
        Expr::SubQuery(None, Box::new(select.into()))
    };
    let scored = || Expr::col((assessment::Entity, assessment::Column::Day));
    let rows = sponsor_level::Entity::find()
        .expr_as(last(scored().lte(Expr::col(column(Column::Day)))), "on_the_day")
        .expr_as(last(scored().lt(Expr::col(column(Column::Day)))), "before")
        .filter(id_in(
            db.backend(),
            Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(visible_accounts(access, Column::AccountId.into_column_ref()))
        .filter(Column::Day.between(from, to))
        .order_by_asc(Column::Day)
        .order_by_asc(Column::ContactId)
        .into_model::<ToldRow>()
        .all(db.read())
        .await
        .during("reading executives' levels")?;
    let mut levels: HashMap<AccountId, Vec<ToldChange>> = HashMap::new();
    for ToldRow {
        row,
        on_the_day,
        before,
    } in rows
    {
        let comparable = [on_the_day, before]
            .into_iter()
            .flatten()
            .all(|comparable| comparable == 1);
        levels.entry(row.account_id.into()).or_default().push(ToldChange {
            change: from_row(&row)?,
            comparable,
        });
    }
    Ok(levels)
}

/// Writes what a scored day changes in the histories of a batch of accounts.
pub(crate) async fn record<'a>(
    tx: &Tx,
    day: NaiveDate,
    scored: impl Iterator<Item = (&'a AccountRows, &'a Sponsors)> + Clone,
) -> Result<(), ServiceError> {
    let accounts = || {
        scored
            .clone()
            .filter(|(_, sponsors)| !sponsors.executives.is_empty())
            .map(|(rows, _)| rows.account.id.uuid())
    };
    if accounts().next().is_none() {
        return Ok(());
    }
    let known = around(tx, day, accounts()).await?;
    let later = next_scored(tx, day, accounts()).await?;
    let mut write = Vec::new();
    let mut remove = Vec::new();
    for (rows, sponsors) in scored {
        let account = rows.account.id;
        let later = later
            .get(&account.uuid())
            .map(|day| (*day, Seats::on(rows, *day)));
        for executive in &sponsors.executives {
            let Some(contact) = rows.contacts.get(executive.contact as usize) else {
                continue;
            };
            let now = LevelChange {
                contact: contact.id,
                day,
                level: executive.level,
                previous: None,
                score: executive.score,
                cause: executive.rule,
            };
            let next = later
                .as_ref()
                .filter(|(_, seats)| seats.is_executive(rows, executive.contact))
                .map(|(day, _)| *day);
            let revision = revise(now, known.get(&contact.id).map_or(&[], Vec::as_slice), next);
            write.extend(revision.write.into_iter().map(|change| to_row(account, change)));
            remove.extend(
                revision
                    .remove
                    .into_iter()
                    .map(|day| (account.uuid(), contact.id.uuid(), day)),
            );
        }
    }
    delete(tx, remove).await?;
    store(tx, write).await
}

/// `known` are the last row until the day, if any, and the first one after it, if any; `next` is the next day that was
/// scored and on which they were an executive.
fn revise(now: LevelChange, known: &[LevelChange], next: Option<NaiveDate>) -> Revision {
    let day = now.day;
    let until = known.iter().find(|row| row.day <= day);
    let on = until.filter(|row| row.day == day);
    let after = known.iter().find(|row| row.day > day);
    let before = on.map_or(until.map(|row| row.level), |on| on.previous);
    let mut revision = Revision::default();
    if before == Some(now.level) {
        revision.remove.extend(on.map(|row| row.day));
    } else {
        let row = LevelChange {
            previous: before,
            ..now
        };
        if on != Some(&row) {
            revision.write.push(row);
        }
    }
    // From the next day on everything is as it was.
    match (until, after) {
        (Some(was), after)
            if was.level != now.level
                && next.is_some_and(|next| after.is_none_or(|after| next < after.day)) =>
        {
            revision.write.extend(next.map(|next| LevelChange {
                day: next,
                previous: Some(now.level),
                ..*was
            }));
        }
        (_, Some(after)) if after.level == now.level => revision.remove.push(after.day),
        (_, Some(after)) if after.previous != Some(now.level) => {
            revision.write.push(LevelChange {
                previous: Some(now.level),
                ..*after
            });
        }
        _ => {}
    }
    revision
}

/// For each executive the last row until a day and the first one after it.
async fn around(
    tx: &Tx,
    day: NaiveDate,
    accounts: impl Iterator<Item = Uuid>,
) -> Result<HashMap<ContactId, Vec<LevelChange>>, ServiceError> {
    use sponsor_level::Column;
    let other = Alias::new("other");
    let column = |column: Column| Expr::col((other.clone(), column));
    let of_them = |day: Expr, within: Expr| {
        let select = Query::select()
            .expr(day)
            .from_as(sponsor_level::Entity.into_table_ref(), other.clone())
            .and_where(column(Column::AccountId).equals((sponsor_level::Entity, Column::AccountId)))
            .and_where(column(Column::ContactId).equals((sponsor_level::Entity, Column::ContactId)))
            .and_where(within)
            .to_owned();
        Expr::col((sponsor_level::Entity, Column::Day)).eq(Expr::SubQuery(None, Box::new(select.into())))
    };
    let last = of_them(column(Column::Day).max(), column(Column::Day).lte(day));
    let first = of_them(column(Column::Day).min(), column(Column::Day).gt(day));
    let rows = sponsor_level::Entity::find()
        .filter(id_in(tx.get_database_backend(), Column::AccountId, accounts))
        .filter(Cond::any().add(last).add(first))
        .all(tx)
        .await
        .during("reading executives' levels")?;
    let mut known: HashMap<ContactId, Vec<LevelChange>> = HashMap::new();
    for row in rows {
        let change = from_row(&row)?;
        known.entry(change.contact).or_default().push(change);
    }
    Ok(known)
}

/// The next day after a day for which each account has a score.
async fn next_scored(
    tx: &Tx,
    day: NaiveDate,
    accounts: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, NaiveDate>, ServiceError> {
    use assessment::Column;
    let rows: Vec<(Uuid, NaiveDate)> = assessment::Entity::find()
        .select_only()
        .column(Column::AccountId)
        .expr(Expr::col(Column::Day).min())
        .filter(id_in(tx.get_database_backend(), Column::AccountId, accounts))
        .filter(Column::Day.gt(day))
        .group_by(Column::AccountId)
        .into_tuple()
        .all(tx)
        .await
        .during("looking for later scores")?;
    Ok(rows.into_iter().collect())
}

async fn delete(tx: &Tx, rows: Vec<(Uuid, Uuid, NaiveDate)>) -> Result<(), ServiceError> {
    use sponsor_level::Column;
    if rows.is_empty() {
        return Ok(());
    }
    let backend = tx.get_database_backend();
    sponsor_level::Entity::delete_many()
        .filter(id_in(
            backend,
            Column::AccountId,
            rows.iter().map(|(account, ..)| *account),
        ))
        .filter(id_day_in(
            backend,
            (Column::ContactId, Column::Day),
            rows.iter().map(|(_, contact, day)| (*contact, *day)),
        ))
        .exec(tx)
        .await
        .map(drop)
        .during("removing executives' levels")
}

async fn store(tx: &Tx, rows: Vec<sponsor_level::ActiveModel>) -> Result<(), ServiceError> {
    use sponsor_level::Column;
    let key = [Column::AccountId, Column::ContactId, Column::Day];
    let replace = OnConflict::columns(key)
        .update_columns([Column::Level, Column::PreviousLevel, Column::Score, Column::Cause])
        .to_owned();
    let size = rows_per_insert(tx.get_database_backend(), Column::iter().count());
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        sponsor_level::Entity::insert_many(rows.by_ref().take(size))
            .on_conflict(replace.clone())
            .exec_without_returning(tx)
            .await
            .during("storing executives' levels")?;
    }
    Ok(())
}

fn to_row(account: AccountId, change: LevelChange) -> sponsor_level::ActiveModel {
    sponsor_level::ActiveModel {
        account_id: Set(account.uuid()),
        contact_id: Set(change.contact.uuid()),
        day: Set(change.day),
        level: Set(change.level.as_str().to_owned()),
        previous_level: Set(change.previous.map(|level| level.as_str().to_owned())),
        score: Set(change.score),
        cause: Set(change.cause.as_str().to_owned()),
    }
}

fn from_row(row: &sponsor_level::Model) -> Result<LevelChange, ServiceError> {
    const TABLE: &str = "sponsor_level";
    Ok(LevelChange {
        contact: row.contact_id.into(),
        day: row.day,
        level: parse(TABLE, "level", &row.level)?,
        previous: parse_optional(TABLE, "previous_level", row.previous_level.as_deref())?,
        score: row.score,
        cause: parse(TABLE, "cause", &row.cause)?,
    })
}

#[cfg(test)]
mod tests {
    //! The level history holds whatever the order in which days are scored: properties against a history kept by hand.

    use std::collections::{BTreeMap, BTreeSet};

    use chrono::Days;
    use proptest::prelude::*;

    use super::*;

    fn day(n: u8) -> NaiveDate {
        NaiveDate::default() + Days::new(n.into())
    }

    fn level(n: u8) -> LevelRule {
        [LevelRule::Advocates, LevelRule::InContact, LevelRule::Occasional][usize::from(n % 3)]
    }

    /// The stored history of one executive.
    #[derive(Default)]
    struct Stored {
        rows: BTreeMap<NaiveDate, LevelChange>,
        scored: BTreeSet<NaiveDate>,
    }

    impl Stored {
        fn score(&mut self, on: NaiveDate, cause: LevelRule) {
            let contact = ContactId::from(Uuid::nil());
            let now = LevelChange {
                contact,
                day: on,
                level: cause.level(),
                previous: None,
                score: 50,
                cause,
            };
            let last = self.rows.range(..=on).next_back();
            let first = self.rows.range(on + Days::new(1)..).next();
            let known: Vec<LevelChange> = last.into_iter().chain(first).map(|(_, row)| *row).collect();
            let next = self.scored.range(on + Days::new(1)..).next().copied();
            let revision = revise(now, &known, next);
            for day in revision.remove {
                assert!(self.rows.remove(&day).is_some(), "only what is there is removed");
            }
            self.rows
                .extend(revision.write.into_iter().map(|row| (row.day, row)));
            self.scored.insert(on);
        }

        fn changes(&self) -> Vec<(NaiveDate, EngagementLevel, Option<EngagementLevel>)> {
            self.rows
                .values()
                .map(|row| (row.day, row.level, row.previous))
                .collect()
        }
    }

    proptest! {
        /// Whatever the order of the days, and whatever they said at first, the rows are those of the last word on each day.
        #[test]
        fn any_order_of_days_tells_the_same_history(scored in prop::collection::vec((0_u8..12, any::<u8>()), 1..40)) {
            let mut stored = Stored::default();
            let mut last_word = BTreeMap::new();
            for (n, cause) in scored {
                stored.score(day(n), level(cause));
                last_word.insert(day(n), level(cause));
            }
            let mut in_order = Stored::default();
            for (day, cause) in last_word {
                in_order.score(day, cause);
            }
            prop_assert_eq!(stored.changes(), in_order.changes());
        }

        /// A row per change, each naming the level of the row before.
        #[test]
        fn a_history_is_a_chain_of_changes(scored in prop::collection::vec((0_u8..12, any::<u8>()), 1..40)) {
            let mut stored = Stored::default();
            for (n, cause) in scored {
                stored.score(day(n), level(cause));
            }
            let changes = stored.changes();
            prop_assert_eq!(changes[0].2, None);
            for pair in changes.windows(2) {
                prop_assert_eq!(pair[1].2, Some(pair[0].1));
                prop_assert_ne!(pair[1].1, pair[0].1);
            }
        }
    }

    #[test]
    fn a_past_day_does_not_change_the_days_after_it() {
        let mut stored = Stored::default();
        for n in 1..=3 {
            stored.score(day(n), LevelRule::InContact);
        }
        stored.score(day(2), LevelRule::Silent);
        let (engaged, silent) = (EngagementLevel::Engaged, EngagementLevel::Disengaged);
        assert_eq!(
            stored.changes(),
            [
                (day(1), engaged, None),
                (day(2), silent, Some(engaged)),
                (day(3), engaged, Some(silent))
            ]
        );
        stored.score(day(2), LevelRule::InContact);
        assert_eq!(stored.changes(), [(day(1), engaged, None)]);
    }

    #[test]
    fn who_was_no_executive_on_the_next_day_gets_no_row_for_it() {
        let contact = ContactId::from(Uuid::nil());
        let row = |n, cause: LevelRule, previous| LevelChange {
            contact,
            day: day(n),
            level: cause.level(),
            previous,
            score: 50,
            cause,
        };
        let known = [row(1, LevelRule::InContact, None)];
        let revision = revise(row(5, LevelRule::Silent, None), &known, None);
        assert_eq!(
            revision.write,
            [row(5, LevelRule::Silent, Some(EngagementLevel::Engaged))]
        );
        assert_eq!(revision.remove, []);
    }
}
