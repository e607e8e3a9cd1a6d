//! What mails say and to whom, and what becomes of them: the outbox below is only the queue.

mod content;
mod keep;
mod links;
mod outside;
mod recheck;
mod retry;
mod rows;
mod say;
mod settle;
mod undeliverable;

pub use content::{AlertContent, AlertNote, Audience, ContactNote, Content, OutreachPlannedContent, Saying};
pub use keep::{Kept, keep};
pub use links::{AccountLinks, LinkReader, MailLinks};
pub use recheck::{Recipient, Standing, look_again};
pub use retry::{retry, retry_failed};
pub use settle::{Ending, Settled, Settlement, give_up_overdue, settle};
pub use undeliverable::{Fault, Undeliverable};
