//! Who of us takes care of an account, and as what.

use async_graphql::SimpleObject;
use engagement::vocabulary::TeamRole;

use super::user::User;
use crate::graphql::scalar::connection::connection;

connection!(
    TeamMemberConnection,
    TeamMemberEdge,
    TeamMember,
    "the members of a team",
    service::record::team::TeamMember
);

/// A user's place in an account's team.
#[derive(Clone, SimpleObject)]
pub struct TeamMember {
    /// Who.
    user: User,
    /// As what.
    team_role: TeamRole,
}

impl From<service::record::team::TeamMember> for TeamMember {
    fn from(member: service::record::team::TeamMember) -> Self {
        Self {
            user: User(member.user),
            team_role: member.team_role,
        }
    }
}
