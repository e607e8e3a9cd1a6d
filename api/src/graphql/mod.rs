//! The GraphQL side: one file per object, and what they all need.

mod account;
mod account_engagement;
mod connection;
mod contact;
mod context;
mod engagement_report;
pub mod error;
mod evidence;
pub mod gate;
mod interaction;
mod load_assessments;
mod load_lists;
mod load_nodes;
mod load_reports;
mod loaders;
mod money;
mod node;
mod node_id;
mod query;
mod scalar;
mod schema;
mod span;
mod user;

pub use context::RequestContext;
pub use schema::{Schema, build_schema, schema_sdl};
