//! What a request has to do that is heavy: scoring accounts from their rows. It does one such thing at a time, each with a
//! place within the gate, and only so much in all. How much that is, is counted before it is begun.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_graphql::Error;
use service::error::ServiceError;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use super::error::{from_service, overloaded, too_many_accounts};
use crate::engine::{Asker, Engine, Overloaded, Place};

/// How long a request waits for others: what it waited for has to be done within its time too.
const PATIENCE: Duration = Duration::from_secs(6);
/// As many accounts are scored without waiting: what a person looks at.
const LIGHT: u64 = 5;

/// The heavy work of one request.
#[derive(Debug)]
pub struct Heavy {
    engine: Engine,
    asker: Asker,
    /// Until when it waits.
    until: Instant,
    turn: Mutex<()>,
    scored: AtomicU64,
}

/// Why heavy work is not begun, or has no result.
#[derive(Debug, Clone)]
pub enum HeavyError {
    /// Others are at it, and will be for long.
    Overloaded(Overloaded),
    /// It would be more than one request may ask for.
    TooMuch {
        /// How many accounts the request would have scored.
        accounts: u64,
        /// How many it may.
        limit: u64,
    },
    /// It failed.
    Service(ServiceError),
}

impl From<ServiceError> for HeavyError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<&HeavyError> for Error {
    fn from(error: &HeavyError) -> Self {
        match error {
            HeavyError::Overloaded(Overloaded { retry_after }) => overloaded(*retry_after),
            HeavyError::TooMuch { accounts, limit } => too_many_accounts(*accounts, *limit),
            HeavyError::Service(error) => from_service(error),
        }
    }
}

impl Heavy {
    /// Nothing yet.
    pub fn new(engine: &Engine, asker: Asker) -> Self {
        let until = Instant::now() + PATIENCE;
        Self { engine: engine.clone(), asker, until, turn: Mutex::new(()), scored: AtomicU64::new(0) }
    }

    /// Waits until nothing else of this request that may be heavy is under way: a request never holds more than one connection
    /// for it.
    ///
    /// # Errors
    /// [`HeavyError::Overloaded`] when that takes too long.
    pub async fn turn(&self) -> Result<MutexGuard<'_, ()>, HeavyError> {
        timeout_at(self.until, self.turn.lock()).await.map_err(|_| HeavyError::Overloaded(Overloaded { retry_after: PATIENCE.as_secs() }))
    }

    /// Lets the request have so many accounts scored, in its turn: the place to do it in, where it needs one.
    ///
    /// # Errors
    /// [`HeavyError::TooMuch`] when that would be more than it may; [`HeavyError::Overloaded`] when it would have to wait too long.
    pub async fn admit(&self, accounts: u64) -> Result<Option<Place>, HeavyError> {
        let (accounts, limit) = (self.scored.fetch_add(accounts, Ordering::Relaxed) + accounts, self.engine.accounts_of_a_request);
        if accounts > limit {
            return Err(HeavyError::TooMuch { accounts, limit });
        }
        if accounts <= LIGHT {
            return Ok(None);
        }
        self.engine.gate.enter(self.asker, self.until).await.map(Some).map_err(HeavyError::Overloaded)
    }
}
