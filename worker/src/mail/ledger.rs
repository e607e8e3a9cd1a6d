//! What delivery leaves in the ledger of runs: a row for each burst of mail, from the first message that is claimed until
//! nothing has come for a few seconds, or for most of a minute while there is no end to it. A worker without mail leaves none.
//!
//! The outbox says what became of each message; these rows say when, by whom and how many. So nothing is kept from being sent
//! because a row cannot be written.

use std::time::Duration;

use service::job::job_run::{self, Claim, RunOutcome};
use tokio::time::Instant;
use uuid::Uuid;

use super::delivered::{Delivered, NAME};
use crate::context::Context;

/// A burst is over when nothing has come for so long.
const QUIET: Duration = Duration::from_secs(5);
/// No burst is longer, so that none outlives its lease.
const LONGEST: Duration = Duration::from_secs(45);

/// The bursts of one worker.
pub(super) struct Ledger {
    context: Context,
    burst: Option<Burst>,
}

struct Burst {
    claim: Claim,
    began: Instant,
    /// When something was last done.
    busy: Instant,
    /// What had been delivered before.
    before: Delivered,
    /// Why the server took nothing, the last time that it did not.
    down: Option<String>,
}

impl Ledger {
    pub(super) fn new(context: Context) -> Self {
        Self { context, burst: None }
    }

    /// The row of the burst under way.
    pub(super) fn run(&self) -> Option<Uuid> {
        self.burst.as_ref().map(|burst| burst.claim.run())
    }

    /// Something is being done: a burst begins, or goes on.
    pub(super) async fn busy(&mut self, delivered: Delivered) {
        let now = Instant::now();
        if let Some(burst) = &mut self.burst {
            burst.busy = now;
            return;
        }
        match job_run::begin_burst(
            &self.context.db,
            NAME,
            &self.context.worker,
            self.context.clock.now(),
        )
        .await
        {
            Ok(claim) => {
                self.burst = Some(Burst {
                    claim,
                    began: now,
                    busy: now,
                    before: delivered,
                    down: None,
                });
            }
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a delivery could not be noted"
            ),
        }
    }

    /// The mail server took nothing.
    pub(super) fn down(&mut self, why: Option<&str>) {
        if let Some(burst) = &mut self.burst {
            burst.down = why.map(str::to_owned);
        }
    }

    /// Ends the burst if it is over.
    pub(super) async fn tend(&mut self, delivered: Delivered, under_way: bool) {
        let over = self.burst.as_ref().is_some_and(|burst| {
            burst.began.elapsed() >= LONGEST || !under_way && burst.busy.elapsed() >= QUIET
        });
        if over {
            self.end(delivered).await;
        }
    }

    /// Ends the burst, if there is one.
    pub(super) async fn end(&mut self, delivered: Delivered) {
        let Some(burst) = self.burst.take() else { return };
        let did = delivered.since(&burst.before);
        let (outcome, error) = match burst.down {
            Some(why) if did.sent == 0 => (
                RunOutcome::Failed,
                Some(format!("the mail server takes no mail: {why}")),
            ),
            _ if did.failed > 0 => (
                RunOutcome::Partial,
                Some(format!(
                    "{} messages were given up; they are listed as failed",
                    did.failed
                )),
            ),
            _ => (RunOutcome::Done, None),
        };
        let settled = job_run::settle(
            &self.context.db,
            burst.claim,
            outcome,
            &did.counts(),
            error.as_deref(),
            self.context.clock.now(),
        )
        .await;
        if let Err(error) = settled {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a delivery could not be noted"
            );
        }
    }
}
