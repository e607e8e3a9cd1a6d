//! The GraphQL side of the server: the roots of the schema, the objects, the inputs, the loaders, and what bounds a request.
//!
//! Imports go one way: roots and mutations use objects, objects use loaders, loaders use the context of the request. Only objects
//! import each other in a circle, as the graph does.

mod bounds;
mod context;
pub mod error;
pub mod gate;
mod input;
mod load;
mod mutation;
mod object;
mod query;
mod scalar;
mod schema;
mod subscription;

pub use bounds::turns::MAX_ANSWER_BYTES;
pub use context::RequestContext;
pub use schema::{Schema, build_schema, schema_sdl, schema_types};
