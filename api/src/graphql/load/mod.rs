//! The loaders: what resolvers of one level ask for goes to the database together, once.
//!
//! A loader answers values of `service` and knows no object of the graph: the object is made where it is asked for. So objects import
//! loaders, and loaders import no object.

pub mod alerts;
pub mod ask;
pub mod assessments;
pub mod attach;
pub mod batches;
mod by_id;
mod grouped;
pub mod lists;
pub mod nodes;
pub mod reports;
pub mod sponsors;
