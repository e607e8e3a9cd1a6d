//! The portfolio from stored scores: the database adds up.

use chrono::{Days, NaiveDate};
use engagement::id::AccountId;
use engagement::portfolio::{Group, Mover, PortfolioTotals, RENEWAL_DAYS, Retention};
use engagement::vocabulary::{AccountTier, Dimension, Pattern, Period, Signal, StandingState};
use entity::{account, assessment, contact, sponsorship};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, QueryResult};
use uuid::Uuid;

use super::Ask;
use crate::account::{in_scope, of_score};
use crate::assessment::comparable;
use crate::contact::{is_departed, runs_on};
use crate::dialect::bytewise;
use crate::error::{During, ServiceError};
use crate::policy::hash;
use crate::recompute::is_active;
use crate::stored::parse_optional;

/// How many days older than asked for stored scores may be.
const AGE: u64 = 7;
/// Beyond one in so many accounts without a score of the day, all of them are scored: then it is not the day it seemed.
const STRAGGLERS: u64 = 10;

/// What [`Ask::add_up`] asks of the scores of one pattern, currency and standing, after these three: number of accounts, revenue,
/// provisional, scored, sum of the scores, with an engaged sponsor, known, sum of cadences, reviews, reviews with an
/// executive, engaged executives.
const SUMS: &str = "count(*), CAST(sum(account.arr_minor) AS bigint),
    sum(CASE WHEN provisional THEN 1 ELSE 0 END),
    sum(CASE WHEN NOT provisional AND overall_rounded IS NOT NULL THEN 1 ELSE 0 END),
    sum(CASE WHEN NOT provisional THEN coalesce(overall_rounded, 0) ELSE 0 END),
    sum(CASE WHEN sponsor_engaged THEN 1 ELSE 0 END),
    count(known_days),
    sum(CAST(known_days AS double precision) / CASE WHEN executive_contact_days > 1 THEN executive_contact_days ELSE 1 END),
    sum(qbrs_in_year), sum(qbrs_with_executive), sum(engaged_executives)";
/// How many columns that is, with the three before.
const SIGNALS_AT: usize = 14;
/// Where those of the dimensions begin: for each its sum and number, and those of the previous window.
const DIMENSIONS_AT: usize = SIGNALS_AT + Signal::ALL.len();
/// Where those of renewals and of the cadence begin.
const RENEWALS_AT: usize = DIMENSIONS_AT + 4 * Dimension::ALL.len();

