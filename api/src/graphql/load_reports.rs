//! Batches of engagement reports: the rows of many accounts are read together, then each account is measured and scored by
//! the one path that there is.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use engagement::evaluation::evaluate;
use engagement::id::AccountId;
use engagement::measure::Collect;
use engagement::report::engagement::EngagementReport as Report;
use engagement::vocabulary::Period;
use engagement::windows::Windows;
use service::error::ServiceError;

use super::load_nodes::group_by;
use super::loaders::Batches;

/// The engagement report of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReportOf {
    /// Whose.
    pub account: AccountId,
    /// How long the period is.
    pub period: Period,
    /// The last day that counts.
    pub ending_on: NaiveDate,
    /// Whether the rows behind each number are asked for.
    pub evidence: bool,
}

/// A report as it was computed.
#[derive(Debug)]
pub struct ComputedReport {
    /// The report.
    pub report: Report,
    /// The last day for which data has come in.
    pub data_through: Option<NaiveDate>,
}

impl Loader<ReportOf> for Batches {
    type Value = Arc<ComputedReport>;
    type Error = ServiceError;

    async fn load(&self, keys: &[ReportOf]) -> Result<HashMap<ReportOf, Arc<ComputedReport>>, ServiceError> {
        let context = &self.0;
        let policy = &context.state.policy;
        let mut all = HashMap::new();
        for ((period, ending_on, evidence), keys) in group_by(keys, |key| (key.period, key.ending_on, key.evidence)) {
            let windows = Windows::new(ending_on, context.now, context.state.zone, period);
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let loaded = service::scoring::load(&context.state.db, &context.access, &accounts, &windows).await?;
            let collect = if evidence { Collect::Evidence } else { Collect::Numbers };
            for rows in &loaded.accounts {
                let evaluation = evaluate(rows, &loaded.catalogue, policy, &windows, collect);
                let report = Report::new(evaluation, rows, policy);
                let key = ReportOf { account: rows.account.id, period, ending_on, evidence };
                all.insert(key, Arc::new(ComputedReport { report, data_through: loaded.data_through }));
                // Each account takes a while; other requests of this thread get their turn in between.
                tokio::task::yield_now().await;
            }
        }
        Ok(all)
    }
}
