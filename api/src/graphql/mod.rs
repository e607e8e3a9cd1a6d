//! The GraphQL side: one file per object, and what they all need.

mod account;
mod account_engagement;
mod audit;
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
mod mutate_contacts;
mod mutate_rows;
mod mutate_sponsors;
mod mutate_team;
mod mutate_users;
mod mutation;
mod node;
mod node_id;
mod portfolio_report;
mod query;
mod row_input;
mod row_inputs;
mod scalar;
mod schema;
mod span;
mod token;
mod user;

pub use context::RequestContext;
pub use schema::{Schema, build_schema, schema_sdl};
