//! What happens when a message is given up for good, in the transaction that gives it up: the alert `mail.undeliverable`, one
//! for each recipient however many messages fail, and one for the mail server when it takes no mail at all. It resolves itself
//! when mail arrives again, or is put back by hand.
//!
//! Admins are told by mail, and mail is what does not arrive. So nobody is told about themselves or over an address that is
//! known to refuse mail, and a message that fails to tell of an alert like this opens its own alert without another message.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use engagement::alert::lifecycle::Conditions;
use engagement::alert::{AlertRule, Condition, Key, Subject};
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, AlertId, MessageId, UserId};
use engagement::vocabulary::{AlertStatus, MessageKind, Severity};
use entity::alert;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::alert::StoredAlert;
use crate::alert::installation::{follow_installation, for_responsible};
use crate::alert::recipients::unreachable;
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::outbox::{NewMessage, OutboxContext};
use crate::record::installation::settings_in;
use crate::sql::dialect::id_in;

/// How much of a reason an alert quotes, in characters.
const LONGEST_REASON: usize = 300;

/// A message that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeliverable {
    pub id: MessageId,
    /// What it was about.
    pub kind: MessageKind,
    /// To whom.
    pub recipient: Option<EmailAddress>,
    /// The recipient, where they are a user.
    pub user: Option<UserId>,
    /// The account it was about.
    pub account: Option<AccountId>,
    /// The alerts it told of.
    pub alerts: Vec<AlertId>,
    pub reason: String,
    /// Whose fault it was.
    pub fault: Fault,
    /// A user's mail has been disabled by this.
    pub recipient_disabled: bool,
}

/// Whose fault it was that a message was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The mail server does not know the recipient.
    Recipient,
    /// Something about this message, or too many attempts in vain.
    Message,
    /// The mail server has taken no mail at all for too long.
    Server,
}

impl Undeliverable {
    /// What its alert is about.
    fn subject(&self) -> Subject {
        match (&self.recipient, self.fault) {
            (Some(address), Fault::Recipient | Fault::Message) => {
                Subject::Recipient(address.expose().to_owned())
            }
            _ => Subject::None,
        }
    }
}

/// The alerts that a message tells of: the one of its row, or those that were joined.
pub(super) fn alerts_of(alert: Option<AlertId>, context: Option<&OutboxContext>) -> Vec<AlertId> {
    match context {
        Some(OutboxContext::SponsorDeparted(context) | OutboxContext::Alert(context))
            if !context.alerts.is_empty() =>
        {
            context.alerts.clone()
        }
        _ => alert.into_iter().collect(),
    }
}

/// Opens or updates the alerts of messages that were given up; returns what tells the admins of those that open, for the caller
/// to queue.
///
/// # Errors
/// Those of the database.
pub(super) async fn report_undeliverable(
    tx: &Tx,
    now: DateTime<Utc>,
    given_up: &[Undeliverable],
) -> Result<Vec<NewMessage>, ServiceError> {
    for message in given_up {
        tracing::error!(
            mail = %message.id,
            kind = message.kind.as_str(),
            recipient = message.recipient.as_ref().map(ToString::to_string),
            recipient_disabled = message.recipient_disabled,
            reason = message.reason,
            "a message was given up"
        );
    }
    let mut groups: BTreeMap<Subject, Vec<&Undeliverable>> = BTreeMap::new();
    for message in given_up {
        groups.entry(message.subject()).or_default().push(message);
    }
    let known_to_refuse = unreachable(tx).await?;
    let hold = groups
        .iter()
        .filter_map(|(subject, messages)| condition(subject, messages, &known_to_refuse))
        .collect();
    let found = Conditions {
        hold,
        ..Conditions::default()
    };
    let settings = settings_in(tx).await?;
    let looked_at = |key: &Key| key.rule == AlertRule::MailUndeliverable && groups.contains_key(&key.subject);
    let mut followed = follow_installation(tx, &settings, now, &found, looked_at).await?;
    // A message about such an alert that fails is no reason for the next one.
    let about_mail = about_undeliverable(tx, given_up).await?;
    let tells_of_mail = |message: &&Undeliverable| {
        !message.alerts.is_empty() && message.alerts.iter().all(|id| about_mail.contains(&id.uuid()))
    };
    let told: Vec<StoredAlert> = followed
        .opened
        .into_iter()
        .filter(|stored| {
            groups
                .get(&stored.alert.key.subject)
                .is_some_and(|messages| !messages.iter().all(tells_of_mail))
        })
        .collect();
    let refusing = unreachable(tx).await?;
    let spared = |stored: &StoredAlert, email: &EmailAddress| {
        refusing.contains(email)
            || matches!(&stored.alert.key.subject, Subject::Recipient(address) if address == email.expose())
    };
    followed
        .messages
        .extend(for_responsible(tx, &settings, now, &told, spared).await?);
    Ok(followed.messages)
}

