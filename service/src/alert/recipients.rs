//! Everybody an escalation may go to, read for many accounts at once; who of them gets it is decided in the domain
//! (`engagement::alert::recipients`).

use std::collections::{HashMap, HashSet};

use engagement::alert::AlertRule;
use engagement::alert::recipients::{Directory, Member};
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, UserId};
use engagement::vocabulary::{AlertStatus, Role, Severity, SubjectKind};
use entity::{alert, app_user, team_member};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::settings::Settings;
use crate::sql::dialect::{id_in, text_in};
use crate::sql::stored::{parse, parse_optional};

/// The people of several accounts.
pub(crate) struct Directories {
    by_account: HashMap<AccountId, Directory>,
    /// For what is about no account: the administrators.
    nobodys: Directory,
    /// Which address is which user's.
    users: HashMap<EmailAddress, UserId>,
}

impl Directories {
    /// The people of an account, or of the installation as a whole.
    pub(crate) fn of(&self, account: Option<AccountId>) -> &Directory {
        account
            .and_then(|account| self.by_account.get(&account))
            .unwrap_or(&self.nobodys)
    }

    /// The user with an address.
    pub(crate) fn user(&self, email: &EmailAddress) -> Option<UserId> {
        self.users.get(email).copied()
    }

    /// Reads them: five statements, whatever the number of accounts. Whoever is a user is one here, by whatever way they come
    /// in: a manager or an escalation address that went for a stranger's would get a mail without links, and no second look
    /// at their rights before it is sent.
    pub(crate) async fn read(
        tx: &Tx,
        settings: &Settings,
        accounts: &[AccountId],
    ) -> Result<Self, ServiceError> {
        let unreachable = unreachable(tx).await?;
        let mut users = HashMap::new();
        let admins = admins(tx, &mut users).await?;
        let escalation: Vec<EmailAddress> = settings
            .escalation_to
            .iter()
            .filter(|email| !unreachable.contains(*email))
            .cloned()
            .collect();
        let admins = Directory {
            team: vec![],
            escalation: vec![],
            admins,
        };
        let mut by_account: HashMap<AccountId, Directory> = accounts
            .iter()
            .map(|account| {
                (
                    *account,
                    Directory {
                        escalation: escalation.clone(),
                        ..admins.clone()
                    },
                )
            })
            .collect();
        for (account, user, member) in members(tx, accounts).await? {
            users.insert(member.email.clone(), user);
            if let Some(directory) = by_account.get_mut(&account) {
                let reachable = !unreachable.contains(&member.email);
                let manager_email = member.manager_email.filter(|email| !unreachable.contains(email));
                directory.team.push(Member {
                    reachable,
                    manager_email,
                    ..member
                });
            }
        }
        let managers = by_account
            .values()
            .flat_map(|directory| &directory.team)
            .filter_map(|member| member.manager_email.as_ref());
        let others: HashSet<&EmailAddress> = managers
            .chain(&escalation)
            .filter(|email| !users.contains_key(*email))
            .collect();
        let others = users_among(tx, &others).await?;
        users.extend(others);
        Ok(Self {
            by_account,
            nobodys: admins,
            users,
        })
    }
}

/// Which of these addresses are users'.
pub(super) async fn users_among(
    tx: &Tx,
    emails: &HashSet<&EmailAddress>,
) -> Result<Vec<(EmailAddress, UserId)>, ServiceError> {
    if emails.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(Uuid, String)> = app_user::Entity::find()
        .select_only()
        .columns([app_user::Column::Id, app_user::Column::Email])
        .filter(text_in(
            tx.get_database_backend(),
            app_user::Column::Email,
            emails.iter().map(|email| email.expose()),
        ))
        .into_tuple()
        .all(tx)
        .await
        .during("reading which managers are users")?;
    rows.into_iter()
        .map(|(id, email)| Ok((parse("app_user", "email", &email)?, id.into())))
        .collect()
}

pub(super) async fn members(
    tx: &Tx,
    accounts: &[AccountId],
) -> Result<Vec<(AccountId, UserId, Member)>, ServiceError> {
    let of_accounts = id_in(
        tx.get_database_backend(),
        (team_member::Entity, team_member::Column::AccountId),
        accounts.iter().map(|account| account.uuid()),
    );
    let rows: Vec<(Uuid, Uuid, String, String, Option<String>)> = team_member::Entity::find()
        .join(
            JoinType::InnerJoin,
            team_member::Entity::belongs_to(app_user::Entity)
                .from(team_member::Column::UserId)
                .to(app_user::Column::Id)
                .into(),
        )
        .select_only()
        .columns([
            team_member::Column::AccountId,
            team_member::Column::UserId,
            team_member::Column::TeamRole,
        ])
        .columns([app_user::Column::Email, app_user::Column::ManagerEmail])
        .filter(of_accounts)
        .order_by_asc(app_user::Column::Email)
        .into_tuple()
        .all(tx)
        .await
        .during("reading whom to tell")?;
    rows.into_iter()
        .map(|(account, user, team_role, email, manager_email)| {
            let member = Member {
                email: parse("app_user", "email", &email)?,
                team_role: parse("team_member", "team_role", &team_role)?,
                manager_email: parse_optional("app_user", "manager_email", manager_email.as_deref())?,
                reachable: true,
            };
            Ok((account.into(), user.into(), member))
        })
        .collect()
}

async fn admins(
    tx: &Tx,
    users: &mut HashMap<EmailAddress, UserId>,
) -> Result<Vec<EmailAddress>, ServiceError> {
    let rows: Vec<(Uuid, String)> = app_user::Entity::find()
        .select_only()
        .columns([app_user::Column::Id, app_user::Column::Email])
        .filter(app_user::Column::Role.eq(Role::Admin.as_str()))
        .order_by_asc(app_user::Column::Email)
        .into_tuple()
        .all(tx)
        .await
        .during("reading the administrators")?;
    rows.into_iter()
        .map(|(id, email)| {
            let email: EmailAddress = parse("app_user", "email", &email)?;
            users.insert(email.clone(), id.into());
            Ok(email)
        })
        .collect()
}

/// Addresses that are known to refuse mail: those with an alert that says so (it is HIGH then; a message that was given up for
/// another reason says nothing about the next one), and users whose mail is disabled.
pub(crate) async fn unreachable(tx: &Tx) -> Result<HashSet<EmailAddress>, ServiceError> {
    use alert::Column;
    let refused: Vec<String> = alert::Entity::find()
        .select_only()
        .column(Column::Subject)
        .filter(
            Condition::all()
                .add(Column::AccountKey.eq(Uuid::nil()))
                .add(Column::Rule.eq(AlertRule::MailUndeliverable.as_str()))
                .add(Column::SubjectKind.eq(SubjectKind::Recipient.as_str()))
                .add(Column::Severity.is_in([Severity::High, Severity::Critical].map(Severity::as_str)))
                .add(Column::Status.ne(AlertStatus::Resolved.as_str())),
        )
        .into_tuple()
        .all(tx)
        .await
        .during("reading who cannot be reached")?;
    let disabled: Vec<String> = app_user::Entity::find()
        .select_only()
        .column(app_user::Column::Email)
        .filter(app_user::Column::MailDisabledAt.is_not_null())
        .into_tuple()
        .all(tx)
        .await
        .during("reading who cannot be reached")?;
    Ok(refused
        .iter()
        .chain(&disabled)
        .filter_map(|address| address.parse().ok())
        .collect())
}
