//! The portfolio from rows: every account in scope is scored, a batch at a time, in memory for one batch.

use std::sync::Arc;

use chrono::NaiveDate;
use engagement::evaluation::{Evaluation, evaluate};
use engagement::id::AccountId;
use engagement::measure::Collect;
use engagement::portfolio::{CountedAccount, PortfolioTotals, Retention};
use engagement::recommendation::{Advice, advice};
use engagement::vocabulary::StandingState;
use engagement::windows::Windows;
use entity::account;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::ask::Ask;
use crate::engagement_rows::{Organisation, load};
use crate::error::{During, ServiceError};
use crate::record::account::is_active;
use crate::record::account_list::in_scope;
use crate::scoring::evaluating::evaluate_all;
use crate::sql::dialect::id_in;

/// Accounts of a batch.
const BATCH: u64 = 500;

/// Which of the accounts in scope.
pub(super) enum Which {
    /// All that are customers now or were on the first day of the trailing year.
    All,
    These(Vec<AccountId>),
}

/// What the report needs of an account besides what it is scored by.
struct Listed {
    id: AccountId,
    external_id: String,
    arr_minor: Option<i64>,
    currency: Option<String>,
    renewal_on: Option<NaiveDate>,
}

/// Id, key, revenue, its currency, renewal.
type ListedRow = (Uuid, String, Option<i64>, Option<String>, Option<NaiveDate>);

/// What follows from the rows of a customer.
struct Evaluated {
    account: AccountId,
    evaluation: Evaluation,
    stayed: Retention,
    /// What to do first; looked for where the account is at risk.
    next: Option<Advice>,
}

impl Ask<'_> {
    /// Scores accounts and adds them up.
    pub(super) async fn score(
        &self,
        windows: &Windows,
        which: &Which,
    ) -> Result<PortfolioTotals, ServiceError> {
        let organisation = Arc::new(Organisation::read(self.db, windows).await?);
        let policy = Arc::new(self.policy.clone());
        let (windows, keep) = (*windows, self.keep());
        let mut totals = PortfolioTotals::default();
        let mut last = None;
        loop {
            let listed = self.list(&windows, which, last).await?;
            let Some(end) = listed.last() else {
                return Ok(totals);
            };
            last = Some(end.id.uuid());
            let ids: Vec<AccountId> = listed.iter().map(|account| account.id).collect();
            let rows = load(self.db, self.access, &organisation, &windows, &ids).await?;
            let (customers, others): (Vec<_>, Vec<_>) = rows
                .into_iter()
                .partition(|rows| rows.account.is_active_on(windows.ending_on));
            let (organisation, policy, of_next) = (
                Arc::clone(&organisation),
                Arc::clone(&policy),
                Arc::clone(&policy),
            );
            let evaluated = evaluate_all(
                self.db.read(),
                &windows,
                customers.into_iter().map(|rows| (rows, ())).collect(),
                move |rows| {
                    evaluate(
                        rows,
                        organisation.catalogue(),
                        &policy,
                        &windows,
                        Collect::Numbers,
                    )
                },
                move |rows, (), evaluation| {
                    let at_risk = evaluation
                        .standing
                        .as_ref()
                        .is_some_and(|standing| standing.state == StandingState::AtRisk);
                    let next = if at_risk {
                        advice(&evaluation, &rows, &of_next).into_iter().next()
                    } else {
                        None
                    };
                    Evaluated {
                        account: rows.account.id,
                        stayed: Retention::of(&rows, &windows),
                        next,
                        evaluation,
                    }
                },
            )
            .await?;
            for one in &evaluated {
                let Ok(at) = listed.binary_search_by_key(&one.account, |account| account.id) else {
                    continue;
                };
                let standing = one.evaluation.standing.as_ref().map(|standing| standing.state);
                let pattern = one.evaluation.assessment.pattern;
                if !is_among(self.filter.patterns.as_deref(), pattern)
                    || !is_among(self.filter.standings.as_deref(), standing)
                {
                    continue;
                }
                let Listed {
                    id,
                    external_id,
                    arr_minor,
                    currency,
                    renewal_on,
                } = &listed[at];
                let arr = (*arr_minor, currency.as_deref());
                let known = CountedAccount {
                    renewal_on: *renewal_on,
                    next: one.next.as_ref(),
                    lost_sponsor: one.stayed.pairs_kept < one.stayed.pairs_before,
                    ..CountedAccount::of((*id, external_id), arr, &one.evaluation, self.policy)
                };
                totals.add(&known, &keep);
                add(&mut totals.retention, one.stayed);
            }
            // Who is no customer any more has neither pattern nor standing.
            let all = self.filter.patterns.is_none() && self.filter.standings.is_none();
            for rows in others.iter().filter(|_| all) {
                add(&mut totals.retention, Retention::of(rows, &windows));
            }
        }
    }

    /// How many accounts there are to score where all of them are.
    pub(super) async fn count_all(&self, windows: &Windows) -> Result<u64, ServiceError> {
        account::Entity::find()
            .filter(in_scope(self.db.backend(), self.access, self.filter))
            .filter(of_all(windows))
            .count(self.db.read())
            .await
            .during("counting the accounts of a portfolio")
    }

    /// The next batch, by id.
    async fn list(
        &self,
        windows: &Windows,
        which: &Which,
        last: Option<Uuid>,
    ) -> Result<Vec<Listed>, ServiceError> {
        use account::Column;
        let of_scope = match which {
            Which::All => of_all(windows),
            Which::These(ids) => Condition::all().add(id_in(
                self.db.backend(),
                Column::Id,
                ids.iter().map(|id| id.uuid()),
            )),
        };
        let mut select = account::Entity::find()
            .select_only()
            .columns([
                Column::Id,
                Column::ExternalId,
                Column::ArrMinor,
                Column::Currency,
                Column::RenewalDate,
            ])
            .filter(in_scope(self.db.backend(), self.access, self.filter))
            .filter(of_scope)
            .order_by_asc(Column::Id)
            .limit(BATCH);
        if let Some(last) = last {
            select = select.filter(Expr::col((account::Entity, Column::Id)).gt(last));
        }
        let rows: Vec<ListedRow> = select
            .into_tuple()
            .all(self.db.read())
            .await
            .during("listing the accounts of a portfolio")?;
        let listed = |(id, external_id, arr_minor, currency, renewal_on): ListedRow| Listed {
            id: id.into(),
            external_id,
            arr_minor,
            currency,
            renewal_on,
        };
        Ok(rows.into_iter().map(listed).collect())
    }
}

/// Customers now, or on the first day of the trailing year.
fn of_all(windows: &Windows) -> Condition {
    Condition::any()
        .add(is_active(windows.ending_on))
        .add(is_active(windows.year_start_day))
}

fn add(sum: &mut Retention, more: Retention) {
    sum.pairs_before += more.pairs_before;
    sum.pairs_kept += more.pairs_kept;
}

/// Whether a value is one of those that are wanted; what is not there is none of them.
fn is_among<T: PartialEq>(wanted: Option<&[T]>, value: Option<T>) -> bool {
    wanted.is_none_or(|wanted| value.is_some_and(|value| wanted.contains(&value)))
}
