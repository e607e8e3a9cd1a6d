//! Who manages a single user: told of what is about that user and no account.

use std::collections::{HashMap, HashSet};

use engagement::alert::recipients::Member;
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, UserId};
use engagement::vocabulary::TeamRole;
use entity::{app_user, team_member};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::recipients::{members, unreachable, users_among};
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::sql::dialect::id_in;
use crate::sql::stored::parse_optional;

/// The managers of single users.
#[derive(Default)]
pub(crate) struct Managers(HashMap<UserId, Vec<(EmailAddress, Option<UserId>)>>);

impl Managers {
    /// Those of a user whom mail reaches, each with the user that they are; none where there is none.
    pub(crate) fn of(&self, user: UserId) -> Vec<(EmailAddress, Option<UserId>)> {
        self.0.get(&user).cloned().unwrap_or_default()
    }

    /// Whom each of these users reports to; where that is nobody whom mail reaches, who manages a team that they are in.
    pub(crate) async fn read(tx: &Tx, users: &[UserId]) -> Result<Self, ServiceError> {
        if users.is_empty() {
            return Ok(Self::default());
        }
        let operation = "reading who manages somebody";
        let unreachable = unreachable(tx).await?;
        let ids = || users.iter().map(|user| user.uuid());
        let own: Vec<(Uuid, String, Option<String>)> = app_user::Entity::find()
            .select_only()
            .columns([
                app_user::Column::Id,
                app_user::Column::Email,
                app_user::Column::ManagerEmail,
            ])
            .filter(id_in(tx.get_database_backend(), app_user::Column::Id, ids()))
            .into_tuple()
            .all(tx)
            .await
            .during(operation)?;
        let teams: Vec<(Uuid, Uuid)> = team_member::Entity::find()
            .select_only()
            .columns([team_member::Column::UserId, team_member::Column::AccountId])
            .filter(id_in(
                tx.get_database_backend(),
                team_member::Column::UserId,
                ids(),
            ))
            .into_tuple()
            .all(tx)
            .await
            .during(operation)?;
        let accounts: HashSet<AccountId> = teams.iter().map(|(_, account)| (*account).into()).collect();
        let of_teams = members(tx, &accounts.into_iter().collect::<Vec<_>>()).await?;
        let mut managers: HashMap<UserId, Vec<EmailAddress>> = HashMap::new();
        for (user, theirs, manager) in own {
            let manager: Option<EmailAddress> =
                parse_optional("app_user", "manager_email", manager.as_deref())?;
            let manager = manager.filter(|email| email.expose() != theirs && !unreachable.contains(email));
            managers.entry(user.into()).or_default().extend(manager);
        }
        for (user, found) in managers.iter_mut().filter(|(_, found)| found.is_empty()) {
            let theirs: HashSet<Uuid> = teams
                .iter()
                .filter(|(member, _)| *member == user.uuid())
                .map(|(_, account)| *account)
                .collect();
            let manages = |(account, manager, member): &&(AccountId, UserId, Member)| {
                theirs.contains(&account.uuid())
                    && manager != user
                    && member.team_role == TeamRole::Manager
                    && !unreachable.contains(&member.email)
            };
            found.extend(
                of_teams
                    .iter()
                    .filter(manages)
                    .map(|(_, _, member)| member.email.clone()),
            );
            found.sort();
            found.dedup();
        }
        let emails: HashSet<&EmailAddress> = managers.values().flatten().collect();
        let known: HashMap<EmailAddress, UserId> = users_among(tx, &emails).await?.into_iter().collect();
        let named = |email: EmailAddress| {
            let user = known.get(&email).copied();
            (email, user)
        };
        Ok(Self(
            managers
                .into_iter()
                .map(|(user, emails)| (user, emails.into_iter().map(named).collect()))
                .collect(),
        ))
    }
}
