//! What happens when a message is given up for good, in the transaction that gives it up.

use chrono::{DateTime, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, MessageId, UserId};
use engagement::vocabulary::MessageKind;

use crate::db::Tx;
use crate::error::ServiceError;

/// A message that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeliverable {
    /// Which.
    pub id: MessageId,
    /// What it was about.
    pub kind: MessageKind,
    /// To whom.
    pub recipient: Option<EmailAddress>,
    /// The recipient, where they are a user.
    pub user: Option<UserId>,
    /// The account it was about.
    pub account: Option<AccountId>,
    /// Why.
    pub reason: String,
    /// The mail server does not know the recipient: a user's mail has been disabled by this.
    pub recipient_disabled: bool,
}

/// Tells the admins of messages that were given up. The one place where the alert `mail.undeliverable` is to be opened, one
/// per recipient, in this transaction.
///
/// # Errors
/// Those of the database.
pub(super) async fn report_undeliverable(_tx: &Tx, _now: DateTime<Utc>, given_up: &[Undeliverable]) -> Result<(), ServiceError> {
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
    Ok(())
}