impl Ask<'_> {
    /// The day whose stored scores this report stands on.
    pub(super) async fn stored_day(&self, period: Period) -> Result<Option<NaiveDate>, ServiceError> {
        if period != self.policy.standard_period {
            return Ok(None);
        }
        let operation = "looking for the day a portfolio stands on";
        let rows = self.db.read().query_all(&self.latest_days()).await.during(operation)?;
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
        let usable = without * STRAGGLERS <= accounts && (without == 0 || of_score(self.backend(), self.filter).is_none());
        Ok(earliest.filter(|_| usable))
    }

    /// The last usable days of the accounts in scope, and of how many accounts each is the last: one seek per account.
    fn latest_days(&self) -> SelectStatement {
        use assessment::Column as A;
        let from = self.windows.ending_on.checked_sub_days(Days::new(AGE)).unwrap_or(self.windows.ending_on);
        let latest = Query::select()
            .expr(Expr::col((assessment::Entity, A::Day)).max())
            .from(assessment::Entity)
            .and_where(Expr::col((assessment::Entity, A::AccountId)).equals((account::Entity, account::Column::Id)))
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

    /// Whether an account renews in the 90 days from the day asked for.
    pub(super) fn renews(&self) -> String {
        let from = self.windows.ending_on;
        let until = from.checked_add_days(Days::new(RENEWAL_DAYS.unsigned_abs())).unwrap_or(from);
        format!("coalesce(account.renewal_date BETWEEN '{from}' AND '{until}', (1 = 0))")
    }

    /// Whether the last executive contact of a score of `day` is within the cadence of the account's tier.
    pub(super) fn is_within_cadence(&self, day: NaiveDate) -> String {
        let of_tier = AccountTier::ALL.iter().map(|tier| {
            let first = day.checked_sub_days(Days::new(self.policy.cadence_days(*tier).unsigned_abs())).unwrap_or(day);
            format!("account.tier = '{}' AND assessment.last_executive_contact_on >= '{first}'", tier.as_str())
        });
        format!("coalesce({}, (1 = 0))", of_tier.collect::<Vec<_>>().join(" OR "))
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.db.backend()
    }

    /// Customers that have no usable score of a day.
    pub(super) async fn without_score_on(&self, day: NaiveDate) -> Result<Vec<AccountId>, ServiceError> {
        let operation = "looking for accounts without a score";
        let scored =
            Query::select().expr(Expr::val(1)).from(assessment::Entity).cond_where(self.is_of(day)).and_where(of_account()).to_owned();
        let select = Query::select()
            .column((account::Entity, account::Column::Id))
            .from(account::Entity)
            .cond_where(self.customers())
            .and_where(Expr::exists(scored).not())
            .to_owned();
        let rows = self.db.read().query_all(&select).await.during(operation)?;
        rows.iter().map(|row| row.try_get_by_index::<Uuid>(0).map(AccountId::from)).collect::<Result<_, _>>().during(operation)
    }

    /// Scores of a day that were made by the definitions of today and the policy in force.
    pub(super) fn is_of(&self, day: NaiveDate) -> Condition {
        comparable(&hash(self.policy)).add(assessment::Column::Day.eq(day))
    }

    /// Customers beside their scores of a day.
    pub(super) fn scores_of(&self, day: NaiveDate) -> SelectStatement {
        let mut select = Query::select();
        select.from(account::Entity).inner_join(assessment::Entity, of_account()).cond_where(self.customers()).cond_where(self.is_of(day));
        if let Some(asked) = of_score(self.backend(), self.filter) {
            select.cond_where(asked);
        }
        select
    }

    /// Adds up the scores of a day: one statement for the sums, one for the movers of each direction.
    pub(super) async fn add_up(&self, day: NaiveDate) -> Result<PortfolioTotals, ServiceError> {
        let operation = "adding up stored scores";
        let mut select = self.scores_of(day);
        select
            .column((assessment::Entity, assessment::Column::Pattern))
            .column((account::Entity, account::Column::Currency))
            .column((assessment::Entity, assessment::Column::Standing))
            .expr(Expr::cust(SUMS));
        for signal in Signal::ALL {
            let raised = format!("sum(CASE WHEN ((signals >> {}) & 15) <> 0 THEN 1 ELSE 0 END)", 4 * *signal as i32);
            select.expr(Expr::cust(raised));
        }
        for dimension in ["frequency", "quality", "breadth", "product"] {
            for column in [dimension.to_owned(), format!("previous_{dimension}")] {
                let firm = format!("CASE WHEN NOT provisional THEN {column} END");
                select.expr(Expr::cust(format!("sum({firm})"))).expr(Expr::cust(format!("count({firm})")));
            }
        }
        let renews = self.renews();
        select
            .expr(Expr::cust(format!("sum(CASE WHEN {renews} THEN 1 ELSE 0 END)")))
            .expr(Expr::cust(format!("CAST(sum(CASE WHEN {renews} THEN account.arr_minor END) AS bigint)")))
            .expr(Expr::cust(format!("sum(CASE WHEN {} THEN 1 ELSE 0 END)", self.is_within_cadence(day))));
        select.group_by_columns([(assessment::Entity, assessment::Column::Pattern)]);
        select.group_by_columns([(account::Entity, account::Column::Currency)]);
        select.group_by_columns([(assessment::Entity, assessment::Column::Standing)]);
        let mut totals = PortfolioTotals::default();
        for row in self.db.read().query_all(&select).await.during(operation)? {
            take_in(&mut totals, &row, operation)?;
        }
        for (direction, movers) in [(Order::Desc, &mut totals.improved), (Order::Asc, &mut totals.declined)] {
            for mover in self.movers_of(day, direction).await? {
                movers.insert(mover, self.keep().movers);
            }
        }
        Ok(totals)
    }

    async fn movers_of(&self, day: NaiveDate, direction: Order) -> Result<Vec<Mover>, ServiceError> {
        use assessment::Column as A;
        let operation = "looking for the accounts that moved most";
        let points = self.keep().mover_points;
        let mut select = self.scores_of(day);
        select
            .column((account::Entity, account::Column::Id))
            .column((account::Entity, account::Column::ExternalId))
            .column((assessment::Entity, A::Change))
            .column((assessment::Entity, A::OverallRounded))
            .and_where(if direction == Order::Desc { A::Change.gte(points) } else { A::Change.lte(-points) })
            .order_by((assessment::Entity, A::Change), direction)
            .order_by_expr(bytewise(self.backend(), (account::Entity, account::Column::ExternalId)), Order::Asc)
            .limit(u64::from(self.policy.portfolio.movers));
        let rows = self.db.read().query_all(&select).await.during(operation)?;
        let mover = |row: &QueryResult| {
            Ok(Mover {
                account: row.try_get_by_index::<Uuid>(0)?.into(),
                external_id: row.try_get_by_index(1)?,
                change: row.try_get_by_index(2)?,
                overall: row.try_get_by_index(3)?,
            })
        };
        rows.iter().map(mover).collect::<Result<_, DbErr>>().during(operation)
    }

    /// Sponsors on the first day of the trailing year of the accounts in scope that were customers then, and how many of
    /// them still are. A pattern or a standing is the one stored for `day`.
    pub(super) async fn retention(&self, day: NaiveDate) -> Result<Retention, ServiceError> {
        let operation = "counting the sponsors who stayed";
        let select = Query::select()
            .expr(Expr::cust("count(*)"))
            .expr(Expr::cust("sum(now)"))
            .from_subquery(self.pairs(day), Alias::new("pair"))
            .and_where(Expr::col(Alias::new("before")).eq(1))
            .to_owned();
        let Some(row) = self.db.read().query_one(&select).await.during(operation)? else { return Ok(Retention::default()) };
        Ok(Retention { pairs_before: whole(&row, 0).during(operation)?, pairs_kept: whole(&row, 1).during(operation)? })
    }

    /// Pairs of account and sponsor, with whether they were one on the first day of the trailing year and are one now.
    pub(super) fn pairs(&self, day: NaiveDate) -> SelectStatement {
        use sponsorship::Column as S;
        let is_sponsor_on = |on: NaiveDate| {
            let sponsors = runs_on(on).add(is_departed(on).not());
            Expr::expr(Expr::case(sponsors, Expr::val(1)).finally(Expr::val(0))).max()
        };
        let of_contact = Condition::all()
            .add(Expr::col((contact::Entity, contact::Column::AccountId)).equals((sponsorship::Entity, S::AccountId)))
            .add(Expr::col((contact::Entity, contact::Column::Id)).equals((sponsorship::Entity, S::ContactId)));
        let mut pairs = Query::select();
        pairs
            .column((sponsorship::Entity, S::AccountId))
            .expr_as(is_sponsor_on(self.windows.year_start_day), Alias::new("before"))
            .expr_as(is_sponsor_on(self.windows.ending_on), Alias::new("now"))
            .from(sponsorship::Entity)
            .inner_join(account::Entity, Expr::col((account::Entity, account::Column::Id)).equals((sponsorship::Entity, S::AccountId)))
            .inner_join(contact::Entity, of_contact)
            .cond_where(in_scope(self.backend(), self.access, self.filter))
            .cond_where(is_active(self.windows.year_start_day))
            .group_by_columns([(sponsorship::Entity, S::AccountId), (sponsorship::Entity, S::ContactId)]);
        if let Some(asked) = of_score(self.backend(), self.filter) {
            let like_that = Query::select()
                .expr(Expr::val(1))
                .from(assessment::Entity)
                .cond_where(self.is_of(day))
                .and_where(of_account())
                .cond_where(asked)
                .to_owned();
            pairs.cond_where(is_active(self.windows.ending_on)).and_where(Expr::exists(like_that));
        }
        pairs
    }
}

