//! Users of Rapport.

use async_graphql::{Context, Error, ID, Object, SimpleObject};
use engagement::vocabulary::{Role, Weekday};

use super::connection::connection;
use super::context::{RequestContext, loaders};
use super::error::from_service;
use super::load_nodes::TokensOf;
use super::token::ApiToken;

connection!(UserConnection, UserEdge, User, "users", service::user::User);

/// A user of Rapport.
#[derive(Clone)]
pub struct User(pub service::user::User);

/// When a user's weekly digest comes.
#[derive(SimpleObject)]
pub struct DigestPreferences {
    /// It does not come at all.
    off: bool,
    /// On which day.
    day: Weekday,
    /// At which hour of it, from 0 to 23.
    hour: u8,
    /// In which time zone (IANA).
    time_zone: String,
}

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

    /// A viewer who is said to see every account: they do while they are in no team, and in teams see those of their teams. False
    /// for every other role, whose role decides.
    async fn sees_everything(&self) -> bool {
        self.0.sees_everything && self.0.role == Role::Viewer
    }

    /// Their time zone (IANA); the organisation's where they have none of their own.
    async fn time_zone(&self, ctx: &Context<'_>) -> String {
        self.0.time_zone.unwrap_or(RequestContext::of(ctx).state.zone).name().to_owned()
    }

    /// When their weekly digest comes; null for another's, unless you are an admin.
    async fn digest(&self, ctx: &Context<'_>) -> Option<DigestPreferences> {
        let context = RequestContext::of(ctx);
        let digest = self.0.digest;
        let zone = digest.zone.or(self.0.time_zone).unwrap_or(context.state.zone);
        service::token::is_private_to(&context.access, self.0.id).then(|| DigestPreferences {
            off: digest.off,
            day: digest.day,
            hour: digest.hour,
            time_zone: zone.name().to_owned(),
        })
    }

    /// Their bearer tokens, the newest first; null for another's, unless you are an admin.
    #[graphql(complexity = "5 * child_complexity + 1")]
    async fn api_tokens(&self, ctx: &Context<'_>) -> Option<Result<Vec<ApiToken>, Error>> {
        if !service::token::is_private_to(&RequestContext::of(ctx).access, self.0.id) {
            return None;
        }
        let tokens = loaders(ctx).load_one(TokensOf(self.0.id)).await.map_err(|e| from_service(&e));
        Some(tokens.map(|tokens| tokens.unwrap_or_default().into_iter().map(ApiToken::from).collect()))
    }
}
