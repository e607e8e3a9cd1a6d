//! What becomes of a transaction that others stand in the way of.
//!
//! Where each waits for the other, the database picks one who gives way, and that one is run again. Where somebody holds a row for
//! long, there is nothing but to wait, and whoever waits for a lock has a connection meanwhile. So that the callers of the API
//! cost each other no more than their own time, they wait a moment at first; who has not got the lock by then waits for a place in
//! a room that has fewer places than there are connections, without a connection, and for the lock once they have one. Those
//! before them may want something else that is held for longer: so they look now and then, one at a time, whether the lock that
//! they want is free.

use std::pin::Pin;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Sleep, sleep};

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
/// How long somebody without a place waits between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// How long they wait for a lock then.
const LOOK: Duration = Duration::from_millis(10);

/// Where the transactions of a role wait for locks that somebody holds for long.
#[derive(Debug)]
pub(super) struct WaitingRoom {
    places: Semaphore,
    /// One permit, for whoever looks.
    looking: Semaphore,
    lock: Duration,
}

impl WaitingRoom {
    /// One with a number of places, in which a lock is waited for so long.
    pub(super) fn new(places: u32, lock: Duration) -> Self {
        Self {
            places: Semaphore::new(places as usize),
            looking: Semaphore::new(1),
            lock,
        }
    }
}

/// As what a transaction is run, where there is a room: how long it waits for a lock, and what it holds meanwhile.
struct Admitted<'a> {
    lock: Duration,
    /// It has a place, and does not look for another one.
    seated: bool,
    _permit: SemaphorePermit<'a>,
}

/// The runs of one transaction.
pub(super) struct Runs<'a> {
    room: Option<&'a WaitingRoom>,
    admitted: Option<Admitted<'a>>,
    /// How much longer a place is waited for; from the first lock on that was found.
    patience: Option<Pin<Box<Sleep>>>,
    given_way: u32,
}

impl<'a> Runs<'a> {
    /// The first one.
    pub(super) fn first(room: Option<&'a WaitingRoom>) -> Self {
        Self {
            room,
            admitted: None,
            patience: None,
            given_way: 0,
        }
    }

    /// How long this one waits for a lock, where it is not as long as its session says.
    pub(super) fn lock_timeout(&self) -> Option<Duration> {
        self.admitted.as_ref().map(|admitted| admitted.lock)
    }

    /// Whether one that ended so is run again; ends when it is time to.
    pub(super) async fn again(&mut self, error: &ServiceError) -> bool {
        if error.gave_way() && self.given_way + 1 < MOST_RUNS {
            self.given_way += 1;
            tokio::time::sleep(PAUSE.mul_f64(f64::from(self.given_way) * (0.5 + chance()))).await;
            return true;
        }
        // Whoever has looked lets the next one look.
        self.admitted.take_if(|admitted| !admitted.seated);
        let Some(room) = self
            .room
            .filter(|_| self.admitted.is_none() && error.found_a_lock())
        else {
            return false;
        };
        let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(PLACE)));
        let looking = async {
            sleep(BETWEEN_LOOKS).await;
            room.looking.acquire().await
        };
        self.admitted = tokio::select! {
            biased;
            Ok(place) = room.places.acquire() => Some(Admitted { lock: room.lock, seated: true, _permit: place }),
            Ok(look) = looking => Some(Admitted { lock: LOOK, seated: false, _permit: look }),
            () = patience => None,
        };
        self.admitted.is_some()
    }

    /// How often it had to give way.
    pub(super) fn given_way(&self) -> u32 {
        self.given_way
    }
}
