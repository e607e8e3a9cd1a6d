//! What becomes of a transaction that others stand in the way of.
//!
//! Where each waits for the other, the database picks one who gives way, and that one is run again. Where somebody holds a row for
//! long, there is nothing but to wait, and whoever waits for a lock has a connection meanwhile. So that the callers of the API
//! cost each other no more than their own time, they wait a moment at first; who has not got the lock by then waits for a place in
//! a room that has fewer places than there are connections, without a connection, and for the lock once they have one.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::ServiceError;
use crate::ids::chance;

/// How often a transaction is run that has to give way to others.
const MOST_RUNS: u32 = 5;
/// For how long one that gave way leaves the others alone, about; longer each time.
const PAUSE: Duration = Duration::from_millis(20);
/// How long everybody waits for a lock at first, where there is a room to wait in.
pub(super) const MOMENT: Duration = Duration::from_millis(50);
/// How long a place in the room is waited for.
const PLACE: Duration = Duration::from_secs(4);

/// Where the transactions of a role wait for locks that somebody holds for long.
#[derive(Debug)]
pub(super) struct WaitingRoom {
    places: Semaphore,
    lock: Duration,
}

impl WaitingRoom {
    /// One with a number of places, in which a lock is waited for so long.
    pub(super) fn new(places: u32, lock: Duration) -> Self {
        Self { places: Semaphore::new(places as usize), lock }
    }
}

/// The runs of one transaction.
pub(super) struct Runs<'a> {
    room: Option<&'a WaitingRoom>,
    place: Option<SemaphorePermit<'a>>,
    given_way: u32,
}

impl<'a> Runs<'a> {
    /// The first one.
    pub(super) fn first(room: Option<&'a WaitingRoom>) -> Self {
        Self { room, place: None, given_way: 0 }
    }

    /// How long this one waits for a lock, where it is not as long as its session says.
    pub(super) fn lock_timeout(&self) -> Option<Duration> {
        self.place.as_ref().and(self.room).map(|room| room.lock)
    }

    /// Whether one that ended so is run again; ends when it is time to.
    pub(super) async fn again(&mut self, error: &ServiceError) -> bool {
        if error.gave_way() && self.given_way + 1 < MOST_RUNS {
            self.given_way += 1;
            tokio::time::sleep(PAUSE.mul_f64(f64::from(self.given_way) * (0.5 + chance()))).await;
            return true;
        }
        if let Some(room) = self.room.filter(|_| self.place.is_none() && error.found_a_lock()) {
            self.place = tokio::time::timeout(PLACE, room.places.acquire()).await.ok().and_then(Result::ok);
            return self.place.is_some();
        }
        false
    }

    /// How often it had to give way.
    pub(super) fn given_way(&self) -> u32 {
        self.given_way
    }
}
