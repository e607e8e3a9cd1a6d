//! What to do next: one recommendation per action of the renewal, then of the pattern, of each raised signal and of the
//! weakest dimension (docs/scoring.md § 6). Each says who, with whom, by when, why, with the numbers of today, and what it
//! is worth, found by changing what it would change and scoring again.
//!
//! Whoever is no customer is advised nothing, and nobody who has left is ever recommended.

mod case;
mod change;
mod due;
mod people;
mod play;
mod reason;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::evaluation::Evaluation;
use crate::id::{ContactId, UserId};
use crate::policy::Policy;
use crate::row::AccountRows;
use crate::vocabulary::{Action, Horizon};
use case::Case;
pub use people::{ContactLabel, Member, People};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
#[cfg_attr(feature = "graphql", graphql(name = "RecommendedAction"))]
pub struct Recommendation {
    /// What to do.
    pub action: Action,
    /// Who of us: the account's first customer-success manager by name, else the owner of its latest interaction.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub owner: Option<UserId>,
    /// With whom of theirs, where somebody is meant.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub contact: Option<ContactId>,
    /// By when; absent for what is strategic.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub due_on: Option<NaiveDate>,
    /// Why, with the numbers.
    pub reason: String,
    /// How soon.
    pub horizon: Horizon,
    /// How often.
    pub cadence: String,
    /// With what.
    pub content: String,
    /// By which way: the contact's preference where it is known.
    pub channel: String,
    /// Points of the overall score that it is worth; null where it changes nothing that is measured.
    pub expected_points: Option<f64>,
}

/// What is stored of a recommendation, so that lists, digests and the portfolio can tell it without rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// What to do.
    pub action: Action,
    /// With whom, where somebody is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// Points of the overall score that it is worth; absent where it changes nothing that is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<f64>,
}

impl Advice {
    /// As something to do; `name` is that of [`Advice::contact`].
    pub fn message(&self, name: Option<&str>) -> String {
        let with = name.filter(|_| self.contact.is_some()).map_or_else(String::new, |name| format!(", with {name}"));
        let by = self.due_on.map_or_else(String::new, |day| format!(", by {day}"));
        format!("{}{with}{by}", self.action.in_words())
    }
}

/// How many recommendations are stored with an assessment.
pub const STORED_ADVICE: usize = 3;

/// What is stored of an account's recommendations: the first of them, without texts. It runs for every account every night.
pub fn advice(evaluation: &Evaluation, rows: &AccountRows, policy: &Policy) -> Vec<Advice> {
    let nobody = People::default();
    let case = Case { evaluation, rows, policy, people: &nobody };
    actions(&case).into_iter().take(STORED_ADVICE).map(|action| case.advise(action)).collect()
}

/// Everything that is recommended, in order. An action appears once, and of several that would change the same only the
/// first. `rows` are those that were evaluated; names come from `people`, and without them the texts say what somebody is to
/// us.
pub fn recommend(evaluation: &Evaluation, rows: &AccountRows, policy: &Policy, people: &People) -> Vec<Recommendation> {
    let case = Case { evaluation, rows, policy, people };
    actions(&case).into_iter().map(|action| case.describe(action)).collect()
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
