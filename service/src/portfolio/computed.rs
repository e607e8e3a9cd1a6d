//! The portfolio from rows: every account in scope is scored, a batch at a time, in memory for one batch.

use std::sync::Arc;

use engagement::evaluation::evaluate;
use engagement::id::AccountId;
use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::portfolio::{AccountStanding, PortfolioTotals, Retention};
use engagement::row::AccountRows;
use engagement::sponsor::sponsors;
use engagement::vocabulary::Pattern;
use engagement::windows::Windows;
use entity::account;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::Ask;
use crate::account::in_scope;
use crate::dialect::id_in;
use crate::engagement_rows::{Organisation, load};
use crate::error::{During, ServiceError};
use crate::recompute::is_active;
use crate::scoring::score;

/// Accounts of a batch.
const BATCH: u64 = 500;

/// Which of the accounts in scope.
pub(super) enum Which {
    /// All that are customers now or were on the first day of the trailing year.
    All,
    /// These.
    These(Vec<AccountId>),
}

/// What the report needs of an account besides what it is scored by.
struct Listed {
    id: AccountId,
    external_id: String,
    arr_minor: Option<i64>,
    currency: Option<String>,
}

impl Ask<'_> {
    /// Scores accounts and adds them up.
    pub(super) async fn score(&self, windows: &Windows, which: &Which) -> Result<PortfolioTotals, ServiceError> {
        let organisation = Arc::new(Organisation::read(self.db, self.access, windows).await?);
        let policy = Arc::new(self.policy.clone());
        let patterns = self.filter.patterns.clone();
        let (windows, movers) = (*windows, self.movers());
        let mut totals = PortfolioTotals::default();
        let mut last = None;
        loop {
            let listed = self.list(&windows, which, last).await?;
            let Some(end) = listed.last() else { return Ok(totals) };
            last = Some(end.id.uuid());
            let ids: Vec<AccountId> = listed.iter().map(|account| account.id).collect();
            let rows = load(self.db, self.access, &organisation, &windows, &ids).await?;
            let (organisation, policy, patterns) = (Arc::clone(&organisation), Arc::clone(&policy), patterns.clone());
            let batch = score(move |asker| {
                let mut batch = PortfolioTotals::default();
                for rows in rows.iter().take_while(|_| asker.waits()) {
                    if let Ok(at) = listed.binary_search_by_key(&rows.account.id, |account| account.id) {
                        add(&mut batch, rows, &listed[at], &organisation, (&policy, &windows), patterns.as_deref());
                    }
                }
                batch
            })
            .await?;
            totals.merge(&batch, movers);
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
    async fn list(&self, windows: &Windows, which: &Which, last: Option<Uuid>) -> Result<Vec<Listed>, ServiceError> {
        use account::Column;
        let of_scope = match which {
            Which::All => of_all(windows),
            Which::These(ids) => Condition::all().add(id_in(self.db.backend(), Column::Id, ids.iter().map(|id| id.uuid()))),
        };
        let mut select = account::Entity::find()
            .select_only()
            .columns([Column::Id, Column::ExternalId, Column::ArrMinor, Column::Currency])
            .filter(in_scope(self.db.backend(), self.access, self.filter))
            .filter(of_scope)
            .order_by_asc(Column::Id)
            .limit(BATCH);
        if let Some(last) = last {
            select = select.filter(Expr::col((account::Entity, Column::Id)).gt(last));
        }
        let rows: Vec<(Uuid, String, Option<i64>, Option<String>)> =
            select.into_tuple().all(self.db.read()).await.during("listing the accounts of a portfolio")?;
        let listed = |(id, external_id, arr_minor, currency): (Uuid, _, _, _)| Listed { id: id.into(), external_id, arr_minor, currency };
        Ok(rows.into_iter().map(listed).collect())
    }
}

/// Customers now, or on the first day of the trailing year.
fn of_all(windows: &Windows) -> Condition {
    Condition::any().add(is_active(windows.ending_on)).add(is_active(windows.year_start_day))
}

fn add(
    totals: &mut PortfolioTotals,
    rows: &AccountRows,
    listed: &Listed,
    organisation: &Organisation,
    (policy, windows): (&Policy, &Windows),
    patterns: Option<&[Pattern]>,
) {
    let active = rows.account.is_active_on(windows.ending_on);
    if active {
        let evaluation = evaluate(rows, organisation.catalogue(), policy, windows, Collect::Numbers);
        let pattern = evaluation.assessment.pattern;
        if patterns.is_some_and(|wanted| !pattern.is_some_and(|pattern| wanted.contains(&pattern))) {
            return;
        }
        let sponsors = sponsors(rows, policy, windows);
        let arr = (listed.arr_minor, listed.currency.as_deref());
        totals.add(&AccountStanding::of((listed.id, &listed.external_id), arr, &evaluation, &sponsors), policy.portfolio.movers as usize);
    } else if patterns.is_some() {
        // Who is no customer any more has no pattern.
        return;
    }
    let stayed = Retention::of(rows, windows);
    totals.retention.pairs_before += stayed.pairs_before;
    totals.retention.pairs_kept += stayed.pairs_kept;
}
