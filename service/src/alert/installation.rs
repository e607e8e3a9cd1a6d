//! Alerts about the installation as a whole, which no account's evaluation looks at: feeds that have dried up, users who have
//! stopped recording, mail that does not arrive. They stand where all admins and managers see them; when they open, the managers of
//! the user they are about are told, else the admins.

use chrono::{DateTime, Utc};
use engagement::alert::ladder::Rung;
use engagement::alert::lifecycle::{Conditions, EvaluationDay, steps};
use engagement::alert::{Alert, Key, Subject};
use engagement::email_address::EmailAddress;
use engagement::id::{AlertId, UserId};
use engagement::vocabulary::MessageKind;

use super::evaluation::{AlertCounts, Next, RoundResult};
use super::managers::Managers;
use super::recipients::Directories;
use super::stored::{StoredAlert, hold_installation, standing};
use crate::db::Tx;
use crate::error::ServiceError;
use crate::outbox::{EscalationContext, NewMessage, OutboxContext};
use crate::settings::Settings;

/// What following came to.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    /// What became of the alerts.
    pub(crate) counts: AlertCounts,
    /// Those that opened, for the first time or again.
    pub(crate) opened: Vec<StoredAlert>,
    /// What is to be queued ([`super::joining::queue`]).
    pub(crate) messages: Vec<NewMessage>,
}

/// Lets those alerts follow what was found whose keys were looked at. Two transactions never do this at the same time. The caller
/// queues the messages.
///
/// # Errors
/// Those of the database.
pub(crate) async fn follow_installation(
    tx: &Tx,
    settings: &Settings,
    at: DateTime<Utc>,
    found: &Conditions,
    looked_at: impl Fn(&Key) -> bool,
) -> Result<Followed, ServiceError> {
    hold_installation(tx).await?;
    let mut stored = standing(tx, &[None]).await?.remove(&None).unwrap_or_default();
    stored.retain(|stored| looked_at(&stored.alert.key));
    let alerts: Vec<(AlertId, Alert)> = stored
        .iter()
        .map(|stored| (stored.id, stored.alert.clone()))
        .collect();
    let evaluation = EvaluationDay {
        day: settings.day_of(at),
        at,
        first: false,
    };
    let decisions = steps(&alerts, found, &evaluation, &settings.policy.alerts);
    let mut result = RoundResult::default();
    result.counts.count(&decisions);
    let mut next = Next::default();
    next.take(None, stored, decisions, at);
    let opened = next.opened();
    next.finish(tx, settings, at, &mut result).await?;
    Ok(Followed {
        counts: result.counts,
        opened,
        messages: result.messages,
    })
}

/// What tells whoever is responsible of alerts that have opened, but for those whom `spared` says: the managers of the user whom
/// an alert is about, and the administrators where it is about none or there is nobody to tell. The caller queues it.
///
/// # Errors
/// Those of the database.
pub(crate) async fn for_responsible(
    tx: &Tx,
    settings: &Settings,
    at: DateTime<Utc>,
    alerts: &[StoredAlert],
    spared: impl Fn(&StoredAlert, &EmailAddress) -> bool,
) -> Result<Vec<NewMessage>, ServiceError> {
    if alerts.is_empty() {
        return Ok(Vec::new());
    }
    let directories = Directories::read(tx, settings, &[]).await?;
    let about = |stored: &StoredAlert| {
        if let Subject::User(user) = stored.alert.key.subject {
            Some(user)
        } else {
            None
        }
    };
    let users: Vec<UserId> = alerts.iter().filter_map(about).collect();
    let managers = Managers::read(tx, &users).await?;
    let mut messages = Vec::new();
    for stored in alerts {
        let managers = about(stored).map(|user| managers.of(user)).unwrap_or_default();
        let (rung, recipients) = if managers.is_empty() {
            (
                0,
                directories
                    .of(None)
                    .admins
                    .iter()
                    .map(|email| (email.clone(), directories.user(email)))
                    .collect(),
            )
        } else {
            (Rung::Managers.number(), managers)
        };
        for (email, user) in recipients.into_iter().filter(|(email, _)| !spared(stored, email)) {
            messages.push(NewMessage {
                natural_key: format!(
                    "{}:{}:{rung}:{}:{}",
                    MessageKind::Alert,
                    stored.id,
                    at.timestamp_micros(),
                    email.expose()
                ),
                recipient: email,
                user,
                account: None,
                alert: Some(stored.id),
                context: OutboxContext::Alert(EscalationContext {
                    rung: Some(rung),
                    ..EscalationContext::default()
                }),
                due_at: None,
            });
        }
    }
    Ok(messages)
}
