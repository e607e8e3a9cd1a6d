//! Without a mail server: each message becomes a file. Whole or not at all, under a name that sorts by time and is the same
//! for every attempt, so that writing twice is writing once.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use engagement::id::MessageId;
use engagement::vocabulary::MessageKind;
use service::db::private_files;

use super::letter::Letter;
use super::verdict::Verdict;

/// A folder of `.eml` files.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder; it is made when the first message is written.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes one letter.
    pub async fn send(&self, letter: &Letter<'_>) -> Verdict {
        let name = file_name(letter.queued_at, letter.kind, letter.id);
        match self.write(&name, letter.message).await {
            Ok(()) => Verdict::Sent,
            Err(error) => Verdict::ServerDown {
                error: format!("{} cannot be written: {error}", self.0.join(name).display()),
            },
        }
    }

    async fn write(&self, name: &str, message: &str) -> io::Result<()> {
        let (folder, name, message) = (self.0.clone(), name.to_owned(), message.to_owned());
        let writing = tokio::task::spawn_blocking(move || {
            private_files::create_folder(&folder)?;
            let unfinished = folder.join(format!(".{name}.unfinished"));
            let mut file = private_files::create(&unfinished)?;
            file.write_all(message.as_bytes())?;
            // The row is marked as sent after this: the file must not be the one that a power cut takes.
            file.sync_all()?;
            std::fs::rename(&unfinished, folder.join(name))
        });
        writing.await.map_err(io::Error::other)?
    }
}

/// `20260617T120000.000000Z-alert-msg_….eml`
fn file_name(queued_at: DateTime<Utc>, kind: MessageKind, id: MessageId) -> String {
    let kind = kind.as_str().to_lowercase().replace('_', "-");
    format!("{}-{kind}-{id}.eml", queued_at.format("%Y%m%dT%H%M%S%.6fZ"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_time() {
        let name = |at: &str, id: u128| {
            file_name(
                at.parse().unwrap(),
                MessageKind::OutreachPlanned,
                uuid::Uuid::from_u128(id).into(),
            )
        };
        assert_eq!(
            name("2026-06-17T12:00:00Z", 1),
            "20260617T120000.000000Z-outreach-planned-msg_00000000000000000000000001.eml"
        );
        assert!(name("2026-06-17T12:00:00.000001Z", 1) > name("2026-06-17T12:00:00Z", 2));
    }
}
