//! Puts rows that arrive table by table into one [`AccountRows`] per account, and contacts into their places.

use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::row::{
    Account, AccountRows, BookedTouch, ConfirmedChange, Contact, ContactIndex, FeatureIndex, Interaction,
    Sponsorship, Usage,
};
use engagement::vocabulary::{Alignment, InteractionKind};
use engagement::windows::Windows;
use uuid::Uuid;

use super::organisation::Organisation;
use crate::clock::instant;
use crate::error::ServiceError;

/// The rows of a batch while they are being read.
pub(super) struct Assembly<'a> {
    organisation: &'a Organisation,
    windows: &'a Windows,
    accounts: Vec<Slot>,
    places: HashMap<Uuid, usize>,
}

/// One account and where its contacts stand.
pub(super) struct Slot {
    rows: AccountRows,
    /// Sorted: accounts have few contacts, and a search among few beats a hash of each.
    contacts: Vec<(Uuid, ContactIndex)>,
    sorted: bool,
}

impl<'a> Assembly<'a> {
    pub(super) fn new(accounts: Vec<Account>, organisation: &'a Organisation, windows: &'a Windows) -> Self {
        let places = accounts
            .iter()
            .enumerate()
            .map(|(at, account)| (account.id.uuid(), at))
            .collect();
        let accounts = accounts.into_iter().map(Slot::new).collect();
        Self {
            organisation,
            windows,
            accounts,
            places,
        }
    }

    /// The account's place; none for an account that came in between two statements.
    pub(super) fn slot(&mut self, account: Uuid) -> Option<&mut Slot> {
        let at = *self.places.get(&account)?;
        self.accounts.get_mut(at)
    }

    /// The place of a feature; none for one that was first used after the run began.
    pub(super) fn feature(&self, key: &str) -> Option<FeatureIndex> {
        self.organisation.places.get(key).copied()
    }

    /// A touch that lies ahead, at an instant in microseconds since 1970, placed on its day.
    pub(super) fn add_booked(&mut self, account: Uuid, contact: Uuid, kind: InteractionKind, at: i64) {
        let on = self.windows.day_of(instant(at));
        let Some(slot) = self.slot(account) else { return };
        if let Some(contact) = slot.contact(contact) {
            slot.rows.booked.push(BookedTouch { on, contact, kind });
        }
    }

    /// A view of the features, to be used while an account's place is borrowed.
    pub(super) fn features(&self) -> &'a HashMap<String, FeatureIndex> {
        &self.organisation.places
    }

    pub(super) fn into_rows(self) -> Vec<AccountRows> {
        self.accounts.into_iter().map(|slot| slot.rows).collect()
    }
}

impl Slot {
    fn new(account: Account) -> Self {
        let rows = AccountRows {
            account,
            contacts: Vec::new(),
            sponsorships: Vec::new(),
            interactions: Vec::new(),
            usage: Vec::new(),
            first_usage_days: Vec::new(),
            initiatives: Vec::new(),
            changes: Vec::new(),
            booked: Vec::new(),
            year_ago_usage: None,
            other_year_ago_usage: None,
            contact_feed_silent: false,
        };
        Self {
            rows,
            contacts: Vec::new(),
            sorted: false,
        }
    }

    /// All contacts come before what refers to them.
    pub(super) fn add_contact(&mut self, contact: Contact) {
        self.contacts
            .push((contact.id.uuid(), self.rows.contacts.len() as ContactIndex));
        self.rows.contacts.push(contact);
        self.sorted = false;
    }

    pub(super) fn add_sponsorship(&mut self, sponsorship: Sponsorship) {
        self.rows.sponsorships.push(sponsorship);
    }

    pub(super) fn add_initiative(&mut self, alignment: Alignment) {
        self.rows.initiatives.push(alignment);
    }

    pub(super) fn add_change(&mut self, change: ConfirmedChange) {
        self.rows.changes.push(change);
    }

    pub(super) fn add_interaction(&mut self, interaction: Interaction) {
        self.rows.interactions.push(interaction);
    }

    pub(super) fn add_usage(&mut self, usage: Usage) {
        self.rows.usage.push(usage);
    }

    pub(super) fn add_first_usage_day(&mut self, day: NaiveDate) {
        self.rows.first_usage_days.push(day);
    }

    /// The place of a contact; none for one that came in between two statements.
    pub(super) fn contact(&mut self, id: Uuid) -> Option<ContactIndex> {
        if !self.sorted {
            self.contacts.sort_unstable();
            self.sorted = true;
        }
        let at = self.contacts.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.contacts.get(at).map(|(_, index)| *index)
    }
}

/// A value that could not be read.
pub(super) fn unreadable(table: &'static str, column: &'static str, value: &str) -> ServiceError {
    ServiceError::Stored {
        table,
        column,
        value: value.chars().take(80).collect(),
    }
}
