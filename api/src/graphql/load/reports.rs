//! Batches of engagement reports: the rows of many accounts are read together; measuring and scoring is
//! `service`'s and `engagement`'s business.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use engagement::id::AccountId;
use engagement::measure::Collect;
use engagement::report::engagement::{EngagementReport as Report, People};
use engagement::vocabulary::Period;
use engagement::windows::Windows;
use service::error::ServiceError;
use service::report::{Naming, engagement_reports};
use service::scoring::holding;

use super::batches::Batches;
use super::grouped::group_by;
use crate::graphql::bounds::heavy::HeavyError;

/// The engagement report of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReportOf {
    pub account: AccountId,
    /// How long the period is.
    pub period: Period,
    /// The last day that counts.
    pub ending_on: NaiveDate,
    /// Whether the rows behind each number are asked for.
    pub evidence: bool,
    /// Whether its advice names people.
    pub naming: Naming,
}

/// A report as it was computed.
#[derive(Debug)]
pub struct ComputedReport {
    /// The report.
    pub report: Report,
    /// The people that it names.
    pub people: People,
    /// The last day for which data has come in.
    pub data_through: Option<NaiveDate>,
}

impl Loader<ReportOf> for Batches {
    type Value = Arc<ComputedReport>;
    type Error = HeavyError;

    async fn load(&self, keys: &[ReportOf]) -> Result<HashMap<ReportOf, Arc<ComputedReport>>, HeavyError> {
        let context = &self.0;
        let mut turn = context.heavy.turn().await;
        let place = turn.admit(keys.len() as u64).await?;
        holding(place, self.compute(keys)).await.map_err(HeavyError::from)
    }
}

impl Batches {
    async fn compute(
        &self,
        keys: &[ReportOf],
    ) -> Result<HashMap<ReportOf, Arc<ComputedReport>>, ServiceError> {
        let context = &self.0;
        let (db, policy) = (&context.state.db, &context.state.policy);
        let mut all = HashMap::new();
        for ((period, ending_on, evidence, naming), keys) in
            group_by(keys, |key| (key.period, key.ending_on, key.evidence, key.naming))
        {
            let windows = Windows::new(ending_on, context.now, context.state.zone, period);
            let collect = if evidence {
                Collect::Evidence
            } else {
                Collect::Numbers
            };
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let computed = engagement_reports(
                db,
                &context.access,
                policy,
                &windows,
                (collect, naming),
                &accounts,
            )
            .await?;
            let data_through = computed.data_through;
            all.extend(computed.reports.into_iter().map(|(account, (report, people))| {
                (
                    ReportOf {
                        account,
                        period,
                        ending_on,
                        evidence,
                        naming,
                    },
                    Arc::new(ComputedReport {
                        report,
                        people,
                        data_through,
                    }),
                )
            }));
        }
        Ok(all)
    }
}
