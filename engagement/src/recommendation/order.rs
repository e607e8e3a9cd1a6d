//! Which recommendations an account gets, and in which order. An action appears once, and of several that would change the
//! same only the first.

use super::advice::{Advice, Recommendation};
use super::case::Case;
use super::change;
use super::people::People;
use crate::evaluation::Evaluation;
use crate::policy::Policy;
use crate::row::AccountRows;
use crate::vocabulary::Action;

/// How many recommendations are stored with an assessment.
pub const STORED_ADVICE: usize = 3;

/// What is stored of an account's recommendations: the first of them, without texts. It runs for every account every night.
pub fn advice(evaluation: &Evaluation, rows: &AccountRows, policy: &Policy) -> Vec<Advice> {
    let nobody = People::default();
    let case = Case {
        evaluation,
        rows,
        policy,
        people: &nobody,
    };
    actions(&case)
        .into_iter()
        .take(STORED_ADVICE)
        .map(|action| case.advise(action))
        .collect()
}

/// Everything that is recommended, in order. An action appears once, and of several that would change the same only the
/// first. `rows` are those that were evaluated; names come from `people`, and without them the texts say what somebody is to
/// us.
pub fn recommend(
    evaluation: &Evaluation,
    rows: &AccountRows,
    policy: &Policy,
    people: &People,
) -> Vec<Recommendation> {
    let case = Case {
        evaluation,
        rows,
        policy,
        people,
    };
    actions(&case)
        .into_iter()
        .map(|action| case.describe(action))
        .collect()
}

/// The actions in order, each once, and of several that would change the same the first.
fn actions(case: &Case<'_>) -> Vec<Action> {
    let mut list: Vec<Action> = Vec::new();
    for action in case.actions() {
        let change = change::of(action);
        let said = |one: &Action| *one == action || (change.is_some() && change::of(*one) == change);
        if !list.iter().any(said) {
            list.push(action);
        }
    }
    list
}
