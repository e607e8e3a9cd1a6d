//! How a request is executed: in turns, so that no request keeps a thread for long; level by level, so that what is read
//! is read in whole batches; and within limits that are counted while the answer is made, not when it is there.
//!
//! The library resolves fields without ever giving the thread back, except where a resolver waits. Here each field takes a
//! credit first. When the credits of a turn are used up, the fields that come wait, the thread is given back, and the next
//! turn goes on with those that came last: so lists within lists are finished one after the other instead of being opened
//! all at once. A batch of the loaders is sent when no field waits for a credit any more: then everybody has asked.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use async_graphql::ServerResult;
use async_graphql::runtime::Timer;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use futures_util::task::{FutureObj, Spawn, SpawnError};

use crate::graphql::error::too_long;

/// Fields of a turn: well below a millisecond's work.
const TURN: usize = 256;
/// How many that waited are woken at once: each may open a list.
const WOKEN_AT_ONCE: usize = 32;
/// Longest answer, in bytes.
pub const MAX_ANSWER_BYTES: usize = 10 * 1024 * 1024;
/// Most values of an answer: what each takes in memory is far more than what it takes in the answer.
const MAX_VALUES: usize = 200_000;

/// The turns of one request: shared by what executes it, its fields and its loaders.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Fields that may still begin in this turn.
    credits: usize,
    /// Fields that wait for a credit, the one that came last last.
    waiting: BTreeMap<u64, Waker>,
    tickets: u64,
    /// Batches that have been begun since they were last looked for.
    begun: Vec<FutureObj<'static, ()>>,
    /// Batches that wait until everybody has asked.
    gathering: Vec<Waker>,
    everybody_has_asked: bool,
    values: usize,
    bytes: usize,
    is_too_long: bool,
}

impl Turns {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Executes a request to its end; nothing, where its answer is too long and `gives_up` is set. A request that writes
    /// does not give up: its fields are refused instead.
    pub async fn take<T>(&self, gives_up: bool, execution: impl Future<Output = T>) -> Option<T> {
        // Unconstrained, so that a resolver which waits for the database is no reason to send a batch too early.
        let mut execution = pin!(tokio::task::unconstrained(execution));
        let mut batches = FuturesUnordered::new();
        poll_fn(move |cx| {
            self.state().credits = TURN;
            loop {
                let polled = execution.as_mut().poll(cx);
                if gives_up && self.state().is_too_long {
                    return Poll::Ready(None);
                }
                if let Poll::Ready(done) = polled {
                    return Poll::Ready(Some(done));
                }
                if !self.wake_those_who_wait() {
                    break;
                }
            }
            if self.state().waiting.is_empty() {
                self.open_batches();
            } else {
                cx.waker().wake_by_ref();
            }
            let begun = std::mem::take(&mut self.state().begun);
            batches.extend(begun);
            while let Poll::Ready(Some(())) = batches.poll_next_unpin(cx) {}
            self.state().everybody_has_asked = false;
            Poll::Pending
        })
        .await
    }

    /// Wakes some of those who wait for a credit; false where there is none to give, or nobody to take it.
    fn wake_those_who_wait(&self) -> bool {
        let mut state = self.state();
        let count = state.credits.min(WOKEN_AT_ONCE);
        let woken: Vec<Waker> = (0..count)
            .map_while(|_| state.waiting.pop_last())
            .map(|(_, waker)| waker)
            .collect();
        drop(state);
        let any = !woken.is_empty();
        woken.into_iter().for_each(Waker::wake);
        any
    }

    fn open_batches(&self) {
        let mut state = self.state();
        state.everybody_has_asked = true;
        let gathering = std::mem::take(&mut state.gathering);
        drop(state);
        gathering.into_iter().for_each(Waker::wake);
    }

    /// Waits for a credit.
    ///
    /// # Errors
    /// When the answer is too long already; not for a field that changes something: what is asked for is done, however little of
    /// it can be shown.
    pub async fn begin_field(&self, changes: bool) -> ServerResult<()> {
        let mut ticket = None;
        poll_fn(|cx| {
            let mut state = self.state();
            if state.is_too_long && !changes {
                return Poll::Ready(Err(too_long(MAX_ANSWER_BYTES)));
            }
            if state.credits == 0 {
                let ticket = *ticket.get_or_insert_with(|| {
                    state.tickets += 1;
                    state.tickets
                });
                state.waiting.insert(ticket, cx.waker().clone());
                return Poll::Pending;
            }
            if let Some(ticket) = ticket {
                state.waiting.remove(&ticket);
            }
            state.credits -= 1;
            state.values += 1;
            state.is_too_long |= state.values > MAX_VALUES;
            Poll::Ready(Ok(()))
        })
        .await
    }

    /// Counts what a field adds to the answer.
    ///
    /// # Errors
    /// When that makes it too long.
    pub fn end_field(&self, bytes: usize) -> ServerResult<()> {
        let mut state = self.state();
        state.bytes += bytes;
        state.is_too_long |= state.bytes > MAX_ANSWER_BYTES;
        if state.is_too_long {
            Err(too_long(MAX_ANSWER_BYTES))
        } else {
            Ok(())
        }
    }
}

/// Batches are a part of their request: they end with it.
impl Spawn for Turns {
    fn spawn_obj(&self, batch: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.state().begun.push(batch);
        Ok(())
    }
}

