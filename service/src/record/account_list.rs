//! Lists of accounts: filters, orders, pages, and the condition by which the portfolio counts the same accounts.

use chrono::NaiveDate;
use engagement::id::AccountId;
use engagement::policy::CurrencyPolicy;
use engagement::vocabulary::{AccountStatus, AccountTier, Pattern, StandingState};
use entity::{account, assessment};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, IntoTableRef, JoinType, Query, SelectStatement};
use sea_orm::{Condition, FromQueryResult};
use sea_orm::{ConnectionTrait, DbBackend, Iterable, QueryResult};

use super::account::{Account, from_row};
use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::sql::dialect::{contains, id_in, sort_key, text_in};
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place, into_page};

/// Which accounts a list holds: those that meet every part that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AccountFilter {
    /// Only these.
    pub ids: Option<Vec<AccountId>>,
    /// Of these tiers.
    pub tiers: Option<Vec<AccountTier>>,
    /// With these statuses.
    pub statuses: Option<Vec<AccountStatus>>,
    /// With these patterns in the latest stored assessment.
    pub patterns: Option<Vec<Pattern>>,
    /// With these standings in the latest stored assessment; who is no customer any more has none.
    pub standings: Option<Vec<StandingState>>,
    /// Whose name, external id or domain contains this text.
    pub search: Option<String>,
}

/// What a list of accounts is ordered by; accounts without it come last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AccountOrderField {
    /// The name, without regard to case.
    #[default]
    Name,
    /// The latest stored overall score, unrounded.
    EngagementScore,
    /// The day of renewal.
    RenewalDate,
    /// Annual recurring revenue. Amounts with an exchange rate are ordered in the reporting currency, and stand first; those of
    /// other currencies are compared with none but their own, and stand currency by currency, in the order of the codes.
    Arr,
    /// The latest stored change of the score.
    Change,
    /// The latest stored standing, worst first.
    Standing,
}

/// How a list of accounts is ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct AccountOrder {
    /// By what.
    pub field: AccountOrderField,
    /// Largest first.
    pub descending: bool,
}

/// A page of the accounts that meet `filter`; `rates` are what amounts are compared by.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn list(
    db: &Db,
    access: &Access,
    rates: &CurrencyPolicy,
    filter: &AccountFilter,
    order: AccountOrder,
    page: &PageRequest,
    with_total: bool,
) -> Result<Page<Account>, ServiceError> {
    let ordering = ordering(db, order, rates);
    let mut select = matching(db, access, filter, order);
    let total = if with_total {
        Some(count(db, &select).await?)
    } else {
        None
    };
    select.columns(account::Column::iter().map(|column| (account::Entity, column)));
    select.expr_as(ordering.key.clone(), Alias::new("sort_key"));
    select
        .cond_where(ordering.bounds(page)?)
        .limit(u64::from(page.limit) + 1);
    ordering.apply(&mut select, page.backward);
    let rows = db.read().query_all(&select).await.during("listing accounts")?;
    let rows = rows
        .iter()
        .map(|row| listed(order.field, row))
        .collect::<Result<Vec<_>, ServiceError>>()?;
    Ok(into_page(page, rows, total))
}

pub(super) fn listed(field: AccountOrderField, row: &QueryResult) -> Result<(Place, Account), ServiceError> {
    let operation = "reading a list of accounts";
    let key = match field {
        AccountOrderField::Name | AccountOrderField::Arr => row
            .try_get::<Option<String>>("", "sort_key")
            .during(operation)?
            .map(Key::Text),
        AccountOrderField::EngagementScore => row
            .try_get::<Option<f64>>("", "sort_key")
            .during(operation)?
            .map(Key::Number),
        AccountOrderField::RenewalDate => row
            .try_get::<Option<NaiveDate>>("", "sort_key")
            .during(operation)?
            .map(Key::Day),
        AccountOrderField::Change | AccountOrderField::Standing => row
            .try_get::<Option<i32>>("", "sort_key")
            .during(operation)?
            .map(|key| Key::Whole(key.into())),
    };
    let account = from_row(account::Model::from_query_result(row, "").during(operation)?)?;
    Ok((
        Place {
            key: key.unwrap_or(Key::Absent),
            id: account.id.uuid(),
        },
        account,
    ))
}

