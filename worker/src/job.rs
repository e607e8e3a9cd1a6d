//! What a job is: a name, a schedule, and something that reads the state and makes it what it should be.

use std::collections::BTreeMap;
use std::pin::Pin;

use chrono::TimeDelta;
use engagement::schedule::{Clockwork, Schedule, UnreadablePattern};
use tokio_util::sync::CancellationToken;

use crate::context::Context;

/// What a run counted, by name.
pub type Counts = BTreeMap<&'static str, u64>;

/// How a run ended that did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All is as it should be.
    Done(Counts),
    /// It was asked to stop before it was through; somebody else goes on.
    Stopped,
}

/// Why a run failed: the log's words, kept in the ledger.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct JobError(pub String);

/// A run under way.
pub type Running = Pin<Box<dyn Future<Output = Result<Outcome, JobError>> + Send>>;

/// One job. It takes no input: it is safe to run twice, and the next tick is the retry.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Its name in the ledger and on the command line.
    pub name: &'static str,
    /// When it is due, as cron says it.
    pub pattern: &'static str,
    /// Whose clock the pattern follows.
    pub clockwork: Clockwork,
    /// How late a slot is still made up for.
    pub catch_up: TimeDelta,
    /// Why it is there.
    pub reason: &'static str,
    /// Whether there is anything to do; a slot without work is left alone, and no row says that nothing happened.
    pub wanted: Option<fn(Context) -> Asking>,
    /// Does it, stopping between two steps once the token is canceled.
    pub run: fn(Context, CancellationToken) -> Running,
}

/// A look at whether there is anything to do.
pub type Asking = Pin<Box<dyn Future<Output = Result<bool, JobError>> + Send>>;

impl Job {
    /// When it is due.
    ///
    /// # Errors
    /// When the pattern cannot be read.
    pub fn schedule(&self) -> Result<Schedule, UnreadablePattern> {
        Schedule::parse(self.pattern, self.clockwork, self.catch_up)
    }
}
