//! What mail needs beside the database and the clock: where messages go, how they are written, and how fast.

use std::sync::Arc;
use std::time::Duration;

use service::link::LinkUrls;

use super::render::Renderer;
use super::sender::Sender;
use super::transport::Transport;

/// Everything that mail needs beside the database and the clock.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Where messages go.
    pub transport: Arc<Transport>,
    /// The templates.
    pub renderer: Arc<Renderer>,
    /// The links in them.
    pub links: LinkUrls,
    /// Who sends.
    pub sender: Sender,
    /// How much at once, and how fast.
    pub pace: Pace,
}

/// How much at once, and how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Escalations under way at once. They never wait for other mail.
    pub urgent: usize,
    /// Other mail under way at once.
    pub ordinary: usize,
    /// How often to look where nobody tells: without PostgreSQL's notifications, or while they are not heard.
    pub poll: Duration,
    /// How often to look although somebody tells: for messages whose wait is over.
    pub slow_poll: Duration,
    /// How long attempts under way may go on once it is to stop.
    pub grace: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            urgent: 4,
            ordinary: 8,
            poll: Duration::from_millis(500),
            slow_poll: Duration::from_secs(5),
            grace: Duration::from_secs(6),
        }
    }
}
