//! Batches of stored assessments: the latest of each account, and its history.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use engagement::id::AccountId;
use service::error::ServiceError;
use service::scoring::assessment::StoredAssessment;

use super::batches::Batches;
use super::by_id::load_by;
use super::grouped::read_lists;

/// The latest stored assessment of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LatestAssessmentOf(pub AccountId);

/// The stored assessments of an account in a span of days, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HistoryOf {
    pub account: AccountId,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

load_by!(LatestAssessmentOf => StoredAssessment, service::scoring::assessment::latest_of);

impl Loader<HistoryOf> for Batches {
    type Value = Vec<StoredAssessment>;
    type Error = ServiceError;

    async fn load(&self, keys: &[HistoryOf]) -> Result<HashMap<HistoryOf, Self::Value>, ServiceError> {
        read_lists(
            keys,
            |key| (key.from, key.to),
            |key| key.account,
            |(from, to), owners: Vec<AccountId>| async move {
                let context = &self.0;
                service::scoring::assessment::history_of(
                    &context.state.db,
                    &context.access,
                    &owners,
                    from,
                    to,
                )
                .await
            },
        )
        .await
    }
}
