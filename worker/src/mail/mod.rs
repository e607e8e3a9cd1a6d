//! Mail: what the outbox holds becomes messages, and those reach a mail server or a folder.
//!
//! `render` makes subject, text and HTML of what a row says; `message` makes bytes of them; `transport` hands those
//! over, and `verdict` says what it means when that fails; `courier` moves rows through all of it, each by an `attempt`.

mod attempt;
mod circuit;
mod courier;
mod deliver;
mod delivered;
mod folder;
mod ledger;
mod letter;
mod listening;
mod means;
mod message;
mod prepare;
mod probe;
mod render;
mod sender;
mod server;
mod settler;
mod smtp;
mod text;
mod track;
mod transport;
mod verdict;
mod words;

pub use deliver::{deliver, deliver_by_hand, deliver_due};
pub use delivered::{Delivered, NAME as DELIVER};
pub use folder::Folder;
pub use letter::Letter;
pub use means::{Mail, Pace};
pub use message::{Envelope, MessageError, compose, message_id};
pub use probe::test_message;
pub use render::{Picture, RenderError, Rendered, Renderer};
pub use sender::{Sender, SenderError};
pub use server::{Security, Server, ServerUrlError};
pub use smtp::{Limits, Smtp, UnusableServer};
pub use transport::Transport;
pub use verdict::{Problem, Progress, Stage, Verdict};
