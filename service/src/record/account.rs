//! Customer accounts: one by one, in bulk, and as lists.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use engagement::id::AccountId;
use engagement::policy::CurrencyPolicy;
use engagement::row::customer_on;
use engagement::vocabulary::{AccountStatus, AccountTier, Pattern, ServedBy, StandingState};
use entity::{account, assessment};
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, IntoColumnRef, IntoTableRef, JoinType, LockType, Query, SelectStatement,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use sea_orm::{ConnectionTrait, DbBackend, Iterable, QueryResult};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::clock::instant;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::money::Money;
use crate::sql::dialect::{contains, id_in, sort_key, text_in};
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place, into_page};
use crate::sql::stored::parse;

/// A customer account.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The key in the customer's own systems.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// How large it is.
    pub tier: AccountTier,
    /// Its internet domain.
    pub domain: Option<String>,
    /// Customer or not.
    pub status: AccountStatus,
    /// Since when not.
    pub churned_on: Option<NaiveDate>,
    /// As imported.
    pub industry: Option<String>,
    /// As imported.
    pub region: Option<String>,
    /// Annual recurring revenue.
    pub arr: Option<Money>,
    /// First day of the contract.
    pub contract_start: Option<NaiveDate>,
    /// The day it renews.
    pub renewal_date: Option<NaiveDate>,
    /// Who serves it.
    pub served_by: ServedBy,
    /// Since when we know it.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Account {
    /// Whether it is a customer on a day.
    pub fn is_active_on(&self, day: NaiveDate) -> bool {
        customer_on(self.status, self.churned_on, day)
    }
}

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

/// Accounts by id; those that do not exist or may not be seen are absent.
pub async fn by_ids(
    db: &Db,
    access: &Access,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, Account>, ServiceError> {
    let among = id_in(db.backend(), account::Column::Id, ids.iter().map(|id| id.uuid()));
    let rows = read(db, access, among).await?;
    Ok(rows.into_iter().map(|account| (account.id, account)).collect())
}

/// What imports call some accounts, and nothing else of them: also where a row holds what this binary does not know.
pub(crate) async fn external_ids(
    db: &Db,
    access: &Access,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, String>, ServiceError> {
    let rows: Vec<(Uuid, String)> = account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::ExternalId])
        .filter(id_in(
            db.backend(),
            account::Column::Id,
            ids.iter().map(|id| id.uuid()),
        ))
        .filter(visible_accounts(access, account::Column::Id.into_column_ref()))
        .into_tuple()
        .all(db.read())
        .await
        .during("reading what accounts are called")?;
    Ok(rows
        .into_iter()
        .map(|(id, external_id)| (id.into(), external_id))
        .collect())
}

/// Accounts by external id.
pub async fn by_external_ids(
    db: &Db,
    access: &Access,
    ids: &[String],
) -> Result<HashMap<String, Account>, ServiceError> {
    let among = text_in(db.backend(), account::Column::ExternalId, ids.iter().cloned());
    let rows = read(db, access, among).await?;
    Ok(rows
        .into_iter()
        .map(|account| (account.external_id.clone(), account))
        .collect())
}

/// The account that a person names, by external id or by id.
pub async fn find(db: &Db, access: &Access, named: &str) -> Result<Option<Account>, ServiceError> {
    let found = by_external_ids(db, access, &[named.to_owned()])
        .await?
        .into_values()
        .next();
    match (found, named.parse::<AccountId>()) {
        (None, Ok(id)) => Ok(by_ids(db, access, &[id]).await?.into_values().next()),
        (found, _) => Ok(found),
    }
}

async fn read(db: &Db, access: &Access, which: Expr) -> Result<Vec<Account>, ServiceError> {
    let rows = account::Entity::find()
        .filter(which)
        .filter(visible_accounts(access, account::Column::Id.into_column_ref()))
        .all(db.read())
        .await
        .during("reading accounts")?;
    rows.into_iter().map(from_row).collect()
}

/// The account that a change is about, which nobody else changes until the change is done.
///
/// # Errors
/// [`ServiceError::NotFound`] for one that is not there or may not be seen; `field` is what the caller calls its id.
pub(crate) async fn hold(
    tx: &Tx,
    access: &Access,
    field: &str,
    id: AccountId,
) -> Result<Account, ServiceError> {
    let row = account::Entity::find_by_id(id.uuid())
        .filter(visible_accounts(access, account::Column::Id.into_column_ref()))
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await
        .during("looking for an account to change")?;
    row.map_or_else(|| Err(ServiceError::not_found(field, "account")), from_row)
}

/// Locks these accounts until the transaction ends ([`hold_where`]).
pub(crate) async fn hold_all(tx: &Tx, accounts: &[AccountId]) -> Result<(), ServiceError> {
    let ids = accounts.iter().map(|id| id.uuid());
    hold_where(
        tx,
        Condition::all().add(id_in(tx.get_database_backend(), account::Column::Id, ids)),
    )
    .await
}

/// Locks some accounts until the transaction ends, always in the order of their ids: of two transactions that lock the same
/// ones neither waits for the other while that one waits for it. SQLite has one writer, who has everything.
pub(crate) async fn hold_where(tx: &Tx, which: Condition) -> Result<(), ServiceError> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(which)
        .order_by_asc(account::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<Uuid>()
        .all(tx)
        .await
        .map(drop)
        .during("holding accounts")
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

fn listed(field: AccountOrderField, row: &QueryResult) -> Result<(Place, Account), ServiceError> {
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

fn ordering(db: &Db, order: AccountOrder, rates: &CurrencyPolicy) -> Ordering {
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
fn matching(db: &Db, access: &Access, filter: &AccountFilter, order: AccountOrder) -> SelectStatement {
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

async fn count(db: &Db, matching: &SelectStatement) -> Result<u64, ServiceError> {
    let mut count = matching.clone();
    count.expr(Expr::cust("count(*)"));
    let row = db.read().query_one(&count).await.during("counting accounts")?;
    let total: i64 = row
        .map_or(Ok(0), |row| row.try_get_by_index(0))
        .during("counting accounts")?;
    Ok(u64::try_from(total).unwrap_or(0))
}

pub(crate) fn from_row(row: account::Model) -> Result<Account, ServiceError> {
    Ok(Account {
        id: row.id.into(),
        external_id: row.external_id,
        name: row.name,
        tier: parse("account", "tier", &row.tier)?,
        domain: row.domain,
        status: parse("account", "status", &row.status)?,
        churned_on: row.churned_on,
        industry: row.industry,
        region: row.region,
        arr: row.arr_minor.map(|minor| Money::new(minor, row.currency)),
        contract_start: row.contract_start,
        renewal_date: row.renewal_date,
        served_by: parse("account", "served_by", &row.served_by)?,
        created_at: instant(row.created_at),
        updated_at: instant(row.updated_at),
    })
}

/// Whether an account is a customer on a day.
pub(crate) fn is_active(day: NaiveDate) -> Condition {
    use account::Column;
    Condition::any().add(Column::ChurnedOn.gt(day)).add(
        Condition::all()
            .add(Column::ChurnedOn.is_null())
            .add(Column::Status.eq(AccountStatus::Active.as_str())),
    )
}
