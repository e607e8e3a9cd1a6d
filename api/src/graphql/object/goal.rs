//! What an account wants to reach.

use async_graphql::{ID, SimpleObject};

use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::time::Date;

connection!(
    GoalConnection,
    GoalEdge,
    Goal,
    "goals",
    service::record::goal::Goal
);

/// Something that an account wants to reach.
#[derive(Clone, SimpleObject)]
pub struct Goal {
    /// The global id.
    id: ID,
    /// The goal.
    goal: String,
    /// How far it has come, from 0 to 100.
    progress: Option<f64>,
    /// When it should be reached.
    due_on: Option<Date>,
}

impl From<service::record::goal::Goal> for Goal {
    fn from(goal: service::record::goal::Goal) -> Self {
        Self {
            id: ID(goal.id.to_string()),
            goal: goal.goal,
            progress: goal.progress,
            due_on: goal.due_on.map(Date),
        }
    }
}
