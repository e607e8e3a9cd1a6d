//! What a link to an action finds, and doing it. Looking changes nothing: programs that guard mailboxes open every link.
//!
//! What is done is done by the link's recipient, with their rights at that moment, and stands so in the audit log: as theirs,
//! without a token. Doing it twice changes nothing.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engagement::id::{AlertId, UserId};
use engagement::report::digest::NamedAccount;
use engagement::schedule::digest::DigestTime;
use engagement::vocabulary::AlertStatus;
use entity::app_user;
use sea_orm::EntityTrait;

use super::{ActionLink, Found};
use crate::access::Access;
use crate::access::rights::{Action, require};
use crate::alert::{self, StoredAlert};
use crate::clock::Moment;
use crate::db::Db;
use crate::digest::time_of;
use crate::error::{During, ServiceError};
use crate::record::account;
use crate::record::digest_preferences::{self, DigestChange};
use crate::record::user::{self, User};
use crate::settings::Settings;

/// What an action is about, as it stands.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionView {
    /// The recipient's weekly digest.
    Digest {
        /// They get none.
        off: bool,
        /// When it comes, where it does.
        time: DigestTime,
    },
    /// An alert.
    Alert(Box<AlertView>),
}

/// An alert as its recipient may see it now.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertView {
    /// The alert.
    pub alert: StoredAlert,
    /// The account; absent for one about the whole installation.
    pub account: Option<NamedAccount>,
    /// Who took it up or resolved it, by name; absent where nobody did, or they are gone.
    pub by: Option<String>,
    /// It was the recipient.
    pub by_recipient: bool,
    /// The recipient's zone.
    pub zone: Tz,
}

/// Says what an action would do, and what has become of it.
///
/// # Errors
/// Those of the database.
pub async fn look(
    db: &Db,
    settings: &Settings,
    now: DateTime<Utc>,
    link: &ActionLink,
) -> Result<Found<ActionView>, ServiceError> {
    let Some(recipient) = recipient(db, link).await? else {
        return Ok(Found::Gone);
    };
    if let ActionLink::Acknowledge { until, .. } = link
        && now >= *until
    {
        return Ok(Found::Expired);
    }
    view(db, settings, &recipient, link).await
}

/// Does it, and says how things stand now.
///
/// # Errors
/// Those of the database.
pub async fn act(
    db: &Db,
    settings: &Settings,
    now: DateTime<Utc>,
    link: &ActionLink,
) -> Result<Found<ActionView>, ServiceError> {
    let Some(recipient) = recipient(db, link).await? else {
        return Ok(Found::Gone);
    };
    let access = Access::of(recipient.id, recipient.role);
    let turn = async |off| {
        digest_preferences::set(
            db,
            &access,
            now,
            recipient.id,
            &DigestChange {
                off: Some(off),
                ..DigestChange::default()
            },
        )
        .await
        .map(drop)
    };
    let done = match *link {
        ActionLink::Unsubscribe { .. } => turn(true).await,
        ActionLink::Resubscribe { .. } => turn(false).await,
        ActionLink::Acknowledge { until, .. } if now >= until => return Ok(Found::Expired),
        ActionLink::Acknowledge { alert: id, .. } => {
            let moment = Moment {
                now,
                today: settings.day_of(now),
            };
            match alert::acknowledge(db, &access, moment, id).await {
                // Resolved meanwhile: what is shown says so.
                Ok(_) | Err(ServiceError::Conflict(_)) => Ok(()),
                Err(error) => Err(error),
            }
        }
    };
    match done {
        Ok(()) => {}
        Err(ServiceError::NotFound { .. } | ServiceError::Forbidden(_)) => return Ok(Found::Gone),
        Err(error) => return Err(error),
    }
    // As they stand after it.
    let Some(recipient) = self::recipient(db, link).await? else {
        return Ok(Found::Gone);
    };
    view(db, settings, &recipient, link).await
}

async fn view(
    db: &Db,
    settings: &Settings,
    recipient: &User,
    link: &ActionLink,
) -> Result<Found<ActionView>, ServiceError> {
    match *link {
        ActionLink::Unsubscribe { .. } | ActionLink::Resubscribe { .. } => {
            Ok(Found::Here(ActionView::Digest {
                off: recipient.digest.off,
                time: time_of(recipient, settings.zone),
            }))
        }
        ActionLink::Acknowledge { alert, .. } => view_alert(db, settings, recipient, alert).await,
    }
}

async fn view_alert(
    db: &Db,
    settings: &Settings,
    recipient: &User,
    id: AlertId,
) -> Result<Found<ActionView>, ServiceError> {
    let access = Access::of(recipient.id, recipient.role);
    if require(&access, Action::AcknowledgeAlert).is_err() {
        return Ok(Found::Gone);
    }
    let Some(stored) = alert::by_ids(db, &access, &[id]).await?.remove(&id) else {
        return Ok(Found::Gone);
    };
    let account = match stored.account_id {
        None => None,
        Some(id) => match account::by_ids(db, &access, &[id]).await?.remove(&id) {
            Some(account) => Some(NamedAccount {
                id: account.id,
                external_id: account.external_id,
                name: account.name,
            }),
            None => return Ok(Found::Gone),
        },
    };
    let who = match stored.alert.status {
        AlertStatus::Acknowledged => stored.acknowledged_by,
        AlertStatus::Resolved => stored.resolved_by,
        AlertStatus::Open | AlertStatus::Snoozed => None,
    };
    let by = match who {
        // Who takes an alert up says so to everybody who sees it.
        Some(id) => find(db, id).await?.map(|user| user.name),
        None => None,
    };
    let zone = recipient.time_zone.unwrap_or(settings.zone);
    let view = AlertView {
        alert: stored,
        account,
        by,
        by_recipient: who == Some(recipient.id),
        zone,
    };
    Ok(Found::Here(ActionView::Alert(Box::new(view))))
}

async fn recipient(db: &Db, link: &ActionLink) -> Result<Option<User>, ServiceError> {
    match *link {
        ActionLink::Unsubscribe { user }
        | ActionLink::Resubscribe { user }
        | ActionLink::Acknowledge { user, .. } => find(db, user).await,
    }
}

/// The user for whom a link was made.
pub(super) async fn find(db: &Db, id: UserId) -> Result<Option<User>, ServiceError> {
    let row = app_user::Entity::find_by_id(id.uuid())
        .one(db.read())
        .await
        .during("looking for the recipient of a link")?;
    row.map(user::from_row).transpose()
}
