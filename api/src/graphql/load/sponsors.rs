//! Batches about sponsors: reports, the history of levels, and who leads today.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use engagement::id::AccountId;
use engagement::windows::Windows;
use service::error::ServiceError;
use service::report::primary_sponsor::{PrimarySponsor, primary_sponsors_of};
use service::report::sponsor_report::{
    LabelledSponsorReport, sponsor_reports, sponsor_reports_without_bus_factor,
};
use service::scoring::holding;
use service::scoring::sponsor_level::{ToldChange, levels_of};

use super::batches::Batches;
use super::grouped::{group_by, read_lists};
use crate::graphql::bounds::heavy::HeavyError;

/// The sponsor report of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SponsorReportOf {
    pub account: AccountId,
    /// The last day that counts.
    pub ending_on: NaiveDate,
    /// Whether it is asked for who would be missed.
    pub bus_factor: bool,
}

/// The changes of executives' levels of an account in a span of days, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LevelsOf {
    pub account: AccountId,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// The primary sponsor of an account, today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PrimarySponsorOf(pub AccountId);

impl Loader<SponsorReportOf> for Batches {
    type Value = Arc<LabelledSponsorReport>;
    type Error = HeavyError;

    async fn load(
        &self,
        keys: &[SponsorReportOf],
    ) -> Result<HashMap<SponsorReportOf, Self::Value>, HeavyError> {
        let context = &self.0;
        let mut turn = context.heavy.turn().await;
        let place = turn.admit(keys.len() as u64).await?;
        holding(place, self.compute_for_sponsors(keys))
            .await
            .map_err(HeavyError::from)
    }
}

impl Batches {
    async fn compute_for_sponsors(
        &self,
        keys: &[SponsorReportOf],
    ) -> Result<HashMap<SponsorReportOf, Arc<LabelledSponsorReport>>, ServiceError> {
        let context = &self.0;
        let (db, policy) = (&context.state.db, &context.state.policy);
        let mut all = HashMap::new();
        for ((ending_on, bus_factor), keys) in group_by(keys, |key| (key.ending_on, key.bus_factor)) {
            let windows = Windows::new(ending_on, context.now, context.state.zone, policy.standard_period);
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let reports = if bus_factor {
                sponsor_reports(db, &context.access, policy, &windows, &accounts).await?
            } else {
                sponsor_reports_without_bus_factor(db, &context.access, policy, &windows, &accounts).await?
            };
            let key = |account| SponsorReportOf {
                account,
                ending_on,
                bus_factor,
            };
            all.extend(
                reports
                    .into_iter()
                    .map(|(account, report)| (key(account), Arc::new(report))),
            );
        }
        Ok(all)
    }
}

impl Loader<LevelsOf> for Batches {
    type Value = Vec<ToldChange>;
    type Error = ServiceError;

    async fn load(&self, keys: &[LevelsOf]) -> Result<HashMap<LevelsOf, Self::Value>, ServiceError> {
        read_lists(
            keys,
            |key| (key.from, key.to),
            |key| key.account,
            |span, owners: Vec<AccountId>| async move {
                let (state, access) = (&self.0.state, &self.0.access);
                levels_of(&state.db, access, &state.policy_hash, &owners, span).await
            },
        )
        .await
    }
}

impl Loader<PrimarySponsorOf> for Batches {
    type Value = PrimarySponsor;
    type Error = ServiceError;

    async fn load(
        &self,
        keys: &[PrimarySponsorOf],
    ) -> Result<HashMap<PrimarySponsorOf, PrimarySponsor>, ServiceError> {
        let accounts: Vec<AccountId> = keys.iter().map(|key| key.0).collect();
        let found = primary_sponsors_of(&self.0.state.db, &self.0.access, &accounts, self.0.today()).await?;
        Ok(found
            .into_iter()
            .map(|(account, sponsor)| (PrimarySponsorOf(account), sponsor))
            .collect())
    }
}
