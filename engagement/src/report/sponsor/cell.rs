//! What several parts of the sponsor report write into a cell. A text from outside is escaped here.

use super::context::SponsorContext;
use crate::markdown::{NOTHING, capital, count, text};
use crate::vocabulary::EngagementLevel;
use crate::vocabulary::id::ContactId;

/// A score as it is shown: who is unknown has none.
pub(super) fn score(level: EngagementLevel, score: i32) -> String {
    if level == EngagementLevel::Unknown {
        NOTHING.to_owned()
    } else {
        score.to_string()
    }
}

pub(super) fn name(context: &SponsorContext, contact: ContactId) -> String {
    let name = context
        .contacts
        .get(&contact)
        .map(|person| text(&person.name))
        .filter(|name| !name.is_empty());
    name.unwrap_or_else(|| text(&contact.to_string()))
}

pub(super) fn or_nothing(raw: Option<&str>) -> String {
    raw.map(text)
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| NOTHING.to_owned())
}

pub(super) fn list(items: &[String]) -> String {
    if items.is_empty() {
        NOTHING.to_owned()
    } else {
        items.iter().map(|item| text(item)).collect::<Vec<_>>().join(", ")
    }
}

/// "2 years 3 months".
pub(super) fn tenure(months: Option<i32>) -> String {
    let Some(months) = months.and_then(|months| u32::try_from(months).ok()) else {
        return "not known".to_owned();
    };
    match (months / 12, months % 12) {
        (0, months) => count(months, "month"),
        (years, 0) => count(years, "year"),
        (years, months) => format!("{} {}", count(years, "year"), count(months, "month")),
    }
}

pub(super) fn level(level: EngagementLevel) -> String {
    capital(level.in_words())
}
