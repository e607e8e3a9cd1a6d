//! Who reads of accounts in mails alone: managers of a member of the team.

use std::collections::{HashMap, HashSet};

use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, MessageId, UserId};
use entity::{app_user, team_member};
use sea_orm::{EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::content::{Content, Saying};
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::outbox::Claimed;
use crate::sql::dialect::{id_in, text_in};

/// Which addresses that are no user's manage, by `manager_email`, a member of the team of which accounts.
pub(super) async fn led_from_outside(
    db: &Db,
    claimed: &[Claimed],
    sayings: &HashMap<MessageId, Saying>,
) -> Result<HashSet<(EmailAddress, AccountId)>, ServiceError> {
    let (mut addresses, mut accounts) = (HashSet::new(), HashSet::new());
    for row in claimed
        .iter()
        .filter(|row| row.kind.is_escalation() && row.user.is_none())
    {
        addresses.extend(
            row.recipient
                .as_ref()
                .ok()
                .map(|address| address.expose().to_owned()),
        );
        accounts.extend(told_of(row, said(sayings, row)));
    }
    if addresses.is_empty() || accounts.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<(Option<String>, Uuid)> = team_member::Entity::find()
        .join(
            JoinType::InnerJoin,
            team_member::Entity::belongs_to(app_user::Entity)
                .from(team_member::Column::UserId)
                .to(app_user::Column::Id)
                .into(),
        )
        .select_only()
        .column(app_user::Column::ManagerEmail)
        .column(team_member::Column::AccountId)
        .filter(id_in(
            db.backend(),
            (team_member::Entity, team_member::Column::AccountId),
            accounts.into_iter().map(AccountId::uuid),
        ))
        .filter(text_in(
            db.backend(),
            (app_user::Entity, app_user::Column::ManagerEmail),
            addresses,
        ))
        .distinct()
        .into_tuple()
        .all(db.read())
        .await
        .during("checking managers who are no users")?;
    Ok(rows
        .into_iter()
        .filter_map(|(email, account)| Some((email?.parse().ok()?, account.into())))
        .collect())
}

/// Which addresses that are no user's manage, by `manager_email`, which of the users that alerts are about.
pub(super) async fn managed_from_outside(
    db: &Db,
    claimed: &[Claimed],
    sayings: &HashMap<MessageId, Saying>,
) -> Result<HashSet<(EmailAddress, UserId)>, ServiceError> {
    let outside = claimed
        .iter()
        .filter(|row| row.kind.is_escalation() && row.user.is_none());
    let users: HashSet<UserId> = outside.flat_map(|row| users_in(said(sayings, row))).collect();
    if users.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<(Option<String>, Uuid)> = app_user::Entity::find()
        .select_only()
        .columns([app_user::Column::ManagerEmail, app_user::Column::Id])
        .filter(id_in(
            db.backend(),
            app_user::Column::Id,
            users.into_iter().map(UserId::uuid),
        ))
        .into_tuple()
        .all(db.read())
        .await
        .during("checking managers who are no users")?;
    Ok(rows
        .into_iter()
        .filter_map(|(email, user)| Some((email?.parse().ok()?, user.into())))
        .collect())
}

/// The accounts that a message tells of.
pub(super) fn told_of(row: &Claimed, content: Option<&Content>) -> HashSet<AccountId> {
    content
        .into_iter()
        .flat_map(Content::accounts)
        .chain(row.account)
        .collect()
}

/// The users that a message's alerts are about.
pub(super) fn users_in(content: Option<&Content>) -> HashSet<UserId> {
    match content {
        Some(Content::Alert(content)) => content.alerts.iter().filter_map(|alert| alert.user).collect(),
        _ => HashSet::new(),
    }
}

pub(super) fn said<'a>(sayings: &'a HashMap<MessageId, Saying>, row: &Claimed) -> Option<&'a Content> {
    match sayings.get(&row.id) {
        Some(Saying::Content(content)) => Some(content),
        _ => None,
    }
}