pub(super) fn ordering(db: &Db, order: AccountOrder, rates: &CurrencyPolicy) -> Ordering {
    let (key, kind) = match order.field {
        AccountOrderField::Name => (
            sort_key(db.backend(), (account::Entity, account::Column::Name)),
            KeyKind::Text,
        ),
        AccountOrderField::EngagementScore => (
            Expr::col((assessment::Entity, assessment::Column::Overall)),
            KeyKind::Number,
        ),
        AccountOrderField::RenewalDate => (
            Expr::col((account::Entity, account::Column::RenewalDate)),
            KeyKind::Day,
        ),
        AccountOrderField::Arr => (revenue_key(db.backend(), rates, order.descending), KeyKind::Text),
        AccountOrderField::Change => (
            Expr::col((assessment::Entity, assessment::Column::Change)),
            KeyKind::Whole,
        ),
        AccountOrderField::Standing => (
            Expr::col((account::Entity, account::Column::StandingRank)),
            KeyKind::Whole,
        ),
    };
    Ordering {
        key,
        kind,
        descending: order.descending,
        id: Expr::col((account::Entity, account::Column::Id)),
    }
}

/// What a list by revenue is ordered by: the currency that an amount counts in, and the amount in it as nineteen digits. So
/// amounts of different currencies are never compared, and a place in the list depends on its account alone: a share of a
/// total would move all places with each amount that changes, and pages would repeat or hide rows.
fn revenue_key(backend: DbBackend, rates: &CurrencyPolicy, descending: bool) -> Expr {
    const LARGEST: &str = "9000000000000000000";
    let mut counted_in = "coalesce(account.currency, '')".to_owned();
    let mut minor = "account.arr_minor".to_owned();
    if let Some(reporting) = rates.reporting() {
        // Before all codes, whichever way the list runs.
        let first = if descending { '~' } else { '!' };
        let known: Vec<&str> = rates.rates().map(|(code, _)| code).chain([reporting]).collect();
        counted_in = format!(
            "CASE WHEN account.currency IN ('{}') THEN '{first}' ELSE {counted_in} END",
            known.join("', '")
        );
        let factors = rates
            .rates()
            .filter_map(|(code, _)| Some((code, rates.factor(Some(code))?)));
        let cases: Vec<String> = factors
            .map(|(code, factor)| {
                let amount = format!("account.arr_minor * {factor:e}");
                format!("WHEN '{code}' THEN CAST(CASE WHEN {amount} >= {LARGEST} THEN {LARGEST} ELSE round({amount}) END AS bigint)")
            })
            .collect();
        if !cases.is_empty() {
            minor = format!("CASE account.currency {} ELSE {minor} END", cases.join(" "));
        }
    }
    let digits = format!("CAST({minor} AS text)");
    let key =
        format!("({counted_in}) || ':' || substr('0000000000000000000', length({digits}) + 1) || {digits}");
    Expr::cust(if backend == DbBackend::Postgres {
        format!("({key}) COLLATE \"C\"")
    } else {
        format!("({key})")
    })
}

/// The statement's FROM and WHERE; the latest assessment is joined only where something asks for it.
pub(super) fn matching(
    db: &Db,
    access: &Access,
    filter: &AccountFilter,
    order: AccountOrder,
) -> SelectStatement {
    let backend = db.backend();
    let mut select = Query::select();
    select.from(account::Entity);
    let by_score = matches!(
        order.field,
        AccountOrderField::EngagementScore | AccountOrderField::Change
    );
    if by_score || filter.patterns.is_some() {
        select.join(JoinType::LeftJoin, assessment::Entity, latest_assessment());
    }
    let mut condition = in_scope(backend, access, filter);
    if let Some(standings) = &filter.standings {
        let ranks = standings.iter().map(|state| *state as i32);
        condition = condition.add(Expr::col((account::Entity, account::Column::StandingRank)).is_in(ranks));
    }
    if let Some(patterns) = &filter.patterns {
        condition = condition.add(has_pattern(backend, patterns));
    }
    select.cond_where(condition);
    select
}

