//! What objects, inputs and loaders share: scalars, small values, the arguments of pages.
//!
//! Nothing here reads from the database, and nothing here knows an object of the graph.

pub mod connection;
pub mod day_range;
pub mod evidence;
pub mod money;
pub mod node_id;
pub mod order;
pub mod search;
pub mod span;
pub mod time;
