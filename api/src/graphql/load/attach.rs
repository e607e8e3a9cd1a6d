//! How a request gets what its resolvers need: the context says who asks and when, the loaders read, the turns bound the execution.
//!
//! The loaders hold the context. So the context knows nothing of the loaders, and the two come together here.

use std::sync::Arc;

use async_graphql::Request;
use service::access::Access;

use super::batches::new_loaders;
use crate::engine::Asker;
use crate::graphql::bounds::heavy::Heavy;
use crate::graphql::bounds::turns::Turns;
use crate::graphql::context::RequestContext;
use crate::state::AppState;

impl RequestContext {
    /// Hands a request its context, its loaders, and the turns in which it is to be executed.
    ///
    /// A request that writes remembers nothing that it has read: what its later mutations show is what they have made.
    pub fn attach(request: Request, state: &AppState, access: Access, writes: bool) -> (Request, Turns) {
        let heavy = Heavy::new(&state.engine, Asker::from(&access));
        let context = Arc::new(Self {
            state: state.clone(),
            access,
            now: state.clock.now(),
            heavy,
        });
        let turns = Turns::default();
        let loaders = new_loaders(Arc::clone(&context), &turns);
        loaders.enable_all_cache(!writes);
        (request.data(loaders).data(context).data(turns.clone()), turns)
    }
}
