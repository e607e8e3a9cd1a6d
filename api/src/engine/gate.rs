//! The gate of heavy work: a few at a time, in turns by who asks, and nobody waits for long. Whoever would is told when to
//! ask again.
//!
//! What is heavy is what reads and scores the rows of many accounts. Each holds a connection while it is at it; there are
//! fewer places here than connections, so the last ones are always for everybody else.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engagement::id::UserId;
use service::access::Access;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

/// Most places, however many cores: half of the connections that reading has.
const MOST_PLACES: usize = 4;
/// Most that one asker may have waiting.
const MOST_WAITING: usize = 100;
/// As many of one asker wait without being told at once that they would wait too long: how long one takes is only guessed, by
/// others that may have been much larger.
const FEW_WAITING: usize = 4;
/// Least and most that is said about when to ask again, in seconds.
const RETRY_SECONDS: (u64, u64) = (2, 60);

/// Who asks: turns are theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asker {
    /// A user.
    User(UserId),
    /// An address that reads by a link, by its fingerprint.
    Address([u8; 16]),
    /// The installation itself.
    System,
}

impl From<&Access> for Asker {
    fn from(access: &Access) -> Self {
        access.user().map_or(Self::System, Self::User)
    }
}

/// There is too much to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overloaded {
    /// When it is worth asking again, in seconds.
    pub retry_after: u64,
}

/// The gate; cheap to clone.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    places: usize,
    /// Places of one asker: where there are several, one is always for the others.
    places_of_one: usize,
    busy: HashMap<Asker, usize>,
    /// Those who wait, by asker, in the order of their turns.
    waiting: VecDeque<(Asker, VecDeque<oneshot::Sender<Place>>)>,
    /// How long one takes, by those that were done last.
    pace: Duration,
}

/// A place within the gate; it is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    gate: Gate,
    asker: Asker,
    /// Since when it is taken; nothing where whoever waited for it has given up meanwhile.
    since: Option<Instant>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gate
            .leave(self.asker, self.since.map(|since| since.elapsed()));
    }
}

impl Gate {
    /// A gate of heavy work for a machine of so many cores.
    pub fn new(cores: usize) -> Self {
        let places = cores.clamp(1, MOST_PLACES);
        Self::of(places, (places - 1).max(1))
    }

    /// A gate of light work for the same machine: wider, so that it is hardly noticed, and half of it always for the others.
    pub fn light(cores: usize) -> Self {
        let places_of_one = cores.clamp(1, MOST_PLACES);
        Self::of(2 * places_of_one, places_of_one)
    }

