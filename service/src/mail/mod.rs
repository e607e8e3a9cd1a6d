//! What mails say and to whom, and what becomes of them: the outbox below is only the queue.

mod content;
mod links;
mod recheck;
mod retry;
mod rows;
mod settle;
mod undeliverable;

pub use content::{AlertContent, AlertNote, Audience, ContactNote, Content, OutreachPlannedContent, Saying};
pub use links::{AccountLinks, LinkReader, MailLinks};
pub use recheck::{Recipient, Standing, look_again};
pub use retry::{retry, retry_failed};
pub use settle::{Ending, Kept, Settled, Settlement, give_up_overdue, keep, settle};
pub use undeliverable::{Fault, Undeliverable};
