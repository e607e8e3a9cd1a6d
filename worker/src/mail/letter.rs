//! What every transport takes: a message with its envelope, and what its row says of it.

use chrono::{DateTime, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::MessageId;
use engagement::vocabulary::MessageKind;

/// A message with its envelope.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Which row it is.
    pub id: MessageId,
    /// Its kind.
    pub kind: MessageKind,
    /// When it was decided on.
    pub queued_at: DateTime<Utc>,
    /// Who sends it.
    pub from: &'a EmailAddress,
    /// Who gets it.
    pub to: &'a EmailAddress,
    /// All of it, as RFC 5322 has it.
    pub message: &'a str,
}
