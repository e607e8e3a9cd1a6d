//! What one request reads, in batches: everything that resolvers of one level ask for goes to the database together, once.
//!
//! Made anew for each request, with the caller's rights inside: nothing that one caller has read is ever given to another.

use std::sync::Arc;

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, HashMapCache};

use crate::graphql::bounds::turns::Turns;
use crate::graphql::context::RequestContext;

/// The loader of a request.
pub type Loaders = DataLoader<Batches, HashMapCache>;

/// Sends batches to `service`; the files beside this one say how, one kind of key each.
pub struct Batches(pub Arc<RequestContext>);

/// Most keys of a batch: far above what the gate lets a request ask for, so that a level is always one batch.
const MAX_BATCH: usize = 100_000;

/// The loader of a new request: a batch is sent once every resolver of the level has asked.
pub fn new_loaders(context: Arc<RequestContext>, turns: &Turns) -> Loaders {
    DataLoader::with_cache(
        Batches(context),
        turns.clone(),
        turns.clone(),
        HashMapCache::default(),
    )
    .max_batch_size(MAX_BATCH)
}

/// The loaders of the request that is being executed.
pub fn loaders<'c>(ctx: &Context<'c>) -> &'c Loaders {
    ctx.data_unchecked::<Loaders>()
}
