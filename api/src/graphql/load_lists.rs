//! Batches of pages: the contacts and the interactions of many accounts, each list cut to its page by the database.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Error};
use chrono::NaiveDate;
use engagement::id::AccountId;
use engagement::vocabulary::{ContactRole, InteractionKind};
use service::error::ServiceError;
use service::goal::Goal;
use service::page::Page;

use super::connection::PageArguments;
use super::contact::{Contact, ContactConnection};
use super::context::loaders;
use super::error::from_service;
use super::interaction::InteractionConnection;
use super::load_nodes::{ContactById, group_by};
use super::loaders::Batches;
use super::span::Span;

/// A page of the contacts of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContactsOf {
    /// Whose.
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
    /// Whose.
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
    /// Whose.
    pub account: AccountId,
    /// What is asked of that account.
    pub list: GoalList,
}

/// Which page of the goals.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GoalList {
    /// Which page.
    pub page: PageArguments,
    /// Whether to count them all.
    pub total: bool,
}

impl Loader<GoalsOf> for Batches {
    type Value = Page<Goal>;
    type Error = ServiceError;

    async fn load(&self, keys: &[GoalsOf]) -> Result<HashMap<GoalsOf, Self::Value>, ServiceError> {
        let mut all = HashMap::new();
        for (list, keys) in group_by(keys, |key| key.list.clone()) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let request = list.page.into_request();
            let mut found = service::goal::pages_of(&self.0.state.db, &self.0.access, &accounts, &request, list.total).await?;
            all.extend(keys.into_iter().map(|key| (key.clone(), found.remove(&key.account).unwrap_or_default())));
        }
        Ok(all)
    }
}

impl Loader<ContactsOf> for Batches {
    type Value = Page<service::contact::Contact>;
    type Error = ServiceError;

    async fn load(&self, keys: &[ContactsOf]) -> Result<HashMap<ContactsOf, Self::Value>, ServiceError> {
        let mut all = HashMap::new();
        for (list, keys) in group_by(keys, |key| key.list.clone()) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let request = list.page.into_request();
            let mut found = service::contact::pages_of(
                &self.0.state.db,
                &self.0.access,
                &accounts,
                list.roles.as_deref(),
                list.on,
                &request,
                list.total,
            )
            .await?;
            all.extend(keys.into_iter().map(|key| (key.clone(), found.remove(&key.account).unwrap_or_default())));
        }
        Ok(all)
    }
}

impl Loader<InteractionsOf> for Batches {
    type Value = Page<service::interaction::Interaction>;
    type Error = ServiceError;

    async fn load(&self, keys: &[InteractionsOf]) -> Result<HashMap<InteractionsOf, Self::Value>, ServiceError> {
        let mut all = HashMap::new();
        for (list, keys) in group_by(keys, |key| key.list.clone()) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let filter = service::interaction::InteractionFilter {
                contact_roles: list.contact_roles.map(|roles| (roles, list.on)),
                kinds: list.kinds,
                from: list.span.map(|span| span.start),
                until: list.span.map(|span| span.end),
            };
            let request = list.page.into_request();
            let mut found =
                service::interaction::pages_of(&self.0.state.db, &self.0.access, &accounts, &filter, &request, list.total).await?;
            all.extend(keys.into_iter().map(|key| (key.clone(), found.remove(&key.account).unwrap_or_default())));
        }
        Ok(all)
    }
}

impl ContactsOf {
    /// The page as clients see it.
    pub async fn load(self, ctx: &Context<'_>) -> Result<ContactConnection, Error> {
        let page = loaders(ctx).load_one(self).await.map_err(|e| from_service(&e))?.unwrap_or_default();
        loaders(ctx).feed_many(page.edges.iter().map(|edge| (ContactById(edge.node.id), Contact(edge.node.clone())))).await;
        Ok(page.into())
    }
}

impl GoalsOf {
    /// The page.
    pub async fn load(self, ctx: &Context<'_>) -> Result<Page<Goal>, Error> {
        Ok(loaders(ctx).load_one(self).await.map_err(|e| from_service(&e))?.unwrap_or_default())
    }
}

impl InteractionsOf {
    /// The page as clients see it.
    pub async fn load(self, ctx: &Context<'_>) -> Result<InteractionConnection, Error> {
        Ok(loaders(ctx).load_one(self).await.map_err(|e| from_service(&e))?.unwrap_or_default().into())
    }
}
