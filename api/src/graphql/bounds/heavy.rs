//! What a request has to do that is heavy: scoring accounts from their rows. It does one such thing at a time, each with a
//! place within the gate, and only so much in all. How much that is, is counted before it is begun.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_graphql::Error;
use service::error::ServiceError;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use crate::engine::{Asker, Engine, Overloaded, Place};
use crate::graphql::error::{from_service, overloaded, too_many_accounts};

/// How long a request waits for others in all: what it waited for has to be done within its time too.
const PATIENCE: Duration = Duration::from_secs(6);
/// Up to as many accounts are light work: what a person looks at. It waits only for what the same user asked for before.
const LIGHT: u64 = 5;

/// The heavy work of one request.
#[derive(Debug)]
pub struct Heavy {
    engine: Engine,
    asker: Asker,
    /// Whoever has the turn has what is left of the patience.
    turn: Mutex<Duration>,
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
        Self::with_patience(engine, asker, PATIENCE)
    }

    fn with_patience(engine: &Engine, asker: Asker, patience: Duration) -> Self {
        Self {
            engine: engine.clone(),
            asker,
            turn: Mutex::new(patience),
            scored: AtomicU64::new(0),
        }
    }

    /// Waits until nothing else of this request that may be heavy is under way: a request never holds more than one connection
    /// for it. How long its own work takes is bounded by the time that it has in all, and takes nothing of its patience.
    pub async fn turn(&self) -> Turn<'_> {
        Turn {
            heavy: self,
            patience: self.turn.lock().await,
        }
    }
}

/// The turn of one piece of a request's heavy work.
#[derive(Debug)]
pub struct Turn<'a> {
    heavy: &'a Heavy,
    patience: MutexGuard<'a, Duration>,
}

impl Turn<'_> {
    /// Lets the request have so many accounts scored: the place to do it in, where it needs one.
    ///
    /// # Errors
    /// [`HeavyError::TooMuch`] when that would be more than it may; [`HeavyError::Overloaded`] when it would have to wait too long
    /// for others.
    pub async fn admit(&mut self, accounts: u64) -> Result<Option<Place>, HeavyError> {
        let Heavy {
            engine,
            asker,
            scored,
            ..
        } = self.heavy;
        let (all, limit) = (
            scored.fetch_add(accounts, Ordering::Relaxed) + accounts,
            engine.accounts_of_a_request,
        );
        if all > limit {
            return Err(HeavyError::TooMuch { accounts: all, limit });
        }
        if accounts == 0 {
            return Ok(None);
        }
        let gate = if all <= LIGHT { &engine.light } else { &engine.gate };
        let began = Instant::now();
        let place = gate.enter(*asker, began + *self.patience).await;
        *self.patience = self.patience.saturating_sub(began.elapsed());
        place.map(Some).map_err(HeavyError::Overloaded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Gate;

    const ASKER: Asker = Asker::System;

    /// Takes all places of an asker.
    async fn fill(gate: &Gate) -> Vec<Place> {
        let mut places = Vec::new();
        while let Ok(place) = gate.enter(ASKER, Instant::now()).await {
            places.push(place);
        }
        places
    }

    #[tokio::test]
    async fn a_request_waits_for_its_own_work_whatever_its_patience() {
        let heavy = Heavy::with_patience(&Engine::here(), ASKER, Duration::ZERO);
        let mut turn = heavy.turn().await;
        let place = turn.admit(1_000).await.unwrap();
        let second = async {
            let mut turn = heavy.turn().await;
            turn.admit(1_000)
                .await
                .map(|place| place.is_some())
                .map_err(|error| format!("{error:?}"))
        };
        let first = async {
            tokio::task::yield_now().await;
            drop((place, turn));
        };
        assert_eq!(tokio::join!(second, first).0, Ok(true), "nobody else was there");
    }

    #[tokio::test]
    async fn waiting_for_others_takes_of_the_patience() {
        let engine = Engine::here();
        let patience = Duration::from_mins(10);
        let heavy = Heavy::with_patience(&engine, ASKER, patience);
        let mut places = fill(&engine.gate).await;
        let mut turn = heavy.turn().await;
        let freed = async {
            tokio::task::yield_now().await;
            drop(places.pop());
        };
        let (place, ()) = tokio::join!(turn.admit(1_000), freed);
        assert!(place.unwrap().is_some());
        assert!(*turn.patience < patience, "{:?}", turn.patience);
    }

    #[tokio::test]
    async fn light_work_of_one_user_has_its_limit_too() {
        let engine = Engine::here();
        let places = fill(&engine.light).await;
        let one_more = Heavy::with_patience(&engine, ASKER, Duration::ZERO);
        assert!(matches!(
            one_more.turn().await.admit(1).await,
            Err(HeavyError::Overloaded(_))
        ));
        assert!(
            matches!(one_more.turn().await.admit(0).await, Ok(None)),
            "what is stored needs no place"
        );
        drop(places);
        assert!(matches!(one_more.turn().await.admit(1).await, Ok(Some(_))));
    }
}
