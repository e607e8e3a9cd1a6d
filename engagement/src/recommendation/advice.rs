//! One thing to do: as a report tells it, and as it is stored.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::vocabulary::id::{ContactId, UserId};
use crate::vocabulary::{Action, Horizon};

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
        let with = name
            .filter(|_| self.contact.is_some())
            .map_or_else(String::new, |name| format!(", with {name}"));
        let by = self.due_on.map_or_else(String::new, |day| format!(", by {day}"));
        format!("{}{with}{by}", self.action.in_words())
    }
}
