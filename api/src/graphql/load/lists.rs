//! Batches of pages: a list of many accounts, users or interactions, each cut to its page by the database.
//!
//! Keys that ask the same of different accounts share one statement.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Error};
use chrono::NaiveDate;
use engagement::id::{AccountId, InteractionId, UserId};
use engagement::vocabulary::{ContactRole, InteractionKind};
use service::error::ServiceError;
use service::record::goal::Goal;
use service::record::interaction::Participant;
use service::record::metric::Metric;
use service::record::team::TeamMember;
use service::sql::page::Page;
use service::token::Token;

use super::ask::load_list;
use super::batches::{Batches, loaders};
use super::nodes::{ContactById, group_by};
use crate::graphql::bounds::limits::{List, MAX_FIRST};
use crate::graphql::scalar::connection::PageArguments;
use crate::graphql::scalar::span::Span;

/// A page of the contacts of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContactsOf {
    /// The account whose rows are asked for.
    pub account: AccountId,
    /// What is asked of that account.
    pub list: ContactList,
}

/// Which contacts, and which page of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContactList {
    /// With one of these roles.
    pub roles: Option<Vec<ContactRole>>,
    /// On this day.
    pub on: NaiveDate,
    /// Which page.
    pub page: PageArguments,
    /// Whether to count them all.
    pub total: bool,
}

/// A page of the interactions of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InteractionsOf {
    /// The account whose rows are asked for.
    pub account: AccountId,
    /// What is asked of that account.
    pub list: InteractionList,
}

/// Which interactions, and which page of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InteractionList {
    /// With a contact with one of these roles.
    pub contact_roles: Option<Vec<ContactRole>>,
    /// Of these kinds.
    pub kinds: Option<Vec<InteractionKind>>,
    /// In this span of time.
    pub span: Option<Span>,
    /// The day on which a role counts.
    pub on: NaiveDate,
    /// Which page.
    pub page: PageArguments,
    /// Whether to count them all.
    pub total: bool,
}

/// A page of the goals of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GoalsOf {
    /// The account whose rows are asked for.
    pub account: AccountId,
    /// What is asked of that account.
    pub list: WholeList,
}

/// A page of the team of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TeamOf {
    /// The account whose rows are asked for.
    pub account: AccountId,
    /// What is asked of that account.
    pub list: WholeList,
}

/// A page of the bearer tokens of a user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokensOf {
    /// The user whose tokens are asked for.
    pub user: UserId,
    /// What is asked of that user.
    pub list: WholeList,
}

/// A page of the customer's people on an interaction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ParticipantsOf {
    /// Of which account.
    pub account: AccountId,
    /// On which interaction.
    pub interaction: InteractionId,
    /// What is asked of that interaction.
    pub list: WholeList,
}

/// Which page of a list that nothing is left out of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WholeList {
    /// Which page.
    pub page: PageArguments,
    /// Whether to count them all.
    pub total: bool,
}

/// A page of the metrics of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MetricsOf {
    /// The account whose rows are asked for.
    pub account: AccountId,
    /// Which; all unless given.
    pub names: Option<Vec<String>>,
    /// What is asked of that account.
    pub list: WholeList,
}

impl WholeList {
    /// The rows of the plain list that stands beside the pages.
    pub fn first_of(list: &List) -> Self {
        let limit = u32::try_from(list.most()).unwrap_or(MAX_FIRST);
        Self {
            page: PageArguments {
                limit,
                backward: false,
                after: None,
                before: None,
            },
            total: false,
        }
    }
}

impl Loader<GoalsOf> for Batches {
    type Value = Page<Goal>;
    type Error = ServiceError;

