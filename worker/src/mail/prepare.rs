//! From claimed rows to messages that may be sent: looked at again, rendered where that was not done before, and kept. What
//! is wrong with one row ends that row and no other.

use std::panic::{AssertUnwindSafe, catch_unwind};

use engagement::email_address::EmailAddress;
use service::error::ServiceError;
use service::mail::{Content, Ending, Kept, LinkReader, Recipient, Settlement, Standing, keep, look_again};
use service::outbox::Claimed;
use tokio::time::Instant;

use super::means::Mail;
use super::message::{Envelope, compose, message_id};
use crate::context::Context;

/// A message that may be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// Its row.
    pub(super) row: Claimed,
    /// To whom.
    pub(super) to: EmailAddress,
    /// All of it.
    pub(super) message: String,
    /// Before it was claimed, by a clock that nobody sets.
    pub(super) claimed: Instant,
}

/// What became of claimed rows.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// Those that may be sent.
    pub(super) outgoing: Vec<Outgoing>,
    /// Those that need no attempt.
    pub(super) settlements: Vec<Settlement>,
    /// How many are not ours any more.
    pub(super) fenced: u64,
}

/// Prepares rows that were claimed after an instant, in a fixed number of statements.
pub(super) async fn prepare(
    context: &Context,
    mail: &Mail,
    rows: Vec<Claimed>,
    claimed: Instant,
) -> Result<Prepared, ServiceError> {
    let mut standings = look_again(&context.db, &rows, &context.escalation_to, context.zone).await?;
    let (mut prepared, mut rendered) = (Prepared::default(), Vec::new());
    for mut row in rows {
        let (recipient, reader, content, narrowed) = match standings.remove(&row.id) {
            Some(Standing::Wanted {
                recipient,
                reader,
                content,
                narrowed,
            }) => (recipient, reader, content, narrowed),
            Some(Standing::Unwanted(reason)) => {
                prepared.settlements.push(Settlement {
                    row,
                    ending: Ending::Canceled { reason },
                });
                continue;
            }
            None => (
                None,
                LinkReader::Nobody,
                Err("nothing was found out about it".to_owned()),
                None,
            ),
        };
        // What was rendered before tells of what the recipient may not see any more.
        if narrowed.is_some() {
            row.message = None;
        }
        match message_of(context, mail, &row, (recipient.as_ref(), &reader), content) {
            Ok((to, Written::Before(message))) => prepared.outgoing.push(Outgoing {
                row,
                to,
                message,
                claimed,
            }),
            Ok((to, Written::Now { message_id, message })) => {
                rendered.push((row, to, message_id, message, narrowed));
            }
            Err(error) => {
                prepared.settlements.push(Settlement {
                    row,
                    ending: Ending::Failed {
                        error,
                        unknown_recipient: false,
                    },
                });
            }
        }
    }
    let kept = rendered
        .iter()
        .map(|(row, _, message_id, message, narrowed)| Kept {
            row,
            message_id,
            message,
            narrowed: narrowed.as_ref(),
        });
    let kept: Vec<Kept<'_>> = kept.collect();
    let ours = keep(&context.db, &kept, context.clock.now()).await?;
    for (mut row, to, _, message, _) in rendered {
        if let Some(until) = ours.get(&row.id) {
            row.leased_until = *until;
            prepared.outgoing.push(Outgoing {
                row,
                to,
                message,
                claimed,
            });
        } else {
            prepared.fenced += 1;
        }
    }
    Ok(prepared)
}

enum Written {
    Before(String),
    Now { message_id: String, message: String },
}

fn message_of(
    context: &Context,
    mail: &Mail,
    row: &Claimed,
    (recipient, reader): (Option<&Recipient>, &LinkReader),
    content: Result<Box<Content>, String>,
) -> Result<(EmailAddress, Written), String> {
    let to = row
        .recipient
        .clone()
        .map_err(|error| format!("the recipient is {error}"))?;
    if let Some(message) = &row.message {
        return Ok((to, Written::Before(message.clone())));
    }
    let content = content?;
    let message_id = message_id(
        row.id,
        row.message_id.as_ref().map(|_| row.attempts),
        mail.sender.domain(),
    );
    let zone = recipient
        .and_then(|recipient| recipient.time_zone)
        .unwrap_or(context.zone);
    let now = context.clock.now();
    let links = mail.links.of_mail(&content, reader, row.queued_at, now);
    let envelope = Envelope {
        id: row.id,
        kind: row.kind,
        message_id: &message_id,
        from: &mail.sender,
        to: &to,
        to_name: recipient.map(|recipient| recipient.name.as_str()),
        date: now,
        unsubscribe_url: links.unsubscribe.as_deref(),
    };
    // A panic over one message must not take the others along.
    let written = catch_unwind(AssertUnwindSafe(|| {
        let rendered = mail
            .renderer
            .render(&content, zone, &links)
            .map_err(|error| error.to_string())?;
        compose(rendered, &envelope).map_err(|error| error.to_string())
    }));
    let message = written.map_err(|_| "rendering it broke off; the log says where".to_owned())??;
    Ok((to, Written::Now { message_id, message }))
}
