//! Mail: what the outbox holds becomes messages, and those reach a mail server or a folder.
//!
//! `render` makes subject, text and HTML of what a row says; `message` makes bytes of them; `transport` hands those
//! over, and `verdict` says what it means when that fails; `deliver` moves rows through all of it.

mod circuit;
mod deliver;
mod folder;
mod ledger;
mod message;
mod prepare;
mod probe;
mod render;
mod sender;
mod server;
mod settler;
mod smtp;
mod text;
mod transport;
mod verdict;
mod words;

use std::sync::Arc;
use std::time::Duration;

use service::link::LinkUrls;

pub use deliver::{Delivered, NAME as DELIVER, deliver, deliver_by_hand, deliver_due};
pub use folder::Folder;
pub use message::{Envelope, MessageError, compose, message_id};
pub use probe::test_message;
pub use render::{Picture, RenderError, Rendered, Renderer};
pub use sender::{Sender, SenderError};
pub use server::{Security, Server, ServerUrlError};
pub use smtp::{Limits, Smtp, UnusableServer};
pub use text::header_text;
pub use transport::{Letter, Transport};
pub use verdict::{Problem, Progress, Stage, Verdict};

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
        Self { urgent: 4, ordinary: 8, poll: Duration::from_millis(500), slow_poll: Duration::from_secs(5), grace: Duration::from_secs(6) }
    }
}