/// What a filter asks of an account whatever its scores: everything but pattern and standing.
pub(crate) fn in_scope(backend: DbBackend, access: &Access, filter: &AccountFilter) -> Condition {
    let id = (account::Entity, account::Column::Id);
    let mut condition = Condition::all().add(visible_accounts(access, id));
    if let Some(ids) = &filter.ids {
        condition = condition.add(id_in(backend, id, ids.iter().map(|id| id.uuid())));
    }
    if let Some(tiers) = &filter.tiers {
        condition = condition.add(text_in(
            backend,
            (account::Entity, account::Column::Tier),
            tiers.iter().map(|t| t.as_str()),
        ));
    }
    if let Some(statuses) = &filter.statuses {
        condition = condition.add(text_in(
            backend,
            (account::Entity, account::Column::Status),
            statuses.iter().map(|s| s.as_str()),
        ));
    }
    if let Some(search) = filter
        .search
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        let columns = [
            account::Column::Name,
            account::Column::ExternalId,
            account::Column::Domain,
        ];
        let anywhere = columns.into_iter().fold(Condition::any(), |any, c| {
            any.add(contains(backend, (account::Entity, c), search))
        });
        condition = condition.add(anywhere);
    }
    condition
}

/// What a filter asks of a row of `assessment`: pattern and standing; nothing where it asks for neither.
pub(crate) fn of_score(backend: DbBackend, filter: &AccountFilter) -> Option<Condition> {
    let standing = |states: &Vec<StandingState>| {
        text_in(
            backend,
            (assessment::Entity, assessment::Column::Standing),
            states.iter().map(|state| state.as_str()),
        )
    };
    let pattern = filter
        .patterns
        .as_ref()
        .map(|patterns| has_pattern(backend, patterns));
    let asked: Vec<Expr> = pattern
        .into_iter()
        .chain(filter.standings.as_ref().map(standing))
        .collect();
    (!asked.is_empty()).then(|| asked.into_iter().fold(Condition::all(), Condition::add))
}

/// Whether a row of `assessment` has one of the patterns.
fn has_pattern(backend: DbBackend, patterns: &[Pattern]) -> Expr {
    text_in(
        backend,
        (assessment::Entity, assessment::Column::Pattern),
        patterns.iter().map(|p| p.as_str()),
    )
}

/// Joins the last stored day: one seek in the primary key per account.
fn latest_assessment() -> Condition {
    let other = Alias::new("other");
    let last_day = Query::select()
        .expr(Expr::col((other.clone(), assessment::Column::Day)).max())
        .from_as(assessment::Entity.into_table_ref(), other.clone())
        .and_where(
            Expr::col((other, assessment::Column::AccountId)).equals((account::Entity, account::Column::Id)),
        )
        .to_owned();
    Condition::all()
        .add(
            Expr::col((assessment::Entity, assessment::Column::AccountId))
                .equals((account::Entity, account::Column::Id)),
        )
        .add(
            Expr::col((assessment::Entity, assessment::Column::Day))
                .eq(Expr::SubQuery(None, Box::new(last_day.into()))),
        )
}

pub(super) async fn count(db: &Db, matching: &SelectStatement) -> Result<u64, ServiceError> {
    let mut count = matching.clone();
    count.expr(Expr::cust("count(*)"));
    let row = db.read().query_one(&count).await.during("counting accounts")?;
    let total: i64 = row
        .map_or(Ok(0), |row| row.try_get_by_index(0))
        .during("counting accounts")?;
    Ok(u64::try_from(total).unwrap_or(0))
}
