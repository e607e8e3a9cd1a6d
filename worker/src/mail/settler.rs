//! Settling, by one task for all attempts: while one transaction commits, the next settlements gather and go into the
//! following one together. A message stays under way until its settlement is committed, so what may be sent twice after a
//! kill is bounded by what is under way.

use std::time::Duration;

use service::clock::Clock;
use service::db::Db;
use service::mail::{Settled, Settlement, settle};
use service::outbox::LEASE;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// More at once make a statement no faster.
const MOST: usize = 256;
/// The wait after a failed attempt to settle; it doubles up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Whether a settlement counted: the row was still ours.
pub(super) type Counted = bool;

/// The way to the settling task; it ends when the last of these is dropped.
#[derive(Debug, Clone)]
pub(super) struct Settler(mpsc::UnboundedSender<(Settlement, oneshot::Sender<Counted>)>);

impl Settler {
    /// Starts the task.
    pub(super) fn start(db: Db, clock: Clock) -> (Self, JoinHandle<()>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), tokio::spawn(run(db, clock, receiver)))
    }

    /// Settles a row; returns once it is committed, or cannot be.
    pub(super) async fn settle(&self, settlement: Settlement) -> Counted {
        self.ask(settlement).await.unwrap_or(false)
    }

    /// Settles rows together; which of them counted, in their order.
    pub(super) async fn settle_all(&self, settlements: Vec<Settlement>) -> Vec<Counted> {
        let asked: Vec<_> = settlements
            .into_iter()
            .map(|settlement| self.ask(settlement))
            .collect();
        let mut counted = Vec::with_capacity(asked.len());
        for one in asked {
            counted.push(one.await.unwrap_or(false));
        }
        counted
    }

    /// Asks for a settlement. Where nobody settles any more the answer is an error.
    fn ask(&self, settlement: Settlement) -> oneshot::Receiver<Counted> {
        let (answer, answered) = oneshot::channel();
        let _ = self.0.send((settlement, answer));
        answered
    }
}

async fn run(
    db: Db,
    clock: Clock,
    mut receiver: mpsc::UnboundedReceiver<(Settlement, oneshot::Sender<Counted>)>,
) {
    let mut gathered = Vec::new();
    while receiver.recv_many(&mut gathered, MOST).await > 0 {
        let (settlements, answers): (Vec<_>, Vec<_>) = gathered.drain(..).unzip();
        let settled = settle_patiently(&db, &clock, &settlements).await;
        for (settlement, answer) in settlements.iter().zip(answers) {
            let _ = answer.send(settled.ours.contains(&settlement.row.id));
        }
    }
}

/// A database that is away for a moment must not make a sent message look unsent: it is asked again for as long as the
/// lease lasts. After that the row is somebody else's.
async fn settle_patiently(db: &Db, clock: &Clock, settlements: &[Settlement]) -> Settled {
    let started = Instant::now();
    let mut wait = FIRST_WAIT;
    loop {
        match settle(db, settlements, clock.now()).await {
            Ok(settled) => return settled,
            Err(error) if started.elapsed() < LEASE.to_std().unwrap_or_default() => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    messages = settlements.len(),
                    "settling failed, trying again"
                );
                sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    messages = settlements.len(),
                    "settling failed for good"
                );
                return Settled::default();
            }
        }
    }
}
