//! Whom to approach first about the sponsorship, where there is no primary sponsor.

use super::factor::level_and_score;
use super::sources::Sources;
use crate::markdown::count;
use crate::sponsor::Because;
use crate::vocabulary::id::ContactId;

/// Whom to approach first about the sponsorship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approach {
    /// Who; absent where nobody is known.
    pub contact: Option<ContactId>,
    /// Why them.
    pub reason: String,
}

/// Whom to approach first where there is no primary sponsor, with the reason ([`crate::sponsor::Sponsors::first_to_approach`]).
pub(super) fn approach(sources: &Sources<'_>) -> Option<Approach> {
    let Sources {
        rows,
        touches,
        sponsors,
        people,
        ..
    } = sources;
    if sponsors.primary.is_some() {
        return None;
    }
    let Some(first) = sponsors.first_to_approach(rows, touches) else {
        return Some(Approach {
            contact: None,
            reason: "No contact of theirs is known.".to_owned(),
        });
    };
    let standing = || {
        let executive = sponsors
            .executives
            .iter()
            .find(|executive| executive.contact == first.contact);
        let last = executive
            .and_then(|executive| executive.last_contact_on)
            .map_or_else(String::new, |day| format!(", last contact on {day}"));
        format!("{}{last}", executive.map_or_else(String::new, level_and_score))
    };
    let in_touch = || {
        let touch = touches.get(first.contact as usize).copied().unwrap_or_default();
        let last = touch
            .last_touch_on
            .map_or_else(String::new, |day| format!(", the last on {day}"));
        format!("{} in the window{last}", count(touch.touches, "touch"))
    };
    let reason = match first.because {
        Because::EngagedBackup => format!("The backup sponsor: {}.", standing()),
        Because::ClosestExecutive => format!("The executive who stands closest to us: {}.", standing()),
        Because::SeniorInTouch => format!("The most engaged senior contact: {}.", in_touch()),
        Because::Unmet => "An executive of theirs whom nobody has met yet.".to_owned(),
        Because::InTouch => format!("The most engaged contact: {}.", in_touch()),
    };
    Some(Approach {
        contact: people.id(first.contact),
        reason,
    })
}
