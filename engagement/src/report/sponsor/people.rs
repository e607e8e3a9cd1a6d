//! Names for contacts, and whom to approach where there is no sponsor.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::{Approach, Person, Sources, SponsorContext};
use crate::id::ContactId;
use crate::markdown::count;
use crate::row::{AccountRows, ContactIndex};
use crate::vocabulary::{EngagementLevel, Seniority};

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

/// Whom to approach where there is no primary sponsor: the executive of the best level, then of the latest contact; where
/// no executive has ever been in contact, the director or manager who is in touch most; then an executive nobody has met;
/// then whoever is in touch most. Nothing where there is a primary sponsor.
pub(super) fn approach(sources: &Sources<'_>) -> Option<Approach> {
    if sources.sponsors.primary.is_some() {
        return None;
    }
    let executives = &sources.sponsors.executives;
    let met = executives
        .iter()
        .filter(|executive| executive.level != EngagementLevel::Unknown)
        .min_by_key(|executive| (executive.level, Reverse(executive.last_contact_on), Reverse(executive.score)));
    let found = match met {
        Some(executive) => {
            let last = executive.last_contact_on.map_or_else(String::new, |day| format!(", last contact on {day}"));
            let level = super::factor::level_word(executive.level);
            Some((executive.contact, format!("The best placed executive: {level}, {} of 100{last}.", executive.score)))
        }
        None => in_touch(sources, true)
            .or_else(|| executives.first().map(|e| (e.contact, "An executive of theirs whom nobody has met yet.".to_owned())))
            .or_else(|| in_touch(sources, false)),
    };
    let nobody = || (None, "No contact of theirs is known.".to_owned());
    let (contact, reason) = found.map_or_else(nobody, |(contact, reason)| (sources.people.id(contact), reason));
    Some(Approach { contact, reason })
}

/// The contact who is in touch most, of the senior ones or of all.
fn in_touch(sources: &Sources<'_>, senior: bool) -> Option<(ContactIndex, String)> {
    let Sources { rows, touches, .. } = sources;
    let is_senior = |seniority: Option<Seniority>| matches!(seniority, Some(Seniority::Director | Seniority::Manager));
    let candidates = (0..)
        .zip(rows.contacts.iter().zip(touches.iter()))
        .filter(|(_, (contact, touch))| !touch.departed && touch.last_touch_on.is_some() && (!senior || is_senior(contact.seniority)));
    let (place, (_, touch)) = candidates.min_by_key(|(_, (contact, touch))| {
        (Reverse(touch.touches), Reverse(touch.last_touch_on), contact.seniority.is_none(), contact.seniority, contact.external_id.as_str())
    })?;
    let rank = if senior { "The most engaged senior contact" } else { "The most engaged contact" };
    let touches = count(touch.touches, "touch");
    let last = touch.last_touch_on.map_or_else(String::new, |day| format!(", the last on {day}"));
    Some((place, format!("{rank}: {touches} in the window{last}.")))
}
