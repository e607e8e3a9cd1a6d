//! The audit log: who changed what.
//!
//! An entry outlives what it names: a user who has been removed is null, and their id stays.

use async_graphql::{Context, Error, ID, Json, Object};
use engagement::vocabulary::AuditTarget;
use serde_json::Value;

use super::account::Account;
use super::user::User;
use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::{AccountById, UserById};
use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::time::Instant;

connection!(
    AuditConnection,
    AuditEdge,
    AuditEntry,
    "changes",
    service::access::audit::AuditEntry
);

/// A change that somebody made.
#[derive(Clone)]
pub struct AuditEntry(pub service::access::audit::AuditEntry);

impl From<service::access::audit::AuditEntry> for AuditEntry {
    fn from(entry: service::access::audit::AuditEntry) -> Self {
        Self(entry)
    }
}

/// A change that somebody made.
#[Object]
impl AuditEntry {
    /// The global id.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// When.
    async fn at(&self) -> Instant {
        Instant(self.0.at)
    }

    /// Who; null for the system, and for a user who has been removed.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User, Error>> {
        load_one(ctx, UserById(self.0.user_id?)).await
    }

    /// Who, as an id that stays when the user is removed; null for the system.
    async fn user_id(&self) -> Option<ID> {
        self.0.user_id.map(|id| ID(id.to_string()))
    }

    /// With which token; null for what was done on the command line.
    async fn token_id(&self) -> Option<ID> {
        self.0.token_id.map(|id| ID(id.to_string()))
    }

    /// What was done: the name of a mutation.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// What it was done to.
    async fn target(&self) -> AuditTarget {
        self.0.target
    }

    /// Which of them; null for rows that have no id, and then the entry holds all rows of an account.
    async fn target_id(&self) -> Option<ID> {
        self.0.target_id.clone().map(ID)
    }

    /// The account it belongs to; null where it belongs to none, and for one that has been removed.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account, Error>> {
        load_one(ctx, AccountById(self.0.account_id?)).await
    }

    /// What was replaced, by the names of the import files; null for what is new.
    async fn before(&self) -> Option<Json<Value>> {
        self.0.before.clone().map(Json)
    }

    /// What came of it; null for what was removed.
    async fn after(&self) -> Option<Json<Value>> {
        self.0.after.clone().map(Json)
    }

    /// When a person was erased from it.
    async fn redacted_at(&self) -> Option<Instant> {
        self.0.redacted_at.map(Instant)
    }
}
