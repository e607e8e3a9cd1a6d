//! What to do about sponsorship, by horizon: each action names people, each reason quotes numbers; where an action would
//! move the sponsor's score, its reason says how far, found by changing the counts and scoring again.

use super::advice_list::{List, SponsorRecommendation};
use super::approach::Approach;
use super::change::RecentChange;
use super::sources::Sources;

/// Everything that is recommended, by horizon, in the order of its rules.
pub(super) fn recommend(
    sources: &Sources<'_>,
    approach: Option<&Approach>,
    changes: &[RecentChange],
) -> Vec<SponsorRecommendation> {
    let mut list = List {
        sources,
        items: Vec::new(),
    };
    list.about_changes(changes);
    if let Some(approach) = approach {
        list.find_sponsor(approach);
    }
    if let Some(primary) = sources.sponsors.primary() {
        list.about_silence(primary);
        list.about_factors(primary);
    }
    list.about_succession();
    list.about_value();
    list.about_executives();
    if let Some(primary) = sources.sponsors.primary() {
        list.about_alignment(primary);
        list.about_advocacy(primary);
    }
    let mut items = list.items;
    items.sort_by_key(|item| item.horizon);
    items
}
