//! The watch: it looks once per interval while anybody subscribes, tells every subscriber what is new, and counts the
//! connections of each user.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use engagement::id::UserId;
use futures_util::FutureExt;
use service::error::{ServiceError, with_causes};
use tokio::sync::{Mutex, broadcast};
use tokio_util::sync::CancellationToken;

use super::event::Event;
use super::snapshot::Snapshot;
use crate::state::AppState;

/// How often the database is looked at.
const INTERVAL: Duration = Duration::from_secs(1);
/// Events that a slow connection may be behind; then it is closed, and asks anew.
const BACKLOG: usize = 1_024;

/// Connections of one user to one process.
const MAX_CONNECTIONS: usize = 20;

/// Watches the database for everybody who subscribes in this process.
#[derive(Debug, Clone)]
pub struct Live {
    state: AppState,
    events: broadcast::Sender<Event>,
    watching: Arc<Mutex<bool>>,
    present: Arc<std::sync::Mutex<HashMap<UserId, usize>>>,
    closing: CancellationToken,
}

/// One connection of a user, counted while it is kept.
#[derive(Debug)]
pub struct Presence {
    user: UserId,
    present: Arc<std::sync::Mutex<HashMap<UserId, usize>>>,
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connections) = present.get_mut(&self.user) {
            *connections -= 1;
            if *connections == 0 {
                present.remove(&self.user);
            }
        }
    }
}

impl Live {
    /// Nobody watches yet.
    pub fn new(state: AppState) -> Self {
        let (watching, present) = (Arc::default(), Arc::default());
        Self {
            state,
            events: broadcast::channel(BACKLOG).0,
            watching,
            present,
            closing: CancellationToken::new(),
        }
    }

    /// What happens from now on.
    ///
    /// # Errors
    /// When the database cannot say what is so now.
    pub async fn subscribe(&self) -> Result<broadcast::Receiver<Event>, ServiceError> {
        let mut watching = self.watching.lock().await;
        if !*watching {
            let snapshot = Snapshot::first(&self.state).await?;
            *watching = true;
            tokio::spawn(self.clone().watch(snapshot));
        }
        Ok(self.events.subscribe())
    }

    /// One more connection of a user; nothing where they have as many as one may have.
    pub fn enter(&self, user: UserId) -> Option<Presence> {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        let connections = present.entry(user).or_default();
        if *connections == MAX_CONNECTIONS {
            return None;
        }
        *connections += 1;
        Some(Presence {
            user,
            present: Arc::clone(&self.present),
        })
    }

    /// Tells every connection to end.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// Ends when connections are to end.
    pub async fn closed(&self) {
        self.closing.cancelled().await;
    }

    async fn watch(self, mut snapshot: Snapshot) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                () = self.closing.cancelled() => return,
            }
            // Held, so that nobody subscribes between the last look and the end.
            let mut watching = self.watching.lock().await;
            if self.events.receiver_count() == 0 {
                *watching = false;
                return;
            }
            drop(watching);
            // A look that breaks off has changed nothing of what stood before: the next one finds what this one did not tell.
            match AssertUnwindSafe(snapshot.advance(&self.state))
                .catch_unwind()
                .await
            {
                // Whoever has just gone hears nothing.
                Ok(Ok(events)) => events.into_iter().for_each(|event| drop(self.events.send(event))),
                Ok(Err(error)) => tracing::warn!(
                    error = with_causes(&error),
                    "looking for what to tell subscribers failed"
                ),
                Err(panic) => {
                    let reason = panic
                        .downcast_ref::<String>()
                        .map(String::as_str)
                        .or_else(|| panic.downcast_ref::<&str>().copied());
                    tracing::error!(
                        reason,
                        "looking for what to tell subscribers broke off; it begins again with the next look"
                    );
                }
            }
        }
    }
}
