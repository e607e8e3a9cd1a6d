//! The portfolio from stored scores: those of one day are read in batches of accounts, a few numbers of each, and folded into
//! the same totals as if every account had been scored. Memory is that of a batch; the cost is one seek for each account, and
//! one for each of its sponsors.

use chrono::{Days, NaiveDate};
use engagement::id::AccountId;
use engagement::money::Money;
use engagement::portfolio::{Concern, MOST_NAMED, NamedAccount, PortfolioTotals, Retention};
use engagement::report::portfolio::PortfolioReport;
use engagement::vocabulary::Period;
use entity::{account, assessment, contact, sponsorship};
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryResult,
    QuerySelect,
};
use uuid::Uuid;

use super::ask::Ask;
use super::stored_score::StoredScore;
use crate::error::{During, ServiceError};
use crate::policy::hash;
use crate::record::account::is_active;
use crate::record::account_list::{in_scope, of_score};
use crate::record::contact::{is_departed, runs_on};
use crate::scoring::assessment::{comparable, stored_advice, stored_reasons};
use crate::sql::dialect::id_in;

/// How many days older than asked for stored scores may be.
const AGE: u64 = 7;
/// Beyond one in so many accounts without a score of the day, all of them are scored: then it is not the day it seemed.
const STRAGGLERS: u64 = 10;
/// Accounts of a batch.
const BATCH: u64 = 2_000;

/// Account, reasons of its standing, recommendations.
type Grounds = (Uuid, Option<String>, Option<String>);

/// The day that stored scores are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StoredDay {
    pub(super) day: NaiveDate,
    /// Every account in scope has a score of it.
    pub(super) complete: bool,
}

