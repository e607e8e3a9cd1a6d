//! Names for contacts, and whom to approach where there is no sponsor.

use std::collections::HashMap;

use super::factor::level_and_score;
use super::{Approach, Person, Sources, SponsorContext};
use crate::id::ContactId;
use crate::markdown::count;
use crate::row::{AccountRows, ContactIndex};
use crate::sponsor::Because;

/// The contacts of an account with their names.
pub(super) struct People<'a> {
    rows: &'a AccountRows,
    context: &'a SponsorContext,
    places: HashMap<ContactId, ContactIndex>,
}

impl<'a> People<'a> {
    pub(super) fn new(rows: &'a AccountRows, context: &'a SponsorContext) -> Self {
        let places = (0..).zip(&rows.contacts).map(|(place, contact)| (contact.id, place)).collect();
        Self { rows, context, places }
    }

    pub(super) fn id(&self, contact: ContactIndex) -> Option<ContactId> {
        self.rows.contacts.get(contact as usize).map(|contact| contact.id)
    }

    pub(super) fn place(&self, contact: ContactId) -> Option<ContactIndex> {
        self.places.get(&contact).copied()
    }

    fn person(&self, contact: ContactIndex) -> Option<&'a Person> {
        self.context.contacts.get(&self.id(contact)?)
    }

    /// The name, else the external id.
    pub(super) fn name(&self, contact: ContactIndex) -> &'a str {
        let name = self.person(contact).map(|person| person.name.trim()).filter(|name| !name.is_empty());
        name.unwrap_or_else(|| self.rows.contacts.get(contact as usize).map_or("somebody", |contact| contact.external_id.as_str()))
    }

    /// The name of a contact by id.
    pub(super) fn name_of(&self, contact: ContactId) -> &'a str {
        self.place(contact).map_or("somebody", |place| self.name(place))
    }

    /// How they like to be reached.
    pub(super) fn preference(&self, contact: ContactIndex) -> Option<&'a str> {
        self.person(contact)?.communication_preference.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }
}

/// Whom to approach first where there is no primary sponsor, with the reason ([`crate::sponsor::Sponsors::first_to_approach`]).
pub(super) fn approach(sources: &Sources<'_>) -> Option<Approach> {
    let Sources { rows, touches, sponsors, people, .. } = sources;
    if sponsors.primary.is_some() {
        return None;
    }
    let Some(first) = sponsors.first_to_approach(rows, touches) else {
        return Some(Approach { contact: None, reason: "No contact of theirs is known.".to_owned() });
    };
    let standing = || {
        let executive = sponsors.executives.iter().find(|executive| executive.contact == first.contact);
        let last =
            executive.and_then(|executive| executive.last_contact_on).map_or_else(String::new, |day| format!(", last contact on {day}"));
        format!("{}{last}", executive.map_or_else(String::new, level_and_score))
    };
    let in_touch = || {
        let touch = touches.get(first.contact as usize).copied().unwrap_or_default();
        let last = touch.last_touch_on.map_or_else(String::new, |day| format!(", the last on {day}"));
        format!("{} in the window{last}", count(touch.touches, "touch"))
    };
    let reason = match first.because {
        Because::EngagedBackup => format!("The backup sponsor: {}.", standing()),
        Because::ClosestExecutive => format!("The executive who stands closest to us: {}.", standing()),
        Because::SeniorInTouch => format!("The most engaged senior contact: {}.", in_touch()),
        Because::Unmet => "An executive of theirs whom nobody has met yet.".to_owned(),
        Because::InTouch => format!("The most engaged contact: {}.", in_touch()),
    };
    Some(Approach { contact: people.id(first.contact), reason })
}
