//! Where messages go: a mail server, or a folder.

use super::folder::Folder;
use super::letter::Letter;
use super::smtp::Smtp;
use super::verdict::{Progress, Verdict};

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
