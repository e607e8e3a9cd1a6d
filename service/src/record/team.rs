//! Who of us looks after an account.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use engagement::id::{AccountId, UserId};
use engagement::vocabulary::{AuditTarget, TeamRole};
use entity::{app_user, team_member};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, IntoColumnRef, OnConflict, Query};
use sea_orm::{EntityTrait, FromQueryResult, IdenStatic, Iterable};
use serde_json::json;

use crate::access::audit::{self, Change, values};
use crate::access::rights::{Action, require};
use crate::access::{Access, visible_accounts};
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::record::account;
use crate::record::pages_by_account::{self, Rows};
use crate::record::user::{self, User};
use crate::sql::dialect::{id_in, sort_key};
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place};
use crate::sql::stored::parse;

/// A user's place in an account's team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMember {
    pub user: User,
    /// As what.
    pub team_role: TeamRole,
}

/// A page of the team of each account, by name.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn pages_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<AccountId, Page<TeamMember>>, ServiceError> {
    use team_member::{Column, Entity};
    let account = (Entity, Column::AccountId).into_column_ref();
    let user = |column| Expr::col((app_user::Entity, column));
    let name = sort_key(db.backend(), (app_user::Entity, app_user::Column::Name));
    let all = Query::select()
        .columns([(Entity, Column::AccountId), (Entity, Column::TeamRole)])
        .columns(app_user::Column::iter().map(|column| (app_user::Entity, column)))
        .expr_as(name.clone(), Alias::new("sort_key"))
        .from(Entity)
        .inner_join(
            app_user::Entity,
            user(app_user::Column::Id).equals((Entity, Column::UserId)),
        )
        .and_where(id_in(
            db.backend(),
            account.clone(),
            accounts.iter().map(|id| id.uuid()),
        ))
        .cond_where(visible_accounts(access, account))
        .to_owned();
    let operation = "reading account teams";
    let by_name = Ordering {
        key: name,
        kind: KeyKind::Text,
        descending: false,
        id: user(app_user::Column::Id),
    };
    let rows = Rows {
        operation,
        all,
        owner: Column::AccountId,
        ordering: by_name,
    };
    pages_by_account::pages(db, rows, accounts, page, with_total, |row| {
        let role: String = row.try_get("", Column::TeamRole.as_str()).during(operation)?;
        let user = app_user::Model::from_query_result(row, "").during(operation)?;
        let place = Place {
            key: Key::Text(row.try_get("", "sort_key").during(operation)?),
            id: user.id,
        };
        Ok((
            place,
            TeamMember {
                user: user::from_row(user)?,
                team_role: parse("team_member", "team_role", &role)?,
            },
        ))
    })
    .await
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
            team_member::Entity::insert(row)
                .on_conflict(again)
                .exec_without_returning(tx)
                .await
                .during("writing a team member")?;
            record(
                tx,
                access,
                now,
                Action::AssignTeamMember,
                (account, user.id),
                before,
                Some(team_role),
            )
            .await?;
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
pub async fn remove(
    db: &Db,
    access: &Access,
    now: DateTime<Utc>,
    account: AccountId,
    user: UserId,
) -> Result<TeamMember, ServiceError> {
    db.write_tx(async |tx| {
        account::hold(tx, access, "accountId", account).await?;
        require(access, Action::RemoveTeamMember)?;
        let user = user::expect(tx, access, "userId", user).await?;
        let team_role = role_in(tx, account, user.id)
            .await?
            .ok_or_else(|| ServiceError::not_found("userId", "member of this team"))?;
        team_member::Entity::delete_by_id((account.uuid(), user.id.uuid()))
            .exec(tx)
            .await
            .during("removing a team member")?;
        record(
            tx,
            access,
            now,
            Action::RemoveTeamMember,
            (account, user.id),
            Some(team_role),
            None,
        )
        .await?;
        Ok(TeamMember { user, team_role })
    })
    .await
}

async fn role_in(tx: &Tx, account: AccountId, user: UserId) -> Result<Option<TeamRole>, ServiceError> {
    let row = team_member::Entity::find_by_id((account.uuid(), user.uuid()))
        .one(tx)
        .await
        .during("looking for a team member")?;
    row.map(|row| parse("team_member", "team_role", &row.team_role))
        .transpose()
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
