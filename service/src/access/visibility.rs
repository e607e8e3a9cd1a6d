//! What the asker may see. Every function that touches business rows filters through [`visible_accounts`]: what a viewer
//! may not see does not exist for them, in lists, counts and nested fields alike.
//!
//! Admins and managers see every account; a csm those of their teams; a viewer too, or every account where they are in no
//! team and their user says that they see everything: whoever loses their last team sees nothing more for it.
//! The statement that reads decides it, from the teams as they are at that moment: nothing is remembered.
//! Facts about the whole organisation (the catalogue of features, how far the data reaches) are the same for everybody,
//! so that a score is.

use engagement::id::UserId;
use engagement::vocabulary::Role;
use entity::{app_user, interaction, team_member};
use sea_orm::DbBackend;
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, IntoColumnRef, Query, SelectStatement};

use super::asker::Access;

/// Which rows the asker may see, given the column that names a row's account. The one place where visibility is decided.
pub fn visible_accounts(access: &Access, account: impl IntoColumnRef) -> Condition {
    let Some((user, role)) = restricted(access) else {
        return Condition::all();
    };
    let seen = Condition::any()
        .add(Expr::col(account).in_subquery(memberships(user, team_member::Column::AccountId)));
    if role == Role::Viewer {
        // Asked once per statement, not per row: it speaks of no row.
        let everything = Condition::all()
            .add(Expr::exists(said_to_see_everything(user)))
            .add(Expr::exists(memberships(user, team_member::Column::UserId)).not());
        return seen.add(everything);
    }
    seen
}

/// The same for one user and one account whose teams are known already: a batch of users is asked about at once there.
pub(crate) fn sees(role: Role, sees_everything: bool, in_its_team: bool, in_some_team: bool) -> bool {
    match role {
        Role::Admin | Role::Manager => true,
        Role::Csm => in_its_team,
        Role::Viewer => in_its_team || (sees_everything && !in_some_team),
    }
}

/// The user who asks, and their role; none for the system, and for roles that see every account.
fn restricted(access: &Access) -> Option<(UserId, Role)> {
    match access.role() {
        Role::Admin | Role::Manager => None,
        role @ (Role::Csm | Role::Viewer) => access.user().map(|user| (user, role)),
    }
}

/// A row where the user is said to see everything.
fn said_to_see_everything(user: UserId) -> SelectStatement {
    let reader = Alias::new("reader");
    Query::select()
        .expr(Expr::val(1))
        .from_as(app_user::Entity, reader.clone())
        .and_where(Expr::col((reader.clone(), app_user::Column::Id)).eq(user.uuid()))
        .and_where(Expr::col((reader, app_user::Column::SeesEverything)))
        .to_owned()
}

/// A column of the teams that a user is in.
fn memberships(user: UserId, column: team_member::Column) -> SelectStatement {
    Query::select()
        .column((team_member::Entity, column))
        .from(team_member::Entity)
        .and_where(Expr::col((team_member::Entity, team_member::Column::UserId)).eq(user.uuid()))
        .to_owned()
}

/// Selects, of pairs of a user and an account ($1, a JSON list of two hexadecimal ids each), those where the user may not see the
/// account, as [`visible_accounts`] decides it for one user; and whether they manage a member of the account's team by address:
/// that is who escalations go to, so mails may tell them of it.
pub(crate) fn unseen_by_user(backend: DbBackend) -> String {
    let pairs = crate::sql::dialect::user_account_pairs(backend);
    format!(
        "SELECT pair.user_id, pair.account_id,
            EXISTS (SELECT 1 FROM team_member t JOIN app_user m ON m.id = t.user_id
                WHERE t.account_id = pair.account_id AND m.manager_email = app_user.email)
        FROM {pairs} JOIN app_user ON app_user.id = pair.user_id
        WHERE app_user.role NOT IN ('ADMIN', 'MANAGER')
        AND NOT EXISTS (SELECT 1 FROM team_member t WHERE t.user_id = pair.user_id AND t.account_id = pair.account_id)
        AND NOT (app_user.role = 'VIEWER' AND app_user.sees_everything AND NOT EXISTS (SELECT 1 FROM team_member t WHERE t.user_id = pair.user_id))"
    )
}

/// Which users the asker may see, given the column that names a user: themselves, and whoever stands beside an account
/// that they see, as a member of its team or as the owner of an interaction.
pub fn visible_users<C: IntoColumnRef + Clone>(access: &Access, user: C) -> Condition {
    let Some((own, _)) = restricted(access) else {
        return Condition::all();
    };
    let (colleague, owned) = (Alias::new("colleague"), Alias::new("owned"));
    let in_team = Query::select()
        .expr(Expr::val(1))
        .from_as(team_member::Entity, colleague.clone())
        .and_where(Expr::col((colleague.clone(), team_member::Column::UserId)).equals(user.clone()))
        .cond_where(visible_accounts(
            access,
            (colleague, team_member::Column::AccountId),
        ))
        .to_owned();
    let owner = Query::select()
        .expr(Expr::val(1))
        .from_as(interaction::Entity, owned.clone())
        .and_where(Expr::col((owned.clone(), interaction::Column::OwnerId)).equals(user.clone()))
        .cond_where(visible_accounts(access, (owned, interaction::Column::AccountId)))
        .to_owned();
    Condition::any()
        .add(Expr::col(user).eq(own.uuid()))
        .add(Expr::exists(in_team))
        .add(Expr::exists(owner))
}
