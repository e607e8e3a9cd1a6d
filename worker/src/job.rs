//! What a job is: a name, a schedule, and something that reads the state and makes it what it should be.

use std::collections::BTreeMap;
use std::pin::Pin;

use chrono::TimeDelta;
use engagement::schedule::{Clockwork, Schedule, UnreadablePattern};
use service::error::{ServiceError, with_causes};
use service::job::job_batch::Coverage;
use service::job::recompute::{Portion, SetAside};
use tokio_util::sync::CancellationToken;

use crate::context::Context;

/// What a run counted, by name.
pub type Counts = BTreeMap<&'static str, u64>;

/// How a run ended that did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All is as it should be.
    Done(Counts),
    /// All is as it should be, but for what the text names.
    Partial(Counts, String),
    /// It was asked to stop before it was through; somebody else goes on.
    Stopped,
}

/// How a batch of a shared run ended that did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchOutcome {
    /// It is done, but for these.
    Done(Counts, Vec<SetAside>),
    /// It was asked to stop before it was through; somebody else begins again.
    Stopped,
}

/// Why a run failed: the log's words, kept in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// It will not go better the next time.
    #[error("{0}")]
    Failed(String),
    /// What kept it from its work passes, such as a database that is away: the slot is tried again.
    #[error("{0}")]
    Passing(String),
}

/// The error with its causes: the ledger is read by operators.
impl From<ServiceError> for JobError {
    fn from(error: ServiceError) -> Self {
        let text = with_causes(&error);
        if error.is_passing() {
            Self::Passing(text)
        } else {
            Self::Failed(text)
        }
    }
}

/// A run under way.
pub type Running = Pin<Box<dyn Future<Output = Result<Outcome, JobError>> + Send>>;

/// A batch of a shared run under way.
pub type RunningBatch = Pin<Box<dyn Future<Output = Result<BatchOutcome, JobError>> + Send>>;

/// A look at whether there is anything to do.
pub type Asking = Pin<Box<dyn Future<Output = Result<bool, JobError>> + Send>>;

/// How a job's work is done, stopping between two steps once the token is canceled.
#[derive(Debug, Clone, Copy)]
pub enum Work {
    /// By one worker, all of it.
    Whole(fn(Context, CancellationToken) -> Running),
    /// By any number of workers.
    Shared(Sharing),
}

/// A run that is cut into batches.
#[derive(Debug, Clone, Copy)]
pub struct Sharing {
    /// What a run that begins now covers.
    pub coverage: fn(&Context) -> Vec<Coverage>,
    /// Does a part of it.
    pub batch: fn(Context, Portion, CancellationToken) -> RunningBatch,
}

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
    /// Does it.
    pub work: Work,
}

impl Job {
    /// When it is due.
    ///
    /// # Errors
    /// When the pattern cannot be read.
    pub fn schedule(&self) -> Result<Schedule, UnreadablePattern> {
        Schedule::parse(self.pattern, self.clockwork, self.catch_up)
    }
}
