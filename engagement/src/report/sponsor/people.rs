//! Names for contacts, and whom to approach where there is no sponsor.

use std::collections::HashMap;

use super::context::{Person, SponsorContext};
use crate::row::{AccountRows, ContactIndex};
use crate::vocabulary::id::ContactId;

/// The contacts of an account with their names.
pub(super) struct People<'a> {
    rows: &'a AccountRows,
    context: &'a SponsorContext,
    places: HashMap<ContactId, ContactIndex>,
}

impl<'a> People<'a> {
    pub(super) fn new(rows: &'a AccountRows, context: &'a SponsorContext) -> Self {
        let places = (0..)
            .zip(&rows.contacts)
            .map(|(place, contact)| (contact.id, place))
            .collect();
        Self {
            rows,
            context,
            places,
        }
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
        let name = self
            .person(contact)
            .map(|person| person.name.trim())
            .filter(|name| !name.is_empty());
        name.unwrap_or_else(|| {
            self.rows
                .contacts
                .get(contact as usize)
                .map_or("somebody", |contact| contact.external_id.as_str())
        })
    }

    /// The name of a contact by id.
    pub(super) fn name_of(&self, contact: ContactId) -> &'a str {
        self.place(contact).map_or("somebody", |place| self.name(place))
    }

    /// How they like to be reached.
    pub(super) fn preference(&self, contact: ContactIndex) -> Option<&'a str> {
        self.person(contact)?
            .communication_preference
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }
}
