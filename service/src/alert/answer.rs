//! What people do with alerts: take one up, put it off, be done with it. What comes of it is decided in the domain
//! (`engagement::alert::action`); here the alert is held while it is decided, so that of two who answer at the same moment
//! one wins and the other is told.

use chrono::NaiveDate;
use engagement::alert::action::ActionError;
use engagement::alert::{Alert, AlertRule, Key, Subject};
use engagement::id::AlertId;
use engagement::policy::Policy;
use engagement::vocabulary::{AuditTarget, Disposition};
use entity::{alert, app_user};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::list::visible_alerts;
use super::stored::{StoredAlert, hold_installation, write};
use crate::access::Access;
use crate::access::audit::{self, Change, Values, difference, values};
use crate::access::rights::{Action, require};
use crate::clock::Moment;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::record::mail_switch;
use crate::record::spoken::{self, NOTE};

/// Takes an alert up: the ladder ends. Doing it twice changes nothing.
///
/// # Errors
/// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`]; [`ServiceError::Conflict`] for one that is resolved.
pub async fn acknowledge(
    db: &Db,
    access: &Access,
    moment: Moment,
    id: AlertId,
) -> Result<StoredAlert, ServiceError> {
    db.write_tx(async |tx| {
        let stored = hold(tx, access, Action::AcknowledgeAlert, id).await?;
        let next = stored.alert.acknowledge(moment.now).map_err(refusal)?;
        if next == stored.alert {
            return Ok(stored);
        }
        let after = StoredAlert {
            acknowledged_by: access.user(),
            ..stored.clone().changed(next)
        };
        save(tx, access, moment, Action::AcknowledgeAlert, stored, after).await
    })
    .await
}

/// Puts an alert off until a day, on which it is open again.
///
/// # Errors
/// As [`acknowledge`]; [`ServiceError::BadInput`] for a day that is not after today.
pub async fn snooze(
    db: &Db,
    access: &Access,
    moment: Moment,
    id: AlertId,
    until: NaiveDate,
    reason: Option<String>,
) -> Result<StoredAlert, ServiceError> {
    let reason = spoken::optional("reason", reason, NOTE)?;
    db.write_tx(async |tx| {
        let stored = hold(tx, access, Action::SnoozeAlert, id).await?;
        let next = stored.alert.snooze(until, moment.today).map_err(refusal)?;
        let after = StoredAlert {
            snooze_reason: reason.clone(),
            ..stored.clone().changed(next)
        };
        save(tx, access, moment, Action::SnoozeAlert, stored, after).await
    })
    .await
}

/// Ends an alert by hand. One about mail that does not reach a user, when it was acted upon, has mail to them tried again.
///
/// # Errors
/// As [`acknowledge`].
pub async fn resolve(
    db: &Db,
    access: &Access,
    policy: &Policy,
    moment: Moment,
    id: AlertId,
    disposition: Disposition,
    note: Option<String>,
) -> Result<StoredAlert, ServiceError> {
    let note = spoken::optional("note", note, NOTE)?;
    db.write_tx(async |tx| {
        let stored = hold(tx, access, Action::ResolveAlert, id).await?;
        let next = stored
            .alert
            .resolve(disposition, moment.now, moment.today, &policy.alerts)
            .map_err(refusal)?;
        let after = StoredAlert {
            resolved_by: access.user(),
            note: note.clone(),
            ..stored.clone().changed(next)
        };
        if disposition == Disposition::Acted {
            let Key { rule, subject } = &after.alert.key;
            if let (AlertRule::MailUndeliverable, Subject::Recipient(address)) = (rule, subject) {
                // Somebody has seen to it that it arrives.
                let recipient = Condition::all().add(app_user::Column::Email.eq(address.as_str()));
                mail_switch::let_through(tx, access, moment.now, Action::ResolveAlert, recipient).await?;
            }
        }
        save(tx, access, moment, Action::ResolveAlert, stored, after).await
    })
    .await
}

/// The alert that an answer is about, which nobody else changes until it is given. Whoever settles mail holds the installation
/// before its alerts and before users: so does who answers one of those.
async fn hold(tx: &Tx, access: &Access, action: Action, id: AlertId) -> Result<StoredAlert, ServiceError> {
    let operation = "looking for an alert to answer";
    let found = || alert::Entity::find_by_id(id.uuid()).filter(visible_alerts(access));
    if found()
        .filter(alert::Column::AccountId.is_null())
        .count(tx)
        .await
        .during(operation)?
        > 0
    {
        hold_installation(tx).await?;
    }
    let row = found()
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await
        .during(operation)?;
    let stored = row.map_or_else(
        || Err(ServiceError::not_found("alertId", "alert")),
        StoredAlert::from_row,
    )?;
    require(access, action)?;
    Ok(stored)
}

async fn save(
    tx: &Tx,
    access: &Access,
    moment: Moment,
    action: Action,
    before: StoredAlert,
    after: StoredAlert,
) -> Result<StoredAlert, ServiceError> {
    write(tx, vec![after.clone()]).await?;
    let (old, new) = difference(&logged(&before), &logged(&after));
    let change = Change {
        action,
        target: AuditTarget::Alert,
        id: Some(after.id.uuid()),
        account: after.account_id,
        before: Some(old),
        after: Some(new),
    };
    audit::record(tx, access, moment.now, vec![change]).await?;
    Ok(after)
}

/// What an answer may change.
fn logged(stored: &StoredAlert) -> Values {
    let Alert {
        status,
        snoozed_until,
        disposition,
        muted_until,
        ..
    } = &stored.alert;
    values([
        ("status", json!(status)),
        ("snoozed_until", json!(snoozed_until)),
        ("snooze_reason", json!(stored.snooze_reason)),
        ("disposition", json!(disposition)),
        ("note", json!(stored.note)),
        ("muted_until", json!(muted_until)),
    ])
}

fn refusal(error: ActionError) -> ServiceError {
    match error {
        ActionError::AlreadyResolved => ServiceError::Conflict(error.to_string()),
        ActionError::SnoozeIntoThePast { .. } => ServiceError::bad_input("until", error.to_string()),
    }
}
