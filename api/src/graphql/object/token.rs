//! Bearer tokens, as their owner tells them apart. No field holds a secret.

use async_graphql::{ID, SimpleObject};

use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::time::Instant;

connection!(
    ApiTokenConnection,
    ApiTokenEdge,
    ApiToken,
    "bearer tokens",
    service::token::Token
);

/// A bearer token, without its secret.
#[derive(Clone, SimpleObject)]
pub struct ApiToken {
    /// The global id.
    id: ID,
    /// What it is for.
    name: String,
    /// Its last four characters, to tell tokens apart.
    last4: String,
    /// Since when it is there.
    created_at: Instant,
    /// From when on it is refused; null for one that does not expire.
    expires_at: Option<Instant>,
    /// When it was last used, to within five minutes.
    last_used_at: Option<Instant>,
    /// When it was revoked.
    revoked_at: Option<Instant>,
    /// The id of the token that it was made with, and ends with; null for one of the command line.
    made_with: Option<ID>,
}

impl From<service::token::Token> for ApiToken {
    fn from(token: service::token::Token) -> Self {
        Self {
            id: ID(token.id.to_string()),
            name: token.name,
            last4: token.last4,
            created_at: Instant(token.created_at),
            expires_at: token.expires_at.map(Instant),
            last_used_at: token.last_used_at.map(Instant),
            revoked_at: token.revoked_at.map(Instant),
            made_with: token.parent.map(|id| ID(id.to_string())),
        }
    }
}
