//! The loaders: what resolvers of one level ask for goes to the database together, once.

pub mod alerts;
pub mod assessments;
pub mod batches;
pub mod lists;
pub mod nodes;
pub mod reports;
pub mod sponsors;
