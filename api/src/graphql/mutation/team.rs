//! Who of us looks after an account: it decides who sees it.

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use engagement::vocabulary::TeamRole;

use crate::graphql::context::RequestContext;
use crate::graphql::error::from_service;
use crate::graphql::object::team_member::TeamMember;
use crate::graphql::scalar::node_id::parse_id;

/// What `assignTeamMember` takes.
#[derive(InputObject)]
pub struct AssignTeamMemberInput {
    /// The account.
    account_id: ID,
    /// The user.
    user_id: ID,
    /// As what; CSM unless said.
    team_role: Option<TeamRole>,
}

/// What `assignTeamMember` did.
#[derive(SimpleObject)]
pub struct AssignTeamMemberPayload {
    /// The user's place in the team.
    team_member: TeamMember,
}

/// What `removeTeamMember` takes.
#[derive(InputObject)]
pub struct RemoveTeamMemberInput {
    /// The account.
    account_id: ID,
    /// The user.
    user_id: ID,
}

/// What `removeTeamMember` did.
#[derive(SimpleObject)]
pub struct RemoveTeamMemberPayload {
    /// The place in the team that the user had.
    team_member: TeamMember,
}

/// Account teams by hand.
#[derive(Default)]
pub struct TeamMutations;

/// Account teams by hand.
#[Object]
impl TeamMutations {
    /// Puts a user into an account's team, or changes what they do in it.
    async fn assign_team_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and as what.")] input: AssignTeamMemberInput,
    ) -> Option<Result<AssignTeamMemberPayload, Error>> {
        Some(assign(ctx, &input).await)
    }

    /// Takes a user out of an account's team.
    async fn remove_team_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: RemoveTeamMemberInput,
    ) -> Option<Result<RemoveTeamMemberPayload, Error>> {
        Some(remove(ctx, &input).await)
    }
}

async fn assign(ctx: &Context<'_>, input: &AssignTeamMemberInput) -> Result<AssignTeamMemberPayload, Error> {
    let context = RequestContext::of(ctx);
    let (account, user) = (
        parse_id("accountId", &input.account_id)?,
        parse_id("userId", &input.user_id)?,
    );
    let role = input.team_role.unwrap_or(TeamRole::Csm);
    let member = service::record::team::assign(
        &context.state.db,
        &context.access,
        context.now,
        account,
        user,
        role,
    )
    .await;
    Ok(AssignTeamMemberPayload {
        team_member: member.map_err(|e| from_service(&e))?.into(),
    })
}

async fn remove(ctx: &Context<'_>, input: &RemoveTeamMemberInput) -> Result<RemoveTeamMemberPayload, Error> {
    let context = RequestContext::of(ctx);
    let (account, user) = (
        parse_id("accountId", &input.account_id)?,
        parse_id("userId", &input.user_id)?,
    );
    let member =
        service::record::team::remove(&context.state.db, &context.access, context.now, account, user).await;
    Ok(RemoveTeamMemberPayload {
        team_member: member.map_err(|e| from_service(&e))?.into(),
    })
}