/// What is to be said about the messages of one subject.
fn condition(
    subject: &Subject,
    messages: &[&Undeliverable],
    refusing: &HashSet<EmailAddress>,
) -> Option<Condition> {
    let last = messages.last()?;
    let reason = spoken(&last.reason);
    let (count, were, which) = match messages.len() {
        1 => ("A message".to_owned(), "was", ""),
        more => (format!("{more} messages"), "were", "the last one "),
    };
    let (severity, message) = match subject {
        Subject::Recipient(address) => {
            if let Some(refused) = messages.iter().find(|message| message.fault == Fault::Recipient) {
                let off = if refused.recipient_disabled {
                    " Nothing is sent there until a message is put back."
                } else {
                    ""
                };
                (
                    Severity::High,
                    format!("Mail does not reach {address}: {}.{off}", spoken(&refused.reason)),
                )
            } else {
                // What reaches nobody is not better because a message failed for another reason.
                let refuses = refusing.iter().any(|known| known.expose() == address);
                let severity = if refuses { Severity::High } else { Severity::Medium };
                (
                    severity,
                    format!(
                        "{count} to {address} {were} given up, {which}{}: {reason}.",
                        about(last.kind)
                    ),
                )
            }
        }
        _ => (Severity::High, format!("{count} {were} given up: {reason}.")),
    };
    Some(Condition::new(AlertRule::MailUndeliverable, severity, message).about(subject.clone()))
}

/// What a mail server said, as a part of a sentence: servers say whatever they like, at any length.
fn spoken(reason: &str) -> String {
    let text: String = reason
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_REASON)
        .collect();
    text.trim_end_matches(['.', ' ']).to_owned()
}

/// What a message was about, for people.
const fn about(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::SponsorDeparted => "about a sponsor's departure",
        MessageKind::Alert => "about an alert",
        MessageKind::OutreachPlanned => "about planned outreach",
        MessageKind::WeeklyDigest => "with the weekly digest",
    }
}

/// Which of the alerts that these messages tell of are themselves about mail that does not arrive.
async fn about_undeliverable(tx: &Tx, given_up: &[Undeliverable]) -> Result<HashSet<Uuid>, ServiceError> {
    let ids: HashSet<Uuid> = given_up
        .iter()
        .flat_map(|message| &message.alerts)
        .map(|id| id.uuid())
        .collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<Uuid> = alert::Entity::find()
        .select_only()
        .column(alert::Column::Id)
        .filter(id_in(tx.get_database_backend(), alert::Column::Id, ids))
        .filter(alert::Column::Rule.eq(AlertRule::MailUndeliverable.as_str()))
        .into_tuple()
        .all(tx)
        .await
        .during("reading what messages told of")?;
    Ok(found.into_iter().collect())
}

/// Resolves the alerts of recipients whom mail has reached, or is put back for; and that of the mail server, which works. One
/// look into an index where there is none. Returns what is to be said of others, for the caller to queue.
///
/// # Errors
/// Those of the database.
pub(super) async fn resolve_undeliverable(
    tx: &Tx,
    now: DateTime<Utc>,
    reached: &HashSet<String>,
) -> Result<Vec<NewMessage>, ServiceError> {
    if reached.is_empty() {
        return Ok(Vec::new());
    }
    let open: Vec<String> = alert::Entity::find()
        .select_only()
        .column(alert::Column::Subject)
        .filter(alert::Column::AccountKey.eq(Uuid::nil()))
        .filter(alert::Column::Rule.eq(AlertRule::MailUndeliverable.as_str()))
        .filter(alert::Column::Status.ne(AlertStatus::Resolved.as_str()))
        .into_tuple()
        .all(tx)
        .await
        .during("looking for alerts about mail")?;
    // The alert about the mail server has no subject.
    if !open
        .iter()
        .any(|subject| subject.is_empty() || reached.contains(subject))
    {
        return Ok(Vec::new());
    }
    let looked_at = |key: &Key| {
        key.rule == AlertRule::MailUndeliverable
            && match &key.subject {
                Subject::Recipient(address) => reached.contains(address),
                _ => true,
            }
    };
    Ok(follow_installation(
        tx,
        &settings_in(tx).await?,
        now,
        &Conditions::default(),
        looked_at,
    )
    .await?
    .messages)
}
