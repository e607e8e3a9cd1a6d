//! Who may change what: one table, role by action, asked by everything that changes something.
//!
//! It speaks of what the asker sees ([`crate::access`]): on what they do not see nobody may do anything, because for them
//! it does not exist. So a change looks for its object first, and then asks here: an object that is not seen is "not
//! found", one that is seen and may not be changed is "forbidden". The same table stands in docs/api.md; a test compares.

use engagement::vocabulary::Role;

use crate::access::Access;
use crate::error::ServiceError;

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $name:literal: $admin:ident, $manager:ident, $csm:ident, $viewer:ident;)+) => {
        /// Something that only some may do, named as in GraphQL where it can be asked for there.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $action,)+
        }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$action,)+];

            /// As it is named in GraphQL, where it is there, and in the audit log.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $name,)+
                }
            }
        }

        /// How far a role may do something.
        pub const fn right(role: Role, action: Action) -> Right {
            match (action, role) {
                $(
                    (Action::$action, Role::Admin) => Right::$admin,
                    (Action::$action, Role::Manager) => Right::$manager,
                    (Action::$action, Role::Csm) => Right::$csm,
                    (Action::$action, Role::Viewer) => Right::$viewer,
                )+
            }
        }
    };
}

/// How far a role may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Not at all.
    No,
    /// To what is the asker's own: their tokens, their preferences.
    Own,
    /// To the accounts of their teams; never to an account that is not there yet.
    Teams,
    /// To everything.
    All,
}

impl Right {
    /// As the table in the documentation says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::No => "–",
            Self::Own => "their own",
            Self::Teams => "their teams' accounts",
            Self::All => "yes",
        }
    }
}

actions! {
    // Action: admin, manager, csm, viewer.
    /// Makes and changes accounts.
    UpsertAccounts = "upsertAccounts": All, All, Teams, No;
    /// Makes and changes contacts.
    UpsertContacts = "upsertContacts": All, All, Teams, No;
    /// Records interactions.
    RecordInteractions = "recordInteractions": All, All, Teams, No;
    /// Records usage.
    RecordUsage = "recordUsage": All, All, Teams, No;
    /// Records metrics.
    RecordMetrics = "recordMetrics": All, All, Teams, No;
    /// Makes and changes goals.
    SetGoals = "setGoals": All, All, Teams, No;
    /// Makes and changes initiatives.
    SetInitiatives = "setInitiatives": All, All, Teams, No;
    /// Makes a contact a sponsor.
    AssignSponsor = "assignSponsor": All, All, Teams, No;
    /// Ends a sponsorship.
    EndSponsorship = "endSponsorship": All, All, Teams, No;
    /// Puts a user into an account's team: it decides who sees the account.
    AssignTeamMember = "assignTeamMember": All, All, No, No;
    /// Takes a user out of an account's team.
    RemoveTeamMember = "removeTeamMember": All, All, No, No;
    /// Records what changed in a customer's organisation.
    RecordOrgChange = "recordOrgChange": All, All, Teams, No;
    /// Says what an organisational change means.
    ReviewOrgChange = "reviewOrgChange": All, All, Teams, No;
    /// Plans to reach out to a contact.
    PlanOutreach = "planOutreach": All, All, Teams, No;
    /// Calls a plan off.
    CancelOutreach = "cancelOutreach": All, All, Teams, No;
    /// Takes an alert up.
    AcknowledgeAlert = "acknowledgeAlert": All, All, Teams, No;
    /// Puts an alert off.
    SnoozeAlert = "snoozeAlert": All, All, Teams, No;
    /// Ends an alert.
    ResolveAlert = "resolveAlert": All, All, Teams, No;
    /// Takes out of the database who a contact was.
    EraseContact = "eraseContact": All, All, No, No;
    /// Says when the weekly digest comes.
    SetDigestPreferences = "setDigestPreferences": Own, Own, Own, Own;
    /// Makes a bearer token.
    CreateApiToken = "createApiToken": All, Own, Own, Own;
    /// Revokes a bearer token.
    RevokeApiToken = "revokeApiToken": All, Own, Own, Own;
    /// Revokes every bearer token of a user.
    RevokeApiTokens = "revokeApiTokens": All, Own, Own, Own;
    /// Reads import files: the command line's.
    Import = "import": All, No, No, No;
    /// Makes the first administrator: the command line's.
    Init = "init": All, No, No, No;
    /// Sends no more mail to a user whom the mail server does not know: the worker's.
    DisableMail = "disableMail": All, No, No, No;
    /// Puts messages back, and with them mail to their recipients: the command line's.
    RetryMail = "retryMail": All, No, No, No;
    /// Reads who changed what.
    ReadAuditLog = "auditLog": All, All, No, No;
}

