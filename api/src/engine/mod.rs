//! Where requests are executed: off the threads that speak with clients, so that these always have time for the next one
//! and for whoever asks how the service does; within a time limit; and, where they are heavy, a few at a time.

mod gate;

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;
use tracing::Instrument;

pub use gate::{Asker, Gate, Overloaded, Place};

/// How long executing one request may take.
pub const EXECUTION_TIMEOUT: Duration = Duration::from_secs(10);
/// How many accounts one request may have scored, over all its reports: what a small machine does in its time.
const ACCOUNTS_OF_A_REQUEST: u64 = 20_000;

/// Executes requests; cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    runtime: Handle,
    /// Where heavy work waits for its turn.
    pub gate: Gate,
    /// Where what a person looks at waits, when one user asks for a great deal of it.
    pub light: Gate,
    /// How many accounts one request may have scored.
    pub accounts_of_a_request: u64,
}

/// Why something has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Its time was up.
    Late,
    /// It panicked.
    Panicked,
}

impl Engine {
    /// An engine on the runtime that this is called on.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn here() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            runtime: Handle::current(),
            gate: Gate::new(cores),
            light: Gate::light(cores),
            accounts_of_a_request: ACCOUNTS_OF_A_REQUEST,
        }
    }

    /// Runs something for as long as somebody waits for it, and at most for `EXECUTION_TIMEOUT`; then it is ended.
    ///
    /// # Errors
    /// Why there is no result.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Cut> {
        let mut running = JoinSet::new();
        running.spawn_on(work.in_current_span(), &self.runtime);
        match timeout(EXECUTION_TIMEOUT, running.join_next()).await {
            Ok(Some(done)) => done.map_err(|error| Cut::from(&error)),
            Ok(None) | Err(_) => Err(Cut::Late),
        }
    }

    /// Runs something to its end, also when nobody waits for it any more or its time is up.
    ///
    /// # Errors
    /// Why there is no result yet, or none at all.
    pub async fn run_to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Cut> {
        let running = self.runtime.spawn(work.in_current_span());
        match timeout(EXECUTION_TIMEOUT, running).await {
            Ok(done) => done.map_err(|error| Cut::from(&error)),
            Err(_) => Err(Cut::Late),
        }
    }
}

impl From<&JoinError> for Cut {
    /// What is not run to its end because the process ends is late.
    fn from(error: &JoinError) -> Self {
        if error.is_panic() {
            Self::Panicked
        } else {
            Self::Late
        }
    }
}
