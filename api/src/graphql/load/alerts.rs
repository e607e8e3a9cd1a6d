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
use super::by_id::load_by;
use super::grouped::read_lists;
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
        read_lists(
            keys,
            |key| key.list.clone(),
            |key| key.account,
            |list: AlertList, owners: Vec<AccountId>| async move {
                let (context, page) = (&self.0, list.page.into_request());
                let filter = AlertFilter {
                    statuses: list.statuses,
                    severities: list.severities,
                    rules: list.rules,
                    ..AlertFilter::default()
                };
                service::alert::pages_of(
                    &context.state.db,
                    &context.access,
                    &owners,
                    &filter,
                    &page,
                    list.total,
                )
                .await
            },
        )
        .await
    }
}

impl Loader<OrgChangesOf> for Batches {
    type Value = Page<service::change::org_change::OrgChange>;
    type Error = ServiceError;

    async fn load(&self, keys: &[OrgChangesOf]) -> Result<HashMap<OrgChangesOf, Self::Value>, ServiceError> {
        read_lists(
            keys,
            |key| key.list.clone(),
            |key| key.account,
            |list: OrgChangeList, owners: Vec<AccountId>| async move {
                let (context, page) = (&self.0, list.page.into_request());
                service::change::org_change::pages_of(
                    &context.state.db,
                    &context.access,
                    &owners,
                    list.reviewed,
                    &page,
                    list.total,
                )
                .await
            },
        )
        .await
    }
}

impl Loader<OutreachOf> for Batches {
    type Value = Page<service::change::outreach::Outreach>;
    type Error = ServiceError;

    async fn load(&self, keys: &[OutreachOf]) -> Result<HashMap<OutreachOf, Self::Value>, ServiceError> {
        read_lists(
            keys,
            |key| key.list.clone(),
            |key| key.account,
            |list: OutreachList, owners: Vec<AccountId>| async move {
                let (context, page) = (&self.0, list.page.into_request());
                service::change::outreach::pages_of(
                    &context.state.db,
                    &context.access,
                    &owners,
                    list.statuses.as_deref(),
                    &page,
                    list.total,
                )
                .await
            },
        )
        .await
    }
}
