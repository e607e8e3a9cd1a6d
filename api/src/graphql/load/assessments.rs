//! Batches of stored assessments: the latest of each account, and its history.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use engagement::id::AccountId;
use service::error::ServiceError;
use service::scoring::assessment::StoredAssessment;

use super::batches::Batches;
use super::nodes::group_by;

/// The latest stored assessment of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LatestAssessmentOf(pub AccountId);

/// The stored assessments of an account in a span of days, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HistoryOf {
    /// Whose.
    pub account: AccountId,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

impl Loader<LatestAssessmentOf> for Batches {
    type Value = StoredAssessment;
    type Error = ServiceError;

    async fn load(
        &self,
        keys: &[LatestAssessmentOf],
    ) -> Result<HashMap<LatestAssessmentOf, StoredAssessment>, ServiceError> {
        let accounts: Vec<AccountId> = keys.iter().map(|key| key.0).collect();
        let found =
            service::scoring::assessment::latest_of(&self.0.state.db, &self.0.access, &accounts).await?;
        Ok(found
            .into_iter()
            .map(|(account, stored)| (LatestAssessmentOf(account), stored))
            .collect())
    }
}

impl Loader<HistoryOf> for Batches {
    type Value = Vec<StoredAssessment>;
    type Error = ServiceError;

    async fn load(
        &self,
        keys: &[HistoryOf],
    ) -> Result<HashMap<HistoryOf, Vec<StoredAssessment>>, ServiceError> {
        let mut all = HashMap::new();
        for ((from, to), keys) in group_by(keys, |key| (key.from, key.to)) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let mut found = service::scoring::assessment::history_of(
                &self.0.state.db,
                &self.0.access,
                &accounts,
                from,
                to,
            )
            .await?;
            all.extend(
                keys.into_iter()
                    .map(|key| (*key, found.remove(&key.account).unwrap_or_default())),
            );
        }
        Ok(all)
    }
}
