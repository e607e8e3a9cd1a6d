//! Batches of pages: a list of many accounts, users or interactions, each cut to its page by the database.
//!
//! Keys that ask the same of different owners share one statement. A key names its owner and its list apart, so that what is the same is
//! seen. A plain list beside a page is that page's first rows.

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
use super::grouped::read_lists;
use super::nodes::ContactById;
use crate::graphql::bounds::limits::{List, MAX_FIRST};
use crate::graphql::scalar::connection::{PageArguments, wants_total};
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
    /// Reads Relay's four arguments, and looks ahead whether the rows are to be counted.
    ///
    /// # Errors
    /// BAD_USER_INPUT that names the argument.
    pub fn read(
        ctx: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
        last: Option<i64>,
        before: Option<String>,
    ) -> Result<Self, Error> {
        Ok(Self {
            page: PageArguments::read(first, after, last, before)?,
            total: wants_total(ctx),
        })
    }

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
        read_lists(
            keys,
            |key| key.list.clone(),
            |key| key.account,
            |list: WholeList, owners: Vec<AccountId>| async move {
                let (context, page) = (&self.0, list.page.into_request());
                service::record::goal::pages_of(
                    &context.state.db,
                    &context.access,
                    &owners,
                    &page,
                    list.total,
                )
                .await
            },
        )
        .await
    }
}

impl Loader<TeamOf> for Batches {
    type Value = Page<TeamMember>;
    type Error = ServiceError;

    async fn load(&self, keys: &[TeamOf]) -> Result<HashMap<TeamOf, Self::Value>, ServiceError> {
        read_lists(
            keys,
            |key| key.list.clone(),
            |key| key.account,
            |list: WholeList, owners: Vec<AccountId>| async move {
                let (context, page) = (&self.0, list.page.into_request());
                service::record::team::pages_of(
                    &context.state.db,
                    &context.access,
                    &owners,
                    &page,
                    list.total,
                )
                .await
            },
        )
        .await
    }
}

impl Loader<TokensOf> for Batches {
    type Value = Page<Token>;
    type Error = ServiceError;

    async fn load(&self, keys: &[TokensOf]) -> Result<HashMap<TokensOf, Self::Value>, ServiceError> {
        read_lists(
            keys,
            |key| key.list.clone(),
            |key| key.user,
            |list: WholeList, owners: Vec<UserId>| async move {
                let (context, page) = (&self.0, list.page.into_request());
                service::token::pages_of(&context.state.db, &context.access, &owners, &page, list.total).await
            },
        )
        .await
    }
}

impl Loader<ParticipantsOf> for Batches {
    type Value = Page<Participant>;
    type Error = ServiceError;

    async fn load(
        &self,
        keys: &[ParticipantsOf],
    ) -> Result<HashMap<ParticipantsOf, Self::Value>, ServiceError> {
        let accounts: HashMap<InteractionId, AccountId> =
            keys.iter().map(|key| (key.interaction, key.account)).collect();
        let accounts = &accounts;
        read_lists(
            keys,
            |key| key.list.clone(),
            |key| key.interaction,
            |list: WholeList, owners: Vec<InteractionId>| async move {
                let (context, page) = (&self.0, list.page.into_request());
                let of: Vec<(AccountId, InteractionId)> = owners
                    .into_iter()
                    .filter_map(|interaction| Some((*accounts.get(&interaction)?, interaction)))
                    .collect();
                service::record::interaction::participant_pages_of(
                    &context.state.db,
                    &context.access,
                    &of,
                    &page,
                    list.total,
                )
                .await
            },
        )
        .await
    }
}

impl Loader<MetricsOf> for Batches {
    type Value = Page<Metric>;
    type Error = ServiceError;

    async fn load(&self, keys: &[MetricsOf]) -> Result<HashMap<MetricsOf, Self::Value>, ServiceError> {
        let list = |key: &MetricsOf| (key.names.clone(), key.list.clone());
        read_lists(
            keys,
            list,
            |key| key.account,
            |(names, list), owners: Vec<AccountId>| async move {
                let (context, page) = (&self.0, list.page.into_request());
                let (db, access, names) = (&context.state.db, &context.access, names.as_deref());
                service::record::metric::pages_of(
                    db,
                    access,
                    &owners,
                    names,
                    context.today(),
                    &page,
                    list.total,
                )
                .await
            },
        )
        .await
    }
}

impl Loader<ContactsOf> for Batches {
    type Value = Page<service::record::contact::Contact>;
    type Error = ServiceError;

    async fn load(&self, keys: &[ContactsOf]) -> Result<HashMap<ContactsOf, Self::Value>, ServiceError> {
        read_lists(
            keys,
            |key| key.list.clone(),
            |key| key.account,
            |list: ContactList, owners: Vec<AccountId>| async move {
                let (context, page) = (&self.0, list.page.into_request());
                service::record::contact::pages_of(
                    &context.state.db,
                    &context.access,
                    &owners,
                    list.roles.as_deref(),
                    list.on,
                    &page,
                    list.total,
                )
                .await
            },
        )
        .await
    }
}

impl Loader<InteractionsOf> for Batches {
    type Value = Page<service::record::interaction::Interaction>;
    type Error = ServiceError;

    async fn load(
        &self,
        keys: &[InteractionsOf],
    ) -> Result<HashMap<InteractionsOf, Self::Value>, ServiceError> {
        read_lists(
            keys,
            |key| key.list.clone(),
            |key| key.account,
            |list: InteractionList, owners: Vec<AccountId>| async move {
                let (context, page) = (&self.0, list.page.into_request());
                let filter = service::record::interaction::InteractionFilter {
                    contact_roles: list.contact_roles.map(|roles| (roles, list.on)),
                    kinds: list.kinds,
                    from: list.span.map(|span| span.start),
                    until: list.span.map(|span| span.end),
                };
                service::record::interaction::pages_of(
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
