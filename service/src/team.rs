//! Who of us looks after an account.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use engagement::id::{AccountId, UserId};
use engagement::vocabulary::{AuditTarget, TeamRole};
use entity::{app_user, team_member};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, OnConflict, Order, Query};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Iterable};
use serde_json::json;
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::account;
use crate::audit::{self, Change, values};
use crate::db::{Db, Tx};
use crate::dialect::id_in;
use crate::error::{During, ServiceError};
use crate::pages_by_account::{MOST_AT_HAND, first_of_each};
use crate::rights::{Action, require};
use crate::stored::parse;
use crate::user::{self, User};

/// A user's place in an account's team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMember {
    /// Who.
    pub user: User,
    /// As what.
    pub team_role: TeamRole,
}

/// The team of each account, by name, at most 1,000 of one; accounts without one are absent.
pub async fn teams_of(db: &Db, access: &Access, accounts: &[AccountId]) -> Result<HashMap<AccountId, Vec<TeamMember>>, ServiceError> {
    use team_member::{Column, Entity};
    let account = (Entity, Column::AccountId).into_column_ref();
    let members = Query::select()
        .columns([(Entity, Column::AccountId), (Entity, Column::TeamRole)])
        .columns(app_user::Column::iter().map(|column| (app_user::Entity, column)))
        .from(Entity)
        .inner_join(app_user::Entity, Expr::col((Entity, Column::UserId)).equals((app_user::Entity, app_user::Column::Id)))
        .and_where(id_in(db.backend(), account.clone(), accounts.iter().map(|id| id.uuid())))
        .cond_where(visible_accounts(access, account.clone()))
        .to_owned();
    let by_name = [app_user::Column::Name, app_user::Column::Id].map(|column| (Expr::col((app_user::Entity, column)), Order::Asc));
    let operation = "reading account teams";
    let rows = db.read().query_all(&first_of_each(members, [account], by_name, MOST_AT_HAND)).await.during(operation)?;
    let mut teams: HashMap<AccountId, Vec<TeamMember>> = HashMap::new();
    for row in rows {
        let account: Uuid = row.try_get_by_index(0).during(operation)?;
        let role: String = row.try_get_by_index(1).during(operation)?;
        let user = app_user::Model::from_query_result(&row, "").during(operation)?;
        let member = TeamMember { user: user::from_row(user)?, team_role: parse("team_member", "team_role", &role)? };
        teams.entry(account.into()).or_default().push(member);
    }
    Ok(teams)
}

/// Puts a user into an account's team, or changes what they do in it.
///
/// # Errors
/// [`ServiceError::NotFound`] for an account or a user that is not there or not to be seen; [`ServiceError::Forbidden`].
pub async fn assign(
    db: &Db,
    access: &Access,
    now: DateTime<Utc>,
    account: AccountId,
    user: UserId,
    team_role: TeamRole,
) -> Result<TeamMember, ServiceError> {
    db.write_tx(async |tx| {
        account::hold(tx, access, "accountId", account).await?;
        require(access, Action::AssignTeamMember)?;
        let user = user::expect(tx, access, "userId", user).await?;
        let before = role_in(tx, account, user.id).await?;
        if before != Some(team_role) {
            let row = team_member::ActiveModel {
                account_id: Set(account.uuid()),
                user_id: Set(user.id.uuid()),
                team_role: Set(team_role.as_str().to_owned()),
            };
            let again = OnConflict::columns([team_member::Column::AccountId, team_member::Column::UserId])
                .update_column(team_member::Column::TeamRole)
                .to_owned();
            team_member::Entity::insert(row).on_conflict(again).exec_without_returning(tx).await.during("writing a team member")?;
            record(tx, access, now, Action::AssignTeamMember, (account, user.id), before, Some(team_role)).await?;
        }
        Ok(TeamMember { user, team_role })
    })
    .await
}

/// Takes a user out of an account's team; what they did in it.
///
/// # Errors
/// [`ServiceError::NotFound`] for an account that is not there or not to be seen, and for a user who is not in its team;
/// [`ServiceError::Forbidden`].
pub async fn remove(db: &Db, access: &Access, now: DateTime<Utc>, account: AccountId, user: UserId) -> Result<TeamMember, ServiceError> {
    db.write_tx(async |tx| {
        account::hold(tx, access, "accountId", account).await?;
        require(access, Action::RemoveTeamMember)?;
        let user = user::expect(tx, access, "userId", user).await?;
        let team_role = role_in(tx, account, user.id).await?.ok_or_else(|| ServiceError::not_found("userId", "member of this team"))?;
        team_member::Entity::delete_by_id((account.uuid(), user.id.uuid())).exec(tx).await.during("removing a team member")?;
        record(tx, access, now, Action::RemoveTeamMember, (account, user.id), Some(team_role), None).await?;
        Ok(TeamMember { user, team_role })
    })
    .await
}

async fn role_in(tx: &Tx, account: AccountId, user: UserId) -> Result<Option<TeamRole>, ServiceError> {
    let row = team_member::Entity::find_by_id((account.uuid(), user.uuid())).one(tx).await.during("looking for a team member")?;
    row.map(|row| parse("team_member", "team_role", &row.team_role)).transpose()
}

async fn record(
    tx: &Tx,
    access: &Access,
    now: DateTime<Utc>,
    action: Action,
    (account, user): (AccountId, UserId),
    before: Option<TeamRole>,
    after: Option<TeamRole>,
) -> Result<(), ServiceError> {
    let role = |role: Option<TeamRole>| role.map(|role| values([("team_role", json!(role))]));
    let change = Change {
        action,
        target: AuditTarget::TeamMember,
        id: Some(user.uuid()),
        account: Some(account),
        before: role(before),
        after: role(after),
    };
    audit::record(tx, access, now, vec![change]).await
}