    fn of(places: usize, places_of_one: usize) -> Self {
        let state = State {
            places,
            places_of_one,
            busy: HashMap::new(),
            waiting: VecDeque::new(),
            pace: Duration::ZERO,
        };
        Self(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place, but not beyond an instant.
    ///
    /// # Errors
    /// [`Overloaded`] when there is none by then, or when it can be told now that there will be none.
    pub async fn enter(&self, asker: Asker, until: Instant) -> Result<Place, Overloaded> {
        let waiting = {
            let mut state = self.state();
            let (expected, own) = (state.expected_wait(asker), state.waiting_of(asker));
            if own >= MOST_WAITING || own >= FEW_WAITING && Instant::now() + expected > until {
                return Err(overloaded(expected));
            }
            state.queue(asker)
        };
        self.admit();
        match timeout_at(until, waiting).await {
            Ok(Ok(mut place)) => {
                place.since = Some(Instant::now());
                Ok(place)
            }
            Ok(Err(_)) | Err(_) => Err(overloaded(self.state().expected_wait(asker))),
        }
    }

    /// Lets in who may come in.
    fn admit(&self) {
        loop {
            let next = self.state().next();
            let Some((asker, sender)) = next else { return };
            // Where the asker has given up, the place is dropped, and so free again.
            drop(sender.send(Place {
                gate: self.clone(),
                asker,
                since: None,
            }));
        }
    }

    fn leave(&self, asker: Asker, took: Option<Duration>) {
        let mut state = self.state();
        state.release(asker);
        if let Some(took) = took {
            state.pace = (state.pace * 3 + took) / 4;
        }
        drop(state);
        self.admit();
    }
}

fn overloaded(expected: Duration) -> Overloaded {
    Overloaded {
        retry_after: expected.as_secs().clamp(RETRY_SECONDS.0, RETRY_SECONDS.1),
    }
}

impl State {
    fn queue(&mut self, asker: Asker) -> oneshot::Receiver<Place> {
        let (sender, receiver) = oneshot::channel();
        match self.waiting.iter_mut().find(|(other, _)| *other == asker) {
            Some((_, own)) => own.push_back(sender),
            None => self.waiting.push_back((asker, VecDeque::from([sender]))),
        }
        receiver
    }

    /// The next who may come in. The place is theirs from now on, and their asker's next turn is after the others'.
    fn next(&mut self) -> Option<(Asker, oneshot::Sender<Place>)> {
        for (_, own) in &mut self.waiting {
            own.retain(|sender| !sender.is_closed());
        }
        self.waiting.retain(|(_, own)| !own.is_empty());
        if self.busy.values().sum::<usize>() >= self.places {
            return None;
        }
        let may_come = |asker: &Asker| self.busy_of(*asker) < self.places_of_one;
        let at = self.waiting.iter().position(|(asker, _)| may_come(asker))?;
        let (asker, mut own) = self.waiting.remove(at)?;
        let sender = own.pop_front()?;
        if !own.is_empty() {
            self.waiting.push_back((asker, own));
        }
        *self.busy.entry(asker).or_default() += 1;
        Some((asker, sender))
    }

    fn release(&mut self, asker: Asker) {
        if let Some(busy) = self.busy.get_mut(&asker) {
            *busy -= 1;
            if *busy == 0 {
                self.busy.remove(&asker);
            }
        }
    }

    fn busy_of(&self, asker: Asker) -> usize {
        self.busy.get(&asker).copied().unwrap_or(0)
    }

    fn waiting_of(&self, asker: Asker) -> usize {
        let own = self.waiting.iter().find(|(other, _)| *other == asker);
        own.map_or(0, |(_, own)| {
            own.iter().filter(|sender| !sender.is_closed()).count()
        })
    }

    /// How long whoever comes now will wait: for the own ones before it, and for one of each other asker beside each of them.
    fn expected_wait(&self, asker: Asker) -> Duration {
        let own = self.waiting_of(asker) + self.busy_of(asker);
        let waits = |own: &VecDeque<oneshot::Sender<Place>>| own.iter().any(|sender| !sender.is_closed());
        let others = self
            .waiting
            .iter()
            .filter(|(other, own)| *other != asker && waits(own))
            .count();
        let rounds = (own / self.places_of_one).max(own * (1 + others) / self.places);
        self.pace * u32::try_from(rounds).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::sync::Semaphore;
    use tokio::task::JoinHandle;
    use uuid::Uuid;

    use super::*;

    fn user(n: u128) -> Asker {
        Asker::User(Uuid::from_u128(n).into())
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_mins(10)
    }

    /// Those who have come in, in order, and what they wait for within.
    struct Inside {
        gate: Gate,
        seen: Arc<Mutex<Vec<Asker>>>,
        go: Arc<Semaphore>,
    }

    impl Inside {
        fn of(cores: usize) -> Self {
            Self {
                gate: Gate::new(cores),
                seen: Arc::default(),
                go: Arc::new(Semaphore::new(0)),
            }
        }

        fn come(&self, asker: Asker) -> JoinHandle<()> {
            let (gate, seen, go) = (self.gate.clone(), Arc::clone(&self.seen), Arc::clone(&self.go));
            tokio::spawn(async move {
                let _place = gate.enter(asker, later()).await.unwrap();
                seen.lock().unwrap().push(asker);
                go.acquire().await.unwrap().forget();
            })
        }

        async fn after(&self, gone: usize) -> Vec<Asker> {
            self.go.add_permits(gone);
            settle().await;
            self.seen.lock().unwrap().clone()
        }
    }

    async fn settle() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn one_asker_with_many_leaves_the_others_their_turns() {
        let inside = Inside::of(1);
        let mut all: Vec<_> = (0..19).map(|_| inside.come(user(1))).collect();
        settle().await;
        all.extend([2, 3].map(|n| inside.come(user(n))));
        assert_eq!(inside.after(0).await, [user(1)], "one at a time");
        assert_eq!(
            inside.after(3).await,
            [user(1), user(1), user(2), user(3)],
            "in turns"
        );
        assert_eq!(inside.after(100).await.len(), 21);
        for one in all {
            one.await.unwrap();
        }
        let state = inside.gate.state();
        assert!(state.busy.is_empty() && state.waiting.is_empty(), "{state:?}");
    }

    #[tokio::test]
    async fn a_place_is_kept_for_the_others() {
        let inside = Inside::of(4);
        let all: Vec<_> = (0..10).map(|_| inside.come(user(1))).collect();
        assert_eq!(inside.after(0).await.len(), 3, "three of four places");
        let other = inside.come(user(2));
        assert_eq!(inside.after(0).await.last(), Some(&user(2)), "at once");
        inside.after(100).await;
        for one in all.into_iter().chain([other]) {
            one.await.unwrap();
        }
    }

    #[tokio::test]
    async fn who_would_wait_too_long_is_told_when_to_ask_again() {
        let gate = Gate::new(1);
        let _place = gate.enter(user(1), later()).await.unwrap();
        let waited = gate.enter(user(2), Instant::now()).await;
        assert_eq!(
            waited.unwrap_err().retry_after,
            2,
            "its time was up, and nothing is known of how long one takes"
        );
        let waiting: Vec<_> = (0..FEW_WAITING).map(|_| gate.state().queue(user(1))).collect();
        gate.state().pace = Duration::from_secs(10);
        let told = gate
            .enter(user(1), Instant::now() + Duration::from_secs(5))
            .now_or_never();
        assert_eq!(
            told.unwrap().unwrap_err().retry_after,
            50,
            "told at once: one is at it, and four wait"
        );
        drop(waiting);
        assert!(gate.state().next().is_none() && gate.state().waiting.is_empty());
    }

    #[tokio::test]
    async fn few_wait_however_long_the_ones_before_them_took() {
        let gate = Gate::new(1);
        let place = gate.enter(user(1), later()).await.unwrap();
        gate.state().pace = Duration::from_hours(1);
        let small = {
            let gate = gate.clone();
            tokio::spawn(async move { gate.enter(user(1), later()).await.map(drop) })
        };
        settle().await;
        drop(place);
        assert_eq!(small.await.unwrap(), Ok(()), "the one before it is soon done");
    }

    #[tokio::test]
    async fn light_work_of_one_asker_leaves_half_of_the_places() {
        let gate = Gate::light(2);
        let mut places = Vec::new();
        for _ in 0..2 {
            places.push(gate.enter(user(1), later()).await.unwrap());
        }
        assert!(
            gate.enter(user(1), Instant::now()).await.is_err(),
            "as many as there are cores"
        );
        for n in [2, 3] {
            places.push(
                gate.enter(user(n), Instant::now() + Duration::from_mins(1))
                    .await
                    .unwrap(),
            );
        }
    }

    #[tokio::test]
    async fn whoever_gives_up_leaves_no_trace() {
        let gate = Gate::new(1);
        let place = gate.enter(user(1), later()).await.unwrap();
        let waiting = gate.clone();
        let given_up = tokio::spawn(async move { waiting.enter(user(1), later()).await.map(drop) });
        settle().await;
        given_up.abort();
        assert!(given_up.await.is_err());
        drop(place);
        let _another = gate.enter(user(2), later()).await.unwrap();
        assert_eq!(gate.state().busy.values().sum::<usize>(), 1);
    }
}
