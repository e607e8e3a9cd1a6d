//! One lane of mail: what was claimed of it, what is under way, and how many may be.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use engagement::id::MessageId;
use service::outbox::Lane;
use tokio::task::{self, JoinSet};

use super::attempt::Attempted;
use super::prepare::Outgoing;

/// How many messages are prepared for each that is under way, while sending is fast: fewer, larger transactions.
const AHEAD: usize = 4;

/// What counts as fast. Messages that are prepared must be sent well within their lease.
const FAST: Duration = Duration::from_millis(250);

/// One lane: what is under way, and what is ready to be.
pub(super) struct Track {
    pub(super) lane: Lane,
    pub(super) places: usize,
    pub(super) ready: VecDeque<Outgoing>,
    pub(super) under_way: JoinSet<Attempted>,
    /// Which message each of them is about.
    pub(super) attempts: HashMap<task::Id, MessageId>,
    /// There may be more rows to claim.
    pub(super) hungry: bool,
    /// How long the last attempts took, more or less.
    pub(super) usual: Duration,
}

impl Track {
    /// How many more rows to claim now. While sending is fast some are prepared ahead, and claims are not too small.
    pub(super) fn room(&self) -> usize {
        let wanted = if self.usual < FAST {
            self.places * AHEAD
        } else {
            self.places
        };
        let room = wanted.saturating_sub(self.ready.len() + self.under_way.len());
        if self.usual < FAST && self.ready.len() > self.places {
            0
        } else {
            room
        }
    }
}