    async fn load(&self, keys: &[GoalsOf]) -> Result<HashMap<GoalsOf, Self::Value>, ServiceError> {
        let mut all = HashMap::new();
        for (list, keys) in group_by(keys, |key| key.list.clone()) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let request = list.page.into_request();
            let mut found = service::record::goal::pages_of(
                &self.0.state.db,
                &self.0.access,
                &accounts,
                &request,
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

impl Loader<TeamOf> for Batches {
    type Value = Page<TeamMember>;
    type Error = ServiceError;

    async fn load(&self, keys: &[TeamOf]) -> Result<HashMap<TeamOf, Self::Value>, ServiceError> {
        let mut all = HashMap::new();
        for (list, keys) in group_by(keys, |key| key.list.clone()) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let request = list.page.into_request();
            let mut found = service::record::team::pages_of(
                &self.0.state.db,
                &self.0.access,
                &accounts,
                &request,
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

impl Loader<TokensOf> for Batches {
    type Value = Page<Token>;
    type Error = ServiceError;

    async fn load(&self, keys: &[TokensOf]) -> Result<HashMap<TokensOf, Self::Value>, ServiceError> {
        let mut all = HashMap::new();
        for (list, keys) in group_by(keys, |key| key.list.clone()) {
            let users: Vec<UserId> = keys.iter().map(|key| key.user).collect();
            let request = list.page.into_request();
            let mut found =
                service::token::pages_of(&self.0.state.db, &self.0.access, &users, &request, list.total)
                    .await?;
            all.extend(
                keys.into_iter()
                    .map(|key| (key.clone(), found.remove(&key.user).unwrap_or_default())),
            );
        }
        Ok(all)
    }
}

impl Loader<ParticipantsOf> for Batches {
    type Value = Page<Participant>;
    type Error = ServiceError;

    async fn load(
        &self,
        keys: &[ParticipantsOf],
    ) -> Result<HashMap<ParticipantsOf, Self::Value>, ServiceError> {
        let mut all = HashMap::new();
        for (list, keys) in group_by(keys, |key| key.list.clone()) {
            let of: Vec<(AccountId, InteractionId)> =
                keys.iter().map(|key| (key.account, key.interaction)).collect();
            let request = list.page.into_request();
            let mut found = service::record::interaction::participant_pages_of(
                &self.0.state.db,
                &self.0.access,
                &of,
                &request,
                list.total,
            )
            .await?;
            all.extend(
                keys.into_iter()
                    .map(|key| (key.clone(), found.remove(&key.interaction).unwrap_or_default())),
            );
        }
        Ok(all)
    }
}

impl Loader<MetricsOf> for Batches {
    type Value = Page<Metric>;
    type Error = ServiceError;

    async fn load(&self, keys: &[MetricsOf]) -> Result<HashMap<MetricsOf, Self::Value>, ServiceError> {
        let (db, access, today) = (&self.0.state.db, &self.0.access, self.0.today());
        let mut all = HashMap::new();
        for ((names, list), keys) in group_by(keys, |key| (key.names.clone(), key.list.clone())) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let request = list.page.into_request();
            let mut found = service::record::metric::pages_of(
                db,
                access,
                &accounts,
                names.as_deref(),
                today,
                &request,
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

impl Loader<ContactsOf> for Batches {
    type Value = Page<service::record::contact::Contact>;
    type Error = ServiceError;

    async fn load(&self, keys: &[ContactsOf]) -> Result<HashMap<ContactsOf, Self::Value>, ServiceError> {
        let mut all = HashMap::new();
        for (list, keys) in group_by(keys, |key| key.list.clone()) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let request = list.page.into_request();
            let mut found = service::record::contact::pages_of(
                &self.0.state.db,
                &self.0.access,
                &accounts,
                list.roles.as_deref(),
                list.on,
                &request,
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

impl Loader<InteractionsOf> for Batches {
    type Value = Page<service::record::interaction::Interaction>;
    type Error = ServiceError;

    async fn load(
        &self,
        keys: &[InteractionsOf],
    ) -> Result<HashMap<InteractionsOf, Self::Value>, ServiceError> {
        let mut all = HashMap::new();
        for (list, keys) in group_by(keys, |key| key.list.clone()) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let filter = service::record::interaction::InteractionFilter {
                contact_roles: list.contact_roles.map(|roles| (roles, list.on)),
                kinds: list.kinds,
                from: list.span.map(|span| span.start),
                until: list.span.map(|span| span.end),
            };
            let request = list.page.into_request();
            let mut found = service::record::interaction::pages_of(
                &self.0.state.db,
                &self.0.access,
                &accounts,
                &filter,
                &request,
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

impl ContactsOf {
    /// The page. What hangs on its contacts finds them with the loaders.
    pub async fn load(self, ctx: &Context<'_>) -> Result<Page<service::record::contact::Contact>, Error> {
        let page = load_list(ctx, self).await?;
        loaders(ctx)
            .feed_many(
                page.edges
                    .iter()
                    .map(|edge| (ContactById(edge.node.id), edge.node.clone())),
            )
            .await;
        Ok(page)
    }
}
