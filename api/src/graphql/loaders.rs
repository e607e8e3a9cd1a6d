//! What one request reads, in batches: everything that resolvers of one level ask for goes to the database together, once.
//!
//! Made anew for each request, with the caller's rights inside: nothing that one caller has read is ever given to another.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, HashMapCache};
use async_graphql::runtime::{Timer, TokioSpawner};

use super::context::RequestContext;

/// The loader of a request.
pub type Loaders = DataLoader<Batches, HashMapCache>;

/// Sends batches to `service`; the files beside this one say how, one kind of key each.
pub struct Batches(pub Arc<RequestContext>);

/// Most keys of a batch: far above what the gate lets a request ask for, so that a level is always one batch.
const MAX_BATCH: usize = 100_000;

/// The loader of a new request, on the runtime that executes it.
pub fn new_loaders(context: Arc<RequestContext>) -> Loaders {
    DataLoader::with_cache(Batches(context), TokioSpawner::current(), Yield, HashMapCache::default()).max_batch_size(MAX_BATCH)
}

/// Waits for the present turn of the runtime instead of for a time: by then every resolver of the level has asked, and a
/// lone request does not wait a millisecond for nobody.
struct Yield;

impl Timer for Yield {
    fn delay(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async {
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        })
    }
}