/// The score beside its account.
fn of_account() -> Expr {
    Expr::col((assessment::Entity, assessment::Column::AccountId)).equals((account::Entity, account::Column::Id))
}

/// Takes in the sums of one pattern, currency and standing.
fn take_in(totals: &mut PortfolioTotals, row: &QueryResult, operation: &'static str) -> Result<(), ServiceError> {
    let pattern: Option<String> = row.try_get_by_index(0).during(operation)?;
    let pattern: Option<Pattern> = parse_optional("assessment", "pattern", pattern.as_deref())?;
    let currency: Option<String> = row.try_get_by_index(1).during(operation)?;
    let standing: Option<String> = row.try_get_by_index(2).during(operation)?;
    let standing: Option<StandingState> = parse_optional("assessment", "standing", standing.as_deref())?;
    let count = |at: usize| whole(row, at).during(operation);
    let mut group = Group::default();
    group.count(count(3)?);
    if let Some(minor) = row.try_get_by_index(4).during(operation)? {
        group.pay(minor, currency.as_deref());
    }
    totals.all.merge(&group);
    totals.pattern(pattern).merge(&group);
    totals.standing(standing).merge(&group);
    totals.provisional += count(5)?;
    totals.scored += count(6)?;
    totals.overall_sum += i64::try_from(count(7)?).unwrap_or(i64::MAX);
    totals.sponsor_engaged += count(8)?;
    totals.known += count(9)?;
    totals.cadence_sum += row.try_get_by_index::<Option<f64>>(10).during(operation)?.unwrap_or_default();
    totals.qbrs_held += count(11)?;
    totals.qbrs_with_executive += count(12)?;
    totals.engaged_executives += count(13)?;
    for (at, signal) in totals.signals.iter_mut().enumerate() {
        *signal += count(SIGNALS_AT + at)?;
    }
    for (at, sum) in totals.dimensions.iter_mut().flatten().enumerate() {
        sum.sum += row.try_get_by_index::<Option<f64>>(DIMENSIONS_AT + 2 * at).during(operation)?.unwrap_or_default();
        sum.accounts += count(DIMENSIONS_AT + 2 * at + 1)?;
    }
    totals.renewals.count(count(RENEWALS_AT)?);
    if let Some(minor) = row.try_get_by_index(RENEWALS_AT + 1).during(operation)? {
        totals.renewals.pay(minor, currency.as_deref());
    }
    totals.within_cadence += count(RENEWALS_AT + 2)?;
    Ok(())
}

/// A count or a sum that is never negative; nothing added up is 0. A literal is a 32-bit number on PostgreSQL.
fn whole(row: &QueryResult, at: usize) -> Result<u64, DbErr> {
    let number = match row.try_get_by_index::<Option<i64>>(at) {
        Ok(number) => number,
        Err(_) => row.try_get_by_index::<Option<i32>>(at)?.map(i64::from),
    };
    Ok(number.map_or(0, |number| u64::try_from(number).unwrap_or(0)))
}
