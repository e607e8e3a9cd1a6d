//! Users of Rapport.
//!
//! Tokens and the digest are private: they are shown to the user and to admins, and are null for everybody else.

use async_graphql::{Context, Error, ID, Object, SimpleObject};
use engagement::vocabulary::{Role, Weekday};
use service::sql::page::Page;
use service::token::Token;

use super::token::{ApiToken, ApiTokenConnection};
use crate::graphql::bounds::limits;
use crate::graphql::context::RequestContext;
use crate::graphql::load::ask::load_list;
use crate::graphql::load::lists::{TokensOf, WholeList};
use crate::graphql::scalar::connection::connection;

connection!(
    UserConnection,
    UserEdge,
    User,
    "users",
    service::record::user::User
);

/// A user of Rapport.
#[derive(Clone)]
pub struct User(pub service::record::user::User);

impl From<service::record::user::User> for User {
    fn from(user: service::record::user::User) -> Self {
        Self(user)
    }
}

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
        self.0
            .time_zone
            .unwrap_or(RequestContext::of(ctx).state.zone)
            .name()
            .to_owned()
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

    /// Their bearer tokens, the newest first, at most 50, `apiTokensPage` has all of them; null for another's, unless you are an admin.
    async fn api_tokens(&self, ctx: &Context<'_>) -> Option<Result<Vec<ApiToken>, Error>> {
        let page = self
            .load_tokens(ctx, Ok(WholeList::first_of(&limits::API_TOKENS)))
            .await?;
        Some(page.map(|page| {
            page.edges
                .into_iter()
                .map(|edge| ApiToken::from(edge.node))
                .collect()
        }))
    }

    /// Their bearer tokens, the newest first; null for another's, unless you are an admin.
    async fn api_tokens_page(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Option<Result<ApiTokenConnection, Error>> {
        let list = WholeList::read(ctx, first, after, last, before);
        Some(self.load_tokens(ctx, list).await?.map(Into::into))
    }
}

impl User {
    /// Nothing where they are not for the asker.
    async fn load_tokens(
        &self,
        ctx: &Context<'_>,
        list: Result<WholeList, Error>,
    ) -> Option<Result<Page<Token>, Error>> {
        if !service::token::is_private_to(&RequestContext::of(ctx).access, self.0.id) {
            return None;
        }
        match list {
            Ok(list) => Some(
                load_list(
                    ctx,
                    TokensOf {
                        user: self.0.id,
                        list,
                    },
                )
                .await,
            ),
            Err(error) => Some(Err(error)),
        }
    }
}
