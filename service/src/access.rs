//! Who asks, and what they may see. Every function that touches business rows takes [`Access`] and filters through
//! [`visible_accounts`]: what a viewer may not see does not exist for them, in lists, counts and nested fields alike.

use engagement::id::UserId;
use engagement::vocabulary::Role;
use sea_orm::sea_query::{Condition, IntoColumnRef};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    user: Option<UserId>,
    role: Role,
}

impl Access {
    /// The system itself: jobs and the command line of whoever can read the database anyway.
    pub fn system() -> Self {
        Self { user: None, role: Role::Admin }
    }

    /// A user.
    pub fn of(user: UserId, role: Role) -> Self {
        Self { user: Some(user), role }
    }

    /// The user; none for the system.
    pub fn user(&self) -> Option<UserId> {
        self.user
    }

    /// What they may do.
    pub fn role(&self) -> Role {
        self.role
    }
}

/// Which rows the asker may see, given the column that names a row's account. The one place where visibility is decided.
///
/// Today every user sees every account, whatever their role.
pub fn visible_accounts(access: &Access, account: impl IntoColumnRef) -> Condition {
    let _ = account.into_column_ref();
    match access.role {
        Role::Admin | Role::Manager | Role::Csm | Role::Viewer => Condition::all(),
    }
}