impl Ask<'_> {
    /// The day whose stored scores this report stands on.
    pub(super) async fn stored_day(&self, period: Period) -> Result<Option<StoredDay>, ServiceError> {
        if period != self.policy.standard_period {
            return Ok(None);
        }
        let operation = "looking for the day a portfolio stands on";
        let rows = self
            .db
            .read()
            .query_all(&self.latest_days())
            .await
            .during(operation)?;
        let mut accounts = 0;
        let mut earliest: Option<NaiveDate> = None;
        let mut without = 0;
        for row in &rows {
            let day: Option<NaiveDate> = row.try_get_by_index(0).during(operation)?;
            let count = whole(row, 1).during(operation)?;
            accounts += count;
            match day {
                Some(day) => earliest = Some(earliest.map_or(day, |known| Ord::min(known, day))),
                None => without += count,
            }
        }
        // A pattern or a standing is the stored one; who has none stored would have to be scored to be counted.
        let usable = without * STRAGGLERS <= accounts
            && (without == 0 || of_score(self.backend(), self.filter).is_none());
        Ok(earliest.filter(|_| usable).map(|day| StoredDay {
            day,
            complete: rows.len() == 1,
        }))
    }

    /// The last usable days of the accounts in scope, and of how many accounts each is the last: one seek per account.
    fn latest_days(&self) -> SelectStatement {
        use assessment::Column as A;
        let from = self
            .windows
            .ending_on
            .checked_sub_days(Days::new(AGE))
            .unwrap_or(self.windows.ending_on);
        let latest = Query::select()
            .expr(Expr::col((assessment::Entity, A::Day)).max())
            .from(assessment::Entity)
            .and_where(
                Expr::col((assessment::Entity, A::AccountId)).equals((account::Entity, account::Column::Id)),
            )
            .and_where(A::Day.between(from, self.windows.ending_on))
            .cond_where(comparable(&hash(self.policy)))
            .to_owned();
        let each = Query::select()
            .expr_as(Expr::SubQuery(None, Box::new(latest.into())), Alias::new("day"))
            .from(account::Entity)
            .cond_where(self.customers())
            .to_owned();
        Query::select()
            .column(Alias::new("day"))
            .expr(Expr::cust("count(*)"))
            .from_subquery(each, Alias::new("latest"))
            .group_by_col(Alias::new("day"))
            .to_owned()
    }

    /// The accounts in scope that are customers on the day asked for.
    fn customers(&self) -> Condition {
        in_scope(self.backend(), self.access, self.filter).add(is_active(self.windows.ending_on))
    }

    fn backend(&self) -> DbBackend {
        self.db.backend()
    }

    /// Customers that have no usable score of a day.
    pub(super) async fn without_score_on(&self, day: NaiveDate) -> Result<Vec<AccountId>, ServiceError> {
        let operation = "looking for accounts without a score";
        let scored = Query::select()
            .expr(Expr::val(1))
            .from(assessment::Entity)
            .cond_where(self.is_of(day))
            .and_where(of_account())
            .to_owned();
        let select = Query::select()
            .column((account::Entity, account::Column::Id))
            .from(account::Entity)
            .cond_where(self.customers())
            .and_where(Expr::exists(scored).not())
            .to_owned();
        let rows = self.db.read().query_all(&select).await.during(operation)?;
        rows.iter()
            .map(|row| row.try_get_by_index::<Uuid>(0).map(AccountId::from))
            .collect::<Result<_, _>>()
            .during(operation)
    }

    /// Scores of a day that were made by the definitions of today and the policy in force.
    fn is_of(&self, day: NaiveDate) -> Condition {
        comparable(&hash(self.policy)).add(assessment::Column::Day.eq(day))
    }

    /// Customers beside their scores of a day.
    fn scores_of(&self, day: NaiveDate) -> SelectStatement {
        let mut select = Query::select();
        select
            .from(account::Entity)
            .inner_join(assessment::Entity, of_account())
            .cond_where(self.customers())
            .cond_where(self.is_of(day));
        if let Some(asked) = of_score(self.backend(), self.filter) {
            select.cond_where(asked);
        }
        select
    }

    /// Adds up the scores of a day, and beside them the sponsors who stayed.
    pub(super) async fn add_up(&self, day: NaiveDate) -> Result<PortfolioTotals, ServiceError> {
        let (mut totals, stayed) = tokio::try_join!(self.add_up_scores(day), self.add_up_sponsors(day))?;
        totals.merge(&stayed, &self.keep());
        Ok(totals)
    }

    async fn add_up_scores(&self, day: NaiveDate) -> Result<PortfolioTotals, ServiceError> {
        use account::Column as C;
        let operation = "adding up stored scores";
        let (keep, mut totals) = (self.keep(), PortfolioTotals::default());
        let mut scores = self.scores_of(day);
        StoredScore::ask(&mut scores);
        let mut last: Option<Uuid> = None;
        loop {
            let mut batch = scores.clone();
            batch.order_by((account::Entity, C::Id), Order::Asc).limit(BATCH);
            if let Some(last) = last {
                batch.and_where(Expr::col((account::Entity, C::Id)).gt(last));
            }
            let rows = self.db.read().query_all(&batch).await.during(operation)?;
            for row in &rows {
                let score = StoredScore::read(row).during(operation)?;
                totals.add(&score.counted(self.policy, day)?, &keep);
                last = Some(score.account);
            }
            if (rows.len() as u64) < BATCH {
                return Ok(totals);
            }
        }
    }

    /// Sponsors on the first day of the trailing year of the accounts in scope that were customers then, and how many of them
    /// still are; and the customers of today that lost one. They are counted to the day asked for. A pattern or a standing is
    /// the one stored for `day`.
    async fn add_up_sponsors(&self, day: NaiveDate) -> Result<PortfolioTotals, ServiceError> {
        let operation = "counting the sponsors who stayed";
        let mut totals = PortfolioTotals::default();
        for row in self
            .db
            .read()
            .query_all(&self.sponsors(day))
            .await
            .during(operation)?
        {
            let number = |at: usize| whole(&row, at).during(operation);
            totals.retention = Retention {
                pairs_before: number(6)?,
                pairs_kept: number(7)?,
            };
            if number(5)? == 1 {
                totals
                    .named
                    .insert(Concern::LostSponsor, loser(&row).during(operation)?);
            }
        }
        Ok(totals)
    }

    /// The customers that lost a sponsor, the largest of each currency, and as many others; beside each whether it lost one, and
    /// the sponsors before and now of the whole book.
    fn sponsors(&self, day: NaiveDate) -> SelectStatement {
        use account::Column as C;
        let pair = |column: &'static str| (Alias::new("pair"), Alias::new(column));
        let customer =
            Expr::expr(Expr::case(is_active(self.windows.ending_on), Expr::val(1)).finally(Expr::val(0)));
        let columns = [C::Id, C::ExternalId, C::ArrMinor, C::Currency, C::RenewalDate]
            .map(|column| (account::Entity, column));
        let each = Query::select()
            .columns(columns)
            .expr_as(customer.max(), Alias::new("customer"))
            .expr_as(Expr::cust("count(*)"), Alias::new("before"))
            .expr_as(Expr::col(pair("now")).sum(), Alias::new("kept"))
            .from_subquery(self.pairs(day), Alias::new("pair"))
            .inner_join(
                account::Entity,
                Expr::col((account::Entity, C::Id)).equals(pair("account_id")),
            )
            .and_where(Expr::col(pair("before")).eq(1))
            .group_by_columns(columns)
            .to_owned();
        let lost = "CASE WHEN customer = 1 AND kept < before THEN 1 ELSE 0 END";
        let key = if self.backend() == DbBackend::Postgres {
            "external_id COLLATE \"C\""
        } else {
            "external_id"
        };
        let place = format!(
            "row_number() OVER (PARTITION BY currency, arr_minor IS NULL, {lost} ORDER BY arr_minor DESC, {key}) AS place"
        );
        let ranked = Query::select()
            .expr(Expr::cust("id, external_id, arr_minor, currency, renewal_date"))
            .expr_as(Expr::cust(lost), Alias::new("lost"))
            .expr(Expr::cust("CAST(sum(before) OVER () AS bigint) AS all_before"))
            .expr(Expr::cust("CAST(sum(kept) OVER () AS bigint) AS all_kept"))
            .expr(Expr::cust(place))
            .from_subquery(each, Alias::new("each_account"))
            .to_owned();
        Query::select()
            .column(Asterisk)
            .from_subquery(ranked, Alias::new("ranked"))
            .and_where(Expr::col(Alias::new("place")).lte(MOST_NAMED as u64))
            .to_owned()
    }

    /// Pairs of account and sponsor, with whether they were one on the first day of the trailing year and are one now.
    fn pairs(&self, day: NaiveDate) -> SelectStatement {
        use sponsorship::Column as S;
        let is_sponsor_on = |on: NaiveDate| {
            let sponsors = runs_on(on).add(is_departed(on).not());
            Expr::expr(Expr::case(sponsors, Expr::val(1)).finally(Expr::val(0))).max()
        };
        let of_contact = Condition::all()
            .add(
                Expr::col((contact::Entity, contact::Column::AccountId))
                    .equals((sponsorship::Entity, S::AccountId)),
            )
            .add(
                Expr::col((contact::Entity, contact::Column::Id)).equals((sponsorship::Entity, S::ContactId)),
            );
        let mut pairs = Query::select();
        pairs
            .column((sponsorship::Entity, S::AccountId))
            .expr_as(is_sponsor_on(self.windows.year_start_day), Alias::new("before"))
            .expr_as(is_sponsor_on(self.windows.ending_on), Alias::new("now"))
            .from(sponsorship::Entity)
            .inner_join(
                account::Entity,
                Expr::col((account::Entity, account::Column::Id)).equals((sponsorship::Entity, S::AccountId)),
            )
            .inner_join(contact::Entity, of_contact)
            .cond_where(in_scope(self.backend(), self.access, self.filter))
            .cond_where(is_active(self.windows.year_start_day))
            .group_by_columns([
                (sponsorship::Entity, S::AccountId),
                (sponsorship::Entity, S::ContactId),
            ]);
        if let Some(asked) = of_score(self.backend(), self.filter) {
            let like_that = Query::select()
                .expr(Expr::val(1))
                .from(assessment::Entity)
                .cond_where(self.is_of(day))
                .and_where(of_account())
                .cond_where(asked)
                .to_owned();
            pairs
                .cond_where(is_active(self.windows.ending_on))
                .and_where(Expr::exists(like_that));
        }
        pairs
    }

    /// Tells of the accounts at risk what was stored about them: why, and what to do first.
    pub(super) async fn explain(
        &self,
        day: NaiveDate,
        report: &mut PortfolioReport,
    ) -> Result<(), ServiceError> {
        use assessment::Column;
        let unexplained: Vec<AccountId> = report
            .at_risk_accounts
            .iter()
            .filter(|named| named.reasons.is_empty() && named.next.is_none())
            .map(|named| named.account)
            .collect();
        let rows: Vec<Grounds> = assessment::Entity::find()
            .select_only()
            .columns([Column::AccountId, Column::StandingReasons, Column::Advice])
            .filter(id_in(
                self.backend(),
                Column::AccountId,
                unexplained.iter().map(|id| id.uuid()),
            ))
            .filter(self.is_of(day))
            .into_tuple()
            .all(self.db.read())
            .await
            .during("reading why accounts are at risk")?;
        for (account, reasons, advice) in rows {
            let (reasons, next) = (
                stored_reasons(reasons.as_deref())?,
                stored_advice(advice.as_deref())?.into_iter().next(),
            );
            for named in report
                .at_risk_accounts
                .iter_mut()
                .filter(|named| named.account == AccountId::from(account))
            {
                named.reasons.clone_from(&reasons);
                named.next.clone_from(&next);
            }
        }
        Ok(())
    }
}

/// The score beside its account.
fn of_account() -> Expr {
    Expr::col((assessment::Entity, assessment::Column::AccountId))
        .equals((account::Entity, account::Column::Id))
}

fn loser(row: &QueryResult) -> Result<NamedAccount, DbErr> {
    let (minor, currency): (Option<i64>, Option<String>) =
        (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    Ok(NamedAccount {
        account: row.try_get_by_index::<Uuid>(0)?.into(),
        external_id: row.try_get_by_index(1)?,
        arr: minor.map(|minor| Money::new(minor, currency)),
        renewal_on: row.try_get_by_index(4)?,
        overall: None,
        standing: None,
        reasons: Vec::new(),
        next: None,
    })
}

/// A count or a sum that is never negative; nothing added up is 0. A literal is a 32-bit number on PostgreSQL.
fn whole(row: &QueryResult, at: usize) -> Result<u64, DbErr> {
    let number = match row.try_get_by_index::<Option<i64>>(at) {
        Ok(number) => number,
        Err(_) => row.try_get_by_index::<Option<i32>>(at)?.map(i64::from),
    };
    Ok(number.map_or(0, |number| u64::try_from(number).unwrap_or(0)))
}
