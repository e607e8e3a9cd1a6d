//! A token as it is stored, and as it is made: the only time its text exists outside its owner's hands.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use engagement::id::{TokenId, UserId};
use entity::api_token;
use serde_json::json;

use crate::access::audit::{Values, values};
use crate::clock::instant;

/// How long a token lives unless somebody says otherwise.
pub const DEFAULT_LIFE: TimeDelta = TimeDelta::days(90);

/// A token as it is made: the only time its text exists outside its owner's hands.
#[derive(Clone)]
pub struct NewToken {
    /// Its id.
    pub id: TokenId,
    /// The bearer token.
    pub secret: String,
    /// All but the secret.
    pub token: Token,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewToken")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A token as its owner may see it again: all but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// Its last four characters.
    pub last4: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// From when on it is refused.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to within five minutes.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The token that it was made with; absent for one of the command line.
    pub parent: Option<TokenId>,
}

impl Token {
    pub(super) fn values(&self) -> Values {
        let at =
            |at: Option<DateTime<Utc>>| json!(at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
        values([
            ("user_id", json!(self.user_id)),
            ("name", json!(self.name)),
            ("last4", json!(self.last4)),
            ("expires_at", at(self.expires_at)),
            ("revoked_at", at(self.revoked_at)),
            ("parent", json!(self.parent)),
        ])
    }
}

pub(super) fn from_row(row: api_token::Model) -> Token {
    Token {
        id: row.id.into(),
        user_id: row.user_id.into(),
        name: row.name,
        last4: row.last4,
        created_at: instant(row.created_at),
        expires_at: row.expires_at.map(instant),
        last_used_at: row.last_used_at.map(instant),
        revoked_at: row.revoked_at.map(instant),
        parent: row.parent_id.map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::instant;
    use crate::token::secret::new_secret;

    #[test]
    fn a_token_does_not_show_itself_in_a_log() {
        let nil = uuid::Uuid::nil();
        let token = Token {
            id: nil.into(),
            user_id: nil.into(),
            name: "t".to_owned(),
            last4: "abcd".to_owned(),
            created_at: instant(0),
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
            parent: None,
        };
        let token = NewToken {
            id: nil.into(),
            secret: new_secret().unwrap(),
            token,
        };
        assert!(!format!("{token:?}").contains("rap_pat_"));
    }
}
