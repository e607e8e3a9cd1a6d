//! The ladder's messages: for each alert with a rung that is due, one message to each person, for the transaction that
//! found it due. Running it again finds nothing due, and the natural keys would not let a message in twice.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use engagement::alert::AlertRule;
use engagement::alert::ladder::{self, Rung};
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, AlertId};

use super::recipients::Directories;
use super::stored::StoredAlert;
use crate::db::Tx;
use crate::error::ServiceError;
use crate::outbox::{EscalationContext, NewMessage, OutboxContext};
use crate::settings::Settings;

/// Who was told of which alert.
pub(crate) type Told = HashMap<AlertId, Vec<EmailAddress>>;

/// Says what is due for these alerts and notes on them how far they have climbed. An alert that nobody can be told of stays
/// where it is: there may be somebody in an hour.
pub(crate) async fn escalate(
    tx: &Tx,
    settings: &Settings,
    at: DateTime<Utc>,
    alerts: &mut [StoredAlert],
) -> Result<Climbed, ServiceError> {
    let mut climbed = Climbed::default();
    let due: Vec<(usize, Vec<Rung>)> = alerts
        .iter()
        .enumerate()
        .map(|(place, stored)| (place, ladder::due(&stored.alert, at, &settings.policy.alerts)))
        .filter(|(_, rungs)| !rungs.is_empty())
        .collect();
    if due.is_empty() {
        return Ok(climbed);
    }
    let accounts: HashSet<AccountId> = due
        .iter()
        .filter_map(|(place, _)| alerts[*place].account_id)
        .collect();
    let directories = Directories::read(tx, settings, &accounts.into_iter().collect::<Vec<_>>()).await?;
    for (place, rungs) in due {
        let stored = &mut alerts[place];
        let directory = directories.of(stored.account_id);
        let recipients = if ladder::all_at_once(stored.alert.key.rule) {
            directory.recipients_at_once()
        } else {
            directory.recipients(&rungs)
        };
        if recipients.is_empty() {
            tracing::error!(alert = %stored.id, "there is nobody to tell of an alert: no team, no manager, no administrator");
            continue;
        }
        let told: Vec<EmailAddress> = recipients
            .iter()
            .map(|recipient| recipient.email.clone())
            .collect();
        for recipient in recipients {
            let user = directories.user(&recipient.email);
            climbed
                .messages
                .push(message(stored, recipient.email, recipient.rung, user, &told, at));
        }
        *stored = stored.clone().changed(stored.alert.climbed(&rungs));
        climbed.places.push(place);
        climbed.told.insert(stored.id, told);
    }
    Ok(climbed)
}

/// What the ladder did.
#[derive(Debug, Default)]
pub(crate) struct Climbed {
    /// Which alerts have climbed, by their place.
    pub(crate) places: Vec<usize>,
    /// Who was told of which.
    pub(crate) told: Told,
    /// What is to be queued once all alerts of the transaction are written.
    pub(crate) messages: Vec<NewMessage>,
}

fn message(
    stored: &StoredAlert,
    recipient: EmailAddress,
    rung: Rung,
    user: Option<engagement::id::UserId>,
    told: &[EmailAddress],
    at: DateTime<Utc>,
) -> NewMessage {
    let departed = stored.alert.key.rule == AlertRule::SponsorDeparted;
    let about = EscalationContext {
        rung: Some(rung.number()),
        told: told.to_vec(),
        alerts: Vec::new(),
    };
    let context = if departed {
        OutboxContext::SponsorDeparted(about)
    } else {
        OutboxContext::Alert(about)
    };
    // An alert that comes back climbs anew: the same rung, another climb.
    let climb = stored.alert.escalating_since.unwrap_or(at).timestamp_micros();
    let natural_key = format!(
        "{}:{}:{}:{climb}:{}",
        context.kind(),
        stored.id,
        rung.number(),
        recipient.expose()
    );
    NewMessage {
        natural_key,
        recipient,
        user,
        account: stored.account_id,
        alert: Some(stored.id),
        context,
        due_at: None,
    }
}