/// A batch waits until everybody has asked, however long that takes.
impl Timer for Turns {
    fn delay(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let turns = self.clone();
        Box::pin(poll_fn(move |cx| {
            let mut state = turns.state();
            if state.everybody_has_asked {
                return Poll::Ready(());
            }
            state.gathering.push(cx.waker().clone());
            Poll::Pending
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_graphql::dataloader::{DataLoader, Loader};
    use async_graphql::{Context, EmptyMutation, EmptySubscription, Object, Request, Response, Schema};

    use super::*;
    use crate::graphql::bounds::take_turns::TakeTurns;

    /// Counts the batches that it is sent.
    struct Doubles(Arc<AtomicUsize>);

    impl Loader<usize> for Doubles {
        type Value = usize;
        type Error = String;

        async fn load(&self, keys: &[usize]) -> Result<HashMap<usize, usize>, String> {
            self.0.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok(keys.iter().map(|key| (*key, key * 2)).collect())
        }
    }

    #[derive(Clone, Copy)]
    struct Item(usize);

    #[Object]
    impl Item {
        async fn number(&self) -> usize {
            self.0
        }

        async fn double(&self, ctx: &Context<'_>) -> Result<Option<usize>, String> {
            ctx.data_unchecked::<DataLoader<Doubles>>().load_one(self.0).await
        }

        async fn text(&self, length: usize) -> String {
            "x".repeat(length)
        }

        async fn items(&self, count: usize) -> Vec<Item> {
            (0..count).map(Item).collect()
        }
    }

    /// The answer to a query, how many batches were sent for it, and how often another task of the same thread had its turn.
    async fn execute(query: &str) -> (Option<Response>, usize, usize) {
        let (turns, sent, beside) = (
            Turns::default(),
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicUsize::new(0)),
        );
        let schema = Schema::build(Item(0), EmptyMutation, EmptySubscription)
            .extension(TakeTurns)
            .finish();
        let loader = DataLoader::new(Doubles(Arc::clone(&sent)), turns.clone(), turns.clone())
            .max_batch_size(1_000_000);
        let request = Request::new(query).data(loader).data(turns.clone());
        let counting = Arc::clone(&beside);
        // Always ready: it has a turn whenever the request gives the thread back.
        let other = tokio::spawn(poll_fn(move |cx| {
            counting.fetch_add(1, Ordering::SeqCst);
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        }));
        let answer = tokio::spawn(async move { turns.take(true, schema.execute(request)).await })
            .await
            .unwrap();
        other.abort();
        (answer, sent.load(Ordering::SeqCst), beside.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn others_of_the_same_thread_have_their_turns_while_a_request_computes() {
        let (answer, _, beside) = execute("{ items(count: 300) { items(count: 100) { number } } }").await;
        assert_eq!(answer.unwrap().errors, []);
        // Each item and each field of one takes a credit.
        let fields = 300 * (1 + 1 + 100 * 2);
        assert!(
            beside >= fields / TURN,
            "{beside} turns of another task beside {fields} fields"
        );
    }

    #[tokio::test]
    async fn a_level_is_one_batch_however_many_turns_it_takes() {
        let (answer, sent, beside) =
            execute("{ items(count: 2000) { double items(count: 2) { number double } } }").await;
        let answer = answer.unwrap();
        assert_eq!(answer.errors, []);
        assert_eq!(answer.data.into_json().unwrap()["items"][1999]["double"], 3998);
        assert!(beside > 2_000 / TURN, "it took many turns: {beside}");
        assert_eq!(
            sent, 1,
            "the items of the second level are keys of the same batch"
        );
    }

    #[tokio::test]
    async fn what_does_not_end_in_time_is_ended() {
        // The time is up before the first turn is over: without turns it would run to its end all the same.
        let running = execute("{ items(count: 400) { items(count: 400) { number } } }");
        assert!(tokio::time::timeout(Duration::ZERO, running).await.is_err());
    }

    #[tokio::test]
    async fn an_answer_is_given_up_as_soon_as_it_is_too_long() {
        let (answer, ..) = execute(&format!(
            "{{ items(count: 10) {{ text(length: {}) }} }}",
            MAX_ANSWER_BYTES / 10
        ))
        .await;
        assert!(answer.is_none(), "its keys are too much");
        let (answer, ..) = execute(&format!(
            "{{ items(count: 10) {{ text(length: {}) }} }}",
            MAX_ANSWER_BYTES / 10 - 40
        ))
        .await;
        assert_eq!(answer.unwrap().errors, []);
        let (answer, ..) = execute("{ items(count: 1000) { items(count: 1000) { number } } }").await;
        assert!(answer.is_none(), "two million values");
    }

    #[tokio::test]
    async fn lists_within_lists_are_opened_one_after_the_other() {
        let (answer, ..) =
            execute("{ items(count: 3000) { items(count: 3000) { items(count: 3000) { number } } } }").await;
        assert!(answer.is_none(), "27,000,000,000 items, and it ends");
    }

    /// Counts what it has done.
    struct Mutation(Arc<AtomicUsize>);

    #[Object]
    impl Mutation {
        async fn count(&self) -> Option<Item> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Some(Item(0))
        }
    }

    #[tokio::test]
    async fn what_changes_something_is_done_however_long_the_answer() {
        let (turns, done) = (Turns::default(), Arc::new(AtomicUsize::new(0)));
        let schema = Schema::build(Item(0), Mutation(Arc::clone(&done)), EmptySubscription)
            .extension(TakeTurns)
            .finish();
        let text = format!("count {{ text(length: {MAX_ANSWER_BYTES}) }}");
        let request = Request::new(format!("mutation {{ a: {text} b: {text} }}")).data(turns.clone());
        let answer = turns.take(false, schema.execute(request)).await.unwrap();
        assert_eq!(
            (done.load(Ordering::SeqCst), answer.errors.len()),
            (2, 2),
            "{:?}",
            answer.errors
        );
    }
}
