//! Who asks: the system, or a user with a role. Every function that touches business rows takes [`Access`].

use engagement::id::{TokenId, UserId};
use engagement::vocabulary::Role;

use super::once::Once;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access(Who);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    System,
    User {
        id: UserId,
        role: Role,
        token: Option<TokenId>,
        once: Option<Once>,
    },
}

impl Access {
    /// The system itself: jobs and the command line of whoever can read the database anyway.
    pub fn system() -> Self {
        Self(Who::System)
    }

    /// A user.
    pub fn of(user: UserId, role: Role) -> Self {
        Self(Who::User {
            id: user,
            role,
            token: None,
            once: None,
        })
    }

    /// A user who came with a token.
    pub fn by_token(user: UserId, role: Role, token: TokenId) -> Self {
        Self(Who::User {
            id: user,
            role,
            token: Some(token),
            once: None,
        })
    }

    /// The same for one mutation that is to be done once, however often it is asked for. The system has no keys.
    #[must_use]
    pub fn under(mut self, key: Once) -> Self {
        if let Who::User { once, .. } = &mut self.0 {
            *once = Some(key);
        }
        self
    }

    /// The user; none for the system.
    pub fn user(&self) -> Option<UserId> {
        match &self.0 {
            Who::System => None,
            Who::User { id, .. } => Some(*id),
        }
    }

    /// What they may do.
    pub fn role(&self) -> Role {
        match &self.0 {
            Who::System => Role::Admin,
            Who::User { role, .. } => *role,
        }
    }

    /// The token they came with, where they came with one.
    pub fn token(&self) -> Option<TokenId> {
        match &self.0 {
            Who::System => None,
            Who::User { token, .. } => *token,
        }
    }

    /// The key under which a mutation is asked for.
    pub(crate) fn once(&self) -> Option<&Once> {
        match &self.0 {
            Who::System => None,
            Who::User { once, .. } => once.as_ref(),
        }
    }
}
