//! Changes in the customer's organisation, as they were recorded or imported, and who has looked at them.

use async_graphql::{Context, Error, ID, Object};
use engagement::vocabulary::{Certainty, OrgChangeKind, OrgChangeSource};

use super::account::Account;
use super::contact::Contact;
use super::user::User;
use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::{AccountById, ContactById, UserById};
use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::time::{Date, Instant};

connection!(
    OrgChangeConnection,
    OrgChangeEdge,
    OrgChange,
    "organisational changes",
    service::change::org_change::OrgChange
);

/// A change in the customer's organisation.
#[derive(Clone)]
pub struct OrgChange(pub service::change::org_change::OrgChange);

impl From<service::change::org_change::OrgChange> for OrgChange {
    fn from(change: service::change::org_change::OrgChange) -> Self {
        Self(change)
    }
}

/// A change in the customer's organisation.
#[Object]
impl OrgChange {
    /// The global id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The account.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account, Error>> {
        load_one(ctx, AccountById(self.0.account_id)).await
    }

    /// What happened.
    async fn kind(&self) -> OrgChangeKind {
        self.0.kind
    }

    /// The day it was observed; of a departure, the day they left.
    async fn observed_on(&self) -> Date {
        Date(self.0.observed_on)
    }

    /// Whom it is about.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.0.contact_id?)).await
    }

    /// One line.
    async fn summary(&self) -> &str {
        &self.0.summary
    }

    /// How it is known.
    async fn source(&self) -> OrgChangeSource {
        self.0.source
    }

    /// How sure it is.
    async fn certainty(&self) -> Certainty {
        self.0.certainty
    }

    /// It is certain.
    async fn confirmed(&self) -> bool {
        self.0.certainty == Certainty::Confirmed
    }

    /// Where it can be read.
    async fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// What it means for us.
    async fn impact(&self) -> Option<&str> {
        self.0.impact.as_deref()
    }

    /// A person has looked at it.
    async fn reviewed(&self) -> bool {
        self.0.reviewed_at.is_some()
    }

    /// When.
    async fn reviewed_at(&self) -> Option<Instant> {
        self.0.reviewed_at.map(Instant)
    }

    /// Who; null for a user whom you do not see.
    async fn reviewed_by(&self, ctx: &Context<'_>) -> Option<Result<User, Error>> {
        load_one(ctx, UserById(self.0.reviewed_by?)).await
    }

    /// Who wrote it down; null for one that was imported, and for a user whom you do not see.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Option<Result<User, Error>> {
        load_one(ctx, UserById(self.0.recorded_by?)).await
    }
}
