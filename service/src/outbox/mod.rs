//! What is to be sent: one row, one message, one recipient, under a natural key.
//!
//! A row is written in the transaction that decides on it ([`enqueue()`]), so it is neither lost nor sent for something that
//! never was. A worker claims rows for a minute ([`claim()`]), writes what it rendered before the first attempt (`mail::keep`),
//! and settles them (`mail::settle`). A claim has a token: a worker that comes back late changes nothing (`mail::settle` says which
//! rows were still its own). So a message is sent twice only from the moment the mail server has it until our commit.
//!
//! QUEUED → SENT, FAILED or CANCELED; `mail::retry` puts FAILED and CANCELED back.

mod claim;
mod context;
mod due;
mod erased;
mod list;
mod queue;
mod statement;
mod wake;

pub(crate) use claim::id_list;
pub use claim::{Claimed, Lane, claim, claim_beside, due_lanes};
pub use context::{EscalationContext, OutboxContext, OutreachPlannedContext};
pub use due::{LEASE, LONGEST_LEASE, SKEW};
pub(crate) use erased::forget_contact;
pub use list::{Depth, ListFilter, Message, Tally, depth, depth_by_kind, find, list, tally};
pub use queue::{NewMessage, Queued, enqueue};
pub(crate) use queue::{cancel, recipients_of, telling};
pub(crate) use statement::{keep_messages, overdue_messages, settle_messages};
pub(crate) use wake::announce;
pub use wake::forward_notifications;
