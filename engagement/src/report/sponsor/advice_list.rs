//! The list of recommendations while it is being written.

use serde::Serialize;

use super::sources::Sources;
use crate::vocabulary::Horizon;

/// How many initiatives and value findings of a kind are taken up at once: more than two themes make no conversation.
pub(super) const MOST_THEMES: usize = 2;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct SponsorRecommendation {
    /// By when.
    pub horizon: Horizon,
    /// What to do.
    pub action: String,
    /// Why, or what to expect of it, with the numbers.
    pub reason: String,
}

/// The list while it is being written.
pub(super) struct List<'a> {
    pub(super) sources: &'a Sources<'a>,
    pub(super) items: Vec<SponsorRecommendation>,
}

impl List<'_> {
    pub(super) fn add(&mut self, horizon: Horizon, action: impl Into<String>, reason: impl Into<String>) {
        self.items.push(SponsorRecommendation {
            horizon,
            action: action.into(),
            reason: reason.into(),
        });
    }
}
