//! Planned outreach: to whom, what for, and when.
//!
//! A user whom the asker does not see is left out, and is not counted either.

use async_graphql::{Context, Error, ID, Object};
use engagement::vocabulary::{InteractionKind, OutreachStatus, Purpose};

use super::account::Account;
use super::contact::Contact;
use super::user::User;
use crate::graphql::bounds::limits;
use crate::graphql::load::ask::{load_many, load_one};
use crate::graphql::load::nodes::{AccountById, ContactById, UserById};
use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::time::Instant;

connection!(
    OutreachConnection,
    OutreachEdge,
    Outreach,
    "plans",
    service::change::outreach::Outreach
);

/// A plan of ours to reach out to a contact.
#[derive(Clone)]
pub struct Outreach(pub service::change::outreach::Outreach);

impl From<service::change::outreach::Outreach> for Outreach {
    fn from(plan: service::change::outreach::Outreach) -> Self {
        Self(plan)
    }
}

/// A plan of ours to reach out to a contact.
#[Object]
impl Outreach {
    /// The global id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The account.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account, Error>> {
        load_one(ctx, AccountById(self.0.account_id)).await
    }

    /// To whom.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.0.contact_id)).await
    }

    /// What it is.
    async fn kind(&self) -> InteractionKind {
        self.0.kind
    }

    /// What for.
    async fn purpose(&self) -> Purpose {
        self.0.purpose
    }

    /// When.
    async fn planned_for(&self) -> Instant {
        Instant(self.0.planned_for)
    }

    /// One line.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Whose plan it is; null for a user whom you do not see.
    async fn planned_by(&self, ctx: &Context<'_>) -> Option<Result<User, Error>> {
        load_one(ctx, UserById(self.0.planned_by?)).await
    }

    /// The members it was coordinated with, as far as you see them; at most 20.
    async fn coordinated_with(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        let ids: Vec<UserById> = self.0.coordinated_with.iter().copied().map(UserById).collect();
        let mut users = load_many(ctx, ids.iter().copied()).await?;
        Ok(limits::COORDINATED_WITH.cut(ids.iter().filter_map(|id| users.remove(id)).map(User)))
    }

    /// With how many members it was coordinated, also beyond the 20 of `coordinatedWith`, as far as you see them.
    async fn coordinated_with_count(&self, ctx: &Context<'_>) -> Result<usize, Error> {
        let ids = self.0.coordinated_with.iter().copied().map(UserById);
        Ok(load_many(ctx, ids).await?.len())
    }

    /// Whether it stands.
    async fn status(&self) -> OutreachStatus {
        self.0.status
    }

    /// Since when it is planned.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When it was called off.
    async fn canceled_at(&self) -> Option<Instant> {
        self.0.canceled_at.map(Instant)
    }

    /// By whom; null for a user whom you do not see.
    async fn canceled_by(&self, ctx: &Context<'_>) -> Option<Result<User, Error>> {
        load_one(ctx, UserById(self.0.canceled_by?)).await
    }
}
