//! What is to be sent: one row, one message, one recipient, under a natural key.
//!
//! A row is written in the transaction that decides on it ([`enqueue()`]), so it is neither lost nor sent for something that
//! never was. A worker claims rows for a minute ([`claim()`]), writes what it rendered before the first attempt ([`keep()`]),
//! and settles them ([`settle()`]). A claim has a token: a worker that comes back late changes nothing ([`settle()`] says which
//! rows were still its own). So a message is sent twice only from the moment the mail server has it until our commit.
//!
//! QUEUED → SENT, FAILED or CANCELED; [`retry()`] puts FAILED and CANCELED back.

mod claim;
mod content;
mod context;
pub(crate) mod due;
mod erased;
mod list;
mod queue;
mod recheck;
mod settle;
mod undeliverable;
mod wake;

pub use claim::{Claimed, Lane, claim, claim_beside, due_lanes};
pub use content::{AlertContent, AlertNote, Audience, ContactNote, Content, OutreachPlannedContent, Saying};
pub use context::{EscalationContext, OutboxContext, OutreachPlannedContext};
pub use due::{LEASE, LONGEST_LEASE, SKEW};
pub(crate) use erased::forget_contact;
pub use list::{Depth, ListFilter, Message, Tally, depth, depth_by_kind, find, list, retry, retry_failed, tally};
pub use queue::{NewMessage, Queued, enqueue};
pub(crate) use queue::{cancel, recipients_of, telling};
pub use recheck::{Recipient, Standing, look_again};
pub use settle::{Ending, Kept, Settled, Settlement, give_up_overdue, keep, settle};
pub use undeliverable::{Fault, Undeliverable};
pub use wake::forward_notifications;
pub(crate) use wake::noting_queued;
