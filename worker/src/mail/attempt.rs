//! One attempt to send one message: sent within its lease or not at all, its row settled before the attempt counts.
//!
//! What the server says is kept without the recipient's address, which servers like to quote.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use engagement::delivery::{gives_up, patience, wait_after};
use engagement::email_address::EmailAddress;
use engagement::vocabulary::MessageKind;
use service::mail::{Ending, Settlement};
use service::outbox::{Claimed, LEASE, LONGEST_LEASE};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::delivered::NAME;
use super::letter::Letter;
use super::means::Mail;
use super::prepare::Outgoing;
use super::settler::Settler;
use super::transport::Transport;
use super::verdict::{Problem, Progress, Stage, Verdict, judge};
use crate::context::Context;

/// How long after the server may have taken a message it is sent again at the earliest: as long as a claim lasts.
const AMBIGUOUS_WAIT: TimeDelta = LEASE;
/// How long an attempt may take with all that belongs to it: an attempt is broken off before its lease ends, and its
/// settlement is tried for as long again.
const LONGEST: Duration = Duration::from_mins(3);

/// What an attempt came to.
pub(super) struct Attempted {
    pub(super) kind: MessageKind,
    pub(super) ending: Ended,
    /// The row was still ours.
    pub(super) counted: bool,
    pub(super) took: Duration,
    /// Why the server takes nothing, where it does not.
    pub(super) down: Option<String>,
}

/// How an attempt ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Sent,
    Retried { ambiguous: bool },
    Failed,
    HandedBack,
    ServerDown,
}

/// One attempt to send one message, and its settlement.
pub(super) struct Attempt {
    pub(super) outgoing: Outgoing,
    pub(super) context: Context,
    pub(super) mail: Mail,
    pub(super) settler: Settler,
    pub(super) break_off: CancellationToken,
}

impl Attempt {
    /// Sends the message unless its lease is too short, and settles the row.
    pub(super) async fn run(self) -> Attempted {
        let started = Instant::now();
        let _under_way = self.context.pulse.begin(NAME, LONGEST);
        let Outgoing {
            row,
            to,
            message,
            claimed,
        } = self.outgoing;
        let progress = Progress::default();
        let letter = Letter {
            id: row.id,
            kind: row.kind,
            queued_at: row.queued_at,
            from: &self.mail.sender.address,
            to: &to,
            message: &message,
        };
        let now = row.shared(self.context.clock.now());
        let longest = TimeDelta::from_std(self.mail.longest_attempt()).unwrap_or_default();
        let waited = TimeDelta::from_std(claimed.elapsed()).unwrap_or(TimeDelta::MAX);
        let verdict = if waited + longest > LEASE
            || now + longest > row.leased_until
            || row.leased_until > now + LONGEST_LEASE
        {
            // It has waited so long that it may be another worker's before it is sent, whatever became of the clocks; or the clock
            // was set back, and others take the lease for none.
            None
        } else {
            tokio::select! {
                verdict = self.mail.transport.send(&letter, &progress) => Some(verdict),
                () = self.break_off.cancelled() => broken_off(&progress),
            }
        };
        let took = started.elapsed();
        let now = row.shared(self.context.clock.now());
        let (kind, meters) = (row.kind, &self.context.meters);
        if verdict.is_some() {
            meters.mail_attempted(kind, took);
        }
        if verdict == Some(Verdict::Sent) {
            meters.mail_accepted(kind, now - wanted_since(&row));
        }
        let (ended, ending) = ending_of(verdict, &row, to.expose(), now);
        log(&to, ended, &ending);
        let down = match (&ending, ended) {
            (Ending::HandedBack { error }, Ended::ServerDown) => error.clone(),
            _ => None,
        };
        let counted = self.settler.settle(Settlement { row, ending }).await;
        Attempted {
            kind,
            ending: ended,
            counted,
            took,
            down,
        }
    }
}

/// Since when a message could have been sent: since it was queued, or put back; or since it was due, if that was later.
fn wanted_since(row: &Claimed) -> DateTime<Utc> {
    row.queued_at.max(row.give_up_at - patience(row.kind))
}

/// What an attempt means that was broken off: nothing, unless the server may have the message.
fn broken_off(progress: &Progress) -> Option<Verdict> {
    (progress.stage() == Stage::Message).then(|| {
        judge(
            Stage::Message,
            &Problem::Broken("the worker was stopped".to_owned()),
        )
    })
}

fn ending_of(verdict: Option<Verdict>, row: &Claimed, to: &str, now: DateTime<Utc>) -> (Ended, Ending) {
    match verdict {
        None => (Ended::HandedBack, Ending::HandedBack { error: None }),
        Some(Verdict::Sent) => (Ended::Sent, Ending::Sent),
        Some(Verdict::ServerDown { error }) => (
            Ended::ServerDown,
            Ending::HandedBack {
                error: Some(masked(&error, to)),
            },
        ),
        Some(Verdict::Failed {
            error,
            unknown_recipient,
        }) => (
            Ended::Failed,
            Ending::Failed {
                error: masked(&error, to),
                unknown_recipient,
            },
        ),
        Some(Verdict::Retry { error, .. }) if gives_up(row.attempts, row.give_up_at, now) => {
            let error = format!("given up after {} attempts: {}", row.attempts, masked(&error, to));
            (
                Ended::Failed,
                Ending::Failed {
                    error,
                    unknown_recipient: false,
                },
            )
        }
        Some(Verdict::Retry { error, ambiguous }) => {
            let mut wait = wait_after(row.attempts, service::ids::chance());
            if ambiguous {
                wait = wait.max(AMBIGUOUS_WAIT);
            }
            (
                Ended::Retried { ambiguous },
                Ending::Retry {
                    at: now + wait,
                    error: masked(&error, to),
                },
            )
        }
    }
}

/// Servers quote the recipient when they refuse; logs and lists of errors must not.
fn masked(error: &str, to: &str) -> String {
    let (found, wanted) = (error.to_ascii_lowercase(), to.to_ascii_lowercase());
    if wanted.is_empty() || !found.contains(&wanted) {
        return error.to_owned();
    }
    let mut text = String::with_capacity(error.len());
    let mut rest = 0;
    for (at, _) in found.match_indices(&wanted) {
        text.push_str(error.get(rest..at).unwrap_or_default());
        text.push('…');
        rest = at + wanted.len();
    }
    text.push_str(error.get(rest..).unwrap_or_default());
    text
}

/// The span says which message it is.
fn log(to: &EmailAddress, ended: Ended, ending: &Ending) {
    match (ended, ending) {
        (Ended::Sent, _) => tracing::info!(%to, "mail sent"),
        (Ended::Retried { ambiguous }, Ending::Retry { at, error }) => {
            tracing::warn!(%to, ambiguous, again_at = %at, error, "mail not sent, to be tried again");
        }
        (Ended::ServerDown, Ending::HandedBack { error }) => {
            tracing::error!(
                error = error.as_deref(),
                "the mail server takes no mail; it is tried again within a minute"
            );
        }
        // What is given up is logged where it is written down.
        _ => {}
    }
}

impl Mail {
    /// No attempt takes longer.
    fn longest_attempt(&self) -> Duration {
        match self.transport.as_ref() {
            Transport::Smtp(smtp) => smtp.limits().whole,
            Transport::Folder(_) => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_do_not_show_the_recipient() {
        assert_eq!(
            masked("550 <Ada@X.example>: no ada@x.example here", "ada@x.example"),
            "550 <…>: no … here"
        );
        assert_eq!(masked("550 no such user", "ada@x.example"), "550 no such user");
    }
}
