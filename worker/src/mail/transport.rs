//! Where messages go: a mail server, or a folder.

use chrono::{DateTime, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::MessageId;
use engagement::vocabulary::MessageKind;

use super::folder::Folder;
use super::smtp::Smtp;
use super::verdict::{Progress, Verdict};

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

/// Where messages go.
#[derive(Debug)]
pub enum Transport {
    /// A mail server.
    Smtp(Box<Smtp>),
    /// A folder of `.eml` files.
    Folder(Folder),
}

impl Transport {
    /// Tries to send one letter.
    pub async fn send(&self, letter: &Letter<'_>, progress: &Progress) -> Verdict {
        match self {
            Self::Smtp(smtp) => smtp.send(letter, progress).await,
            Self::Folder(folder) => folder.send(letter).await,
        }
    }

    /// Lets go of what is open.
    pub async fn close(&self) {
        if let Self::Smtp(smtp) = self {
            smtp.close().await;
        }
    }
}
