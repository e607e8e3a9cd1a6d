//! The history of an account: what was stored of it, day by day.

use async_graphql::SimpleObject;
use engagement::vocabulary::{Pattern, StandingState};
use service::scoring::assessment::StoredAssessment;

use crate::graphql::scalar::time::{Date, Instant};

/// One point of an account's history, as it was stored.
#[derive(SimpleObject)]
pub struct HistoryPoint {
    /// The instant of the evaluation.
    as_of: Instant,
    /// The last day that counted.
    ending_on: Date,
    /// The overall score from 0 to 100; null without data.
    overall: Option<i32>,
    /// The pattern; null when there was not enough data.
    pattern: Option<Pattern>,
    /// What was to be thought of the account; null in what was stored before there were standings.
    standing: Option<StandingState>,
    /// The edition of the definitions that it was made by.
    definitions: i32,
    /// The hash of the policy that it was made with.
    policy_hash: String,
    /// It was made by the definitions and the policy that are in force; false: it is not to be compared with what was.
    comparable: bool,
}

impl HistoryPoint {
    /// A stored assessment, compared with the policy in force.
    pub fn of(stored: StoredAssessment, policy_in_force: &str) -> Self {
        Self {
            as_of: Instant(stored.as_of),
            ending_on: Date(stored.day),
            overall: stored.overall_rounded,
            pattern: stored.pattern,
            standing: stored.standing.as_ref().map(|standing| standing.state),
            definitions: stored.definitions,
            comparable: stored.compares(policy_in_force),
            policy_hash: stored.policy_hash,
        }
    }
}
