//! Users of Rapport.

use async_graphql::{Context, ID, Object};
use engagement::vocabulary::Role;

use super::context::RequestContext;

/// A user of Rapport.
#[derive(Clone)]
pub struct User(pub service::user::User);

/// A user of Rapport.
#[Object]
impl User {
    /// The global id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Their e-mail address, in lower case.
    async fn email(&self) -> &str {
        self.0.email.expose()
    }

    /// How to address them.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What they may do.
    async fn role(&self) -> Role {
        self.0.role
    }

    /// Their time zone (IANA); the organisation's where they have none of their own.
    async fn time_zone(&self, ctx: &Context<'_>) -> String {
        self.0.time_zone.unwrap_or(RequestContext::of(ctx).state.zone).name().to_owned()
    }
}
