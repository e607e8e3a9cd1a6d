//! Who of us looks after an account.

use std::collections::HashMap;

use engagement::id::AccountId;
use engagement::vocabulary::TeamRole;
use entity::{app_user, team_member};
use sea_orm::sea_query::IntoColumnRef;
use sea_orm::{EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, SelectTwo};

use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::dialect::id_in;
use crate::error::{During, ServiceError};
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

/// The team of each account, by name; accounts without one are absent.
pub async fn teams_of(db: &Db, access: &Access, accounts: &[AccountId]) -> Result<HashMap<AccountId, Vec<TeamMember>>, ServiceError> {
    let members: SelectTwo<team_member::Entity, app_user::Entity> = team_member::Entity::find()
        .join(
            JoinType::InnerJoin,
            team_member::Entity::belongs_to(app_user::Entity).from(team_member::Column::UserId).to(app_user::Column::Id).into(),
        )
        .select_also(app_user::Entity);
    let rows = members
        .filter(id_in(db.backend(), (team_member::Entity, team_member::Column::AccountId), accounts.iter().map(|id| id.uuid())))
        .filter(visible_accounts(access, team_member::Column::AccountId.into_column_ref()))
        .order_by_asc(app_user::Column::Name)
        .order_by_asc(app_user::Column::Id)
        .all(db.read())
        .await
        .during("reading account teams")?;
    let mut teams: HashMap<AccountId, Vec<TeamMember>> = HashMap::new();
    for (member, user) in rows {
        let Some(user) = user else { continue };
        let team_role = parse("team_member", "team_role", &member.team_role)?;
        teams.entry(member.account_id.into()).or_default().push(TeamMember { user: user::from_row(user)?, team_role });
    }
    Ok(teams)
}
