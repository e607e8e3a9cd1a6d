//! Batches of alerts, organisational changes and plans: by their id, and page by page for many accounts.
//!
//! Keys that ask the same of different accounts share one statement.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use engagement::alert::AlertRule;
use engagement::id::{AccountId, AlertId, OrgChangeId, OutreachId};
use engagement::vocabulary::{AlertStatus, OutreachStatus, Severity};
use service::alert::{AlertFilter, StoredAlert};
use service::error::ServiceError;
use service::sql::page::Page;

use super::batches::Batches;
use super::nodes::{group_by, load_by};
use crate::graphql::scalar::connection::PageArguments;

/// An alert by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AlertById(pub AlertId);

/// An organisational change by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrgChangeById(pub OrgChangeId);

/// A plan by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OutreachById(pub OutreachId);

load_by!(AlertById => StoredAlert, service::alert::by_ids);
load_by!(OrgChangeById => service::change::org_change::OrgChange, service::change::org_change::by_ids);
load_by!(OutreachById => service::change::outreach::Outreach, service::change::outreach::by_ids);

/// A page of the alerts of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlertsOf {
    /// Whose.
    pub account: AccountId,
    /// What is asked of that account.
    pub list: AlertList,
}

/// Which alerts, and which page of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlertList {
    /// In one of these places of their life.
    pub statuses: Option<Vec<AlertStatus>>,
    /// As bad as one of these.
    pub severities: Option<Vec<Severity>>,
    /// Of one of these rules.
    pub rules: Option<Vec<AlertRule>>,
    /// Which page.
    pub page: PageArguments,
    /// Whether to count them all.
    pub total: bool,
}

/// A page of the organisational changes of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrgChangesOf {
    /// Whose.
    pub account: AccountId,
    /// What is asked of that account.
    pub list: OrgChangeList,
}

/// Which changes, and which page of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrgChangeList {
    /// Only those that were reviewed, or only those that were not.
    pub reviewed: Option<bool>,
    /// Which page.
    pub page: PageArguments,
    /// Whether to count them all.
    pub total: bool,
}

/// A page of the plans for contacts of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OutreachOf {
    /// Whose.
    pub account: AccountId,
    /// What is asked of that account.
    pub list: OutreachList,
}

/// Which plans, and which page of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OutreachList {
    /// With one of these statuses.
    pub statuses: Option<Vec<OutreachStatus>>,
    /// Which page.
    pub page: PageArguments,
    /// Whether to count them all.
    pub total: bool,
}

impl Loader<AlertsOf> for Batches {
    type Value = Page<StoredAlert>;
    type Error = ServiceError;

    async fn load(&self, keys: &[AlertsOf]) -> Result<HashMap<AlertsOf, Self::Value>, ServiceError> {
        let mut all = HashMap::new();
        for (list, keys) in group_by(keys, |key| key.list.clone()) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let AlertList {
                statuses,
                severities,
                rules,
                page,
                total,
            } = list;
            let filter = AlertFilter {
                statuses,
                severities,
                rules,
                ..AlertFilter::default()
            };
            let mut found = service::alert::pages_of(
                &self.0.state.db,
                &self.0.access,
                &accounts,
                &filter,
                &page.into_request(),
                total,
            )
            .await?;
            all.extend(
                keys.into_iter()
                    .map(|key| (key.clone(), found.remove(&key.account).unwrap_or_default())),
            );
        }
        Ok(all)
    }
}

impl Loader<OrgChangesOf> for Batches {
    type Value = Page<service::change::org_change::OrgChange>;
    type Error = ServiceError;

    async fn load(&self, keys: &[OrgChangesOf]) -> Result<HashMap<OrgChangesOf, Self::Value>, ServiceError> {
        let mut all = HashMap::new();
        for (list, keys) in group_by(keys, |key| key.list.clone()) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let (context, page) = (&self.0, list.page.into_request());
            let mut found = service::change::org_change::pages_of(
                &context.state.db,
                &context.access,
                &accounts,
                list.reviewed,
                &page,
                list.total,
            )
            .await?;
            all.extend(
                keys.into_iter()
                    .map(|key| (key.clone(), found.remove(&key.account).unwrap_or_default())),
            );
        }
        Ok(all)
    }
}

impl Loader<OutreachOf> for Batches {
    type Value = Page<service::change::outreach::Outreach>;
    type Error = ServiceError;

    async fn load(&self, keys: &[OutreachOf]) -> Result<HashMap<OutreachOf, Self::Value>, ServiceError> {
        let mut all = HashMap::new();
        for (list, keys) in group_by(keys, |key| key.list.clone()) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let (context, page) = (&self.0, list.page.into_request());
            let statuses = list.statuses.as_deref();
            let mut found = service::change::outreach::pages_of(
                &context.state.db,
                &context.access,
                &accounts,
                statuses,
                &page,
                list.total,
            )
            .await?;
            all.extend(
                keys.into_iter()
                    .map(|key| (key.clone(), found.remove(&key.account).unwrap_or_default())),
            );
        }
        Ok(all)
    }
}