/// Roles in the order of the table.
pub const ROLES: [Role; 4] = [Role::Admin, Role::Manager, Role::Csm, Role::Viewer];

/// How far the asker may do something.
pub fn right_of(access: &Access, action: Action) -> Right {
    right(access.role(), action)
}

/// Refuses what the asker may not do at all, or only to what is their own.
///
/// # Errors
/// [`ServiceError::Forbidden`] that says who may.
pub fn require(access: &Access, action: Action) -> Result<(), ServiceError> {
    if right_of(access, action) >= Right::Teams {
        Ok(())
    } else {
        Err(refusal(action))
    }
}

/// Refuses what the asker may not do to what belongs to a user.
///
/// # Errors
/// [`ServiceError::Forbidden`] that says who may.
pub fn require_for(
    access: &Access,
    action: Action,
    owner: engagement::id::UserId,
) -> Result<(), ServiceError> {
    match right_of(access, action) {
        Right::All | Right::Teams => Ok(()),
        Right::Own if access.user() == Some(owner) => Ok(()),
        Right::Own | Right::No => Err(refusal(action)),
    }
}

fn refusal(action: Action) -> ServiceError {
    let allowed: Vec<String> = ROLES
        .iter()
        .filter(|role| right(**role, action) >= Right::Teams)
        .map(|role| role.as_str().to_lowercase())
        .collect();
    ServiceError::Forbidden(match allowed.as_slice() {
        [] => format!("{} is for what is your own", action.name()),
        roles => format!("{} is for the role {}", action.name(), roles.join(", ")),
    })
}

/// The table as the documentation shows it.
pub fn as_markdown() -> String {
    use std::fmt::Write as _;
    let mut table = "| | admin | manager | csm | viewer |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for action in Action::ALL {
        let cells: Vec<&str> = ROLES.iter().map(|role| right(*role, *action).as_str()).collect();
        let _ = writeln!(table, "| `{}` | {} |", action.name(), cells.join(" | "));
    }
    table
}

#[cfg(test)]
mod tests {
    use engagement::id::UserId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_higher_role_may_do_whatever_a_lower_one_may() {
        for action in Action::ALL {
            let rights = ROLES.map(|role| right(role, *action));
            assert!(
                rights.is_sorted_by(|higher, lower| higher >= lower),
                "{}: {rights:?}",
                action.name()
            );
        }
    }

    #[test]
    fn what_is_ones_own_is_nobody_elses() {
        let (ann, bob) = (UserId::from(Uuid::from_u128(1)), UserId::from(Uuid::from_u128(2)));
        let (csm, admin) = (Access::of(ann, Role::Csm), Access::of(ann, Role::Admin));
        assert!(require_for(&csm, Action::RevokeApiToken, ann).is_ok());
        let refused = require_for(&csm, Action::RevokeApiToken, bob);
        assert!(
            matches!(refused, Err(ServiceError::Forbidden(ref said)) if said == "revokeApiToken is for the role admin"),
            "{refused:?}"
        );
        assert!(require_for(&admin, Action::RevokeApiToken, bob).is_ok());
        assert!(
            require_for(&admin, Action::SetDigestPreferences, bob).is_err(),
            "not even an admin"
        );
        assert!(require_for(&Access::of(bob, Role::Viewer), Action::SetDigestPreferences, bob).is_ok());
    }

    #[test]
    fn viewers_change_nothing_but_their_own() {
        for action in Action::ALL {
            assert!(right(Role::Viewer, *action) <= Right::Own, "{}", action.name());
        }
    }
}
