//! What is known when a sponsor has left, and how people and days are called in the mail about it.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::guardrail::sponsor_departure::{SuccessionPicture, Successor};
use crate::report::named::{NamedAccount, PersonName};
use crate::row::renewal::days_to_renewal;
use crate::standing::Standing;
use crate::vocabulary::id::{AlertId, ContactId};
use crate::vocabulary::money::Money;
use crate::vocabulary::{OrgChangeSource, Pattern, Severity};

/// What is known when a sponsor has left.
#[derive(Debug, Clone)]
pub struct DepartureFacts<'a> {
    /// The alert of the departure.
    pub alert: AlertId,
    pub account: NamedAccount,
    /// Who could follow, as it was when the departure became known.
    pub picture: &'a SuccessionPicture,
    /// Names of everybody in the picture.
    pub names: &'a HashMap<ContactId, PersonName>,
    /// How it is known; absent where the contact was set to departed.
    pub source: Option<OrgChangeSource>,
    /// Who wrote it down, by name; absent where it was imported, or they are gone.
    pub recorded_by: Option<&'a str>,
    /// What was written down about it.
    pub summary: Option<&'a str>,
    /// Revenue a year.
    pub arr: Option<Money>,
    /// When the contract is to be renewed.
    pub renewal_on: Option<NaiveDate>,
    /// What was to be thought of the account, where that is known; its names are in `names`.
    pub standing: Option<&'a Standing>,
    /// The rounded score.
    pub overall: Option<i32>,
    /// Its pattern.
    pub pattern: Option<Pattern>,
    /// Other alerts of the account that are open or acknowledged, the worst first.
    pub alerts: &'a [(Severity, String)],
    /// Today, in the organisation's zone.
    pub day: NaiveDate,
    /// Everybody whom it is sent to, by name or address.
    pub told: Vec<String>,
}

impl DepartureFacts<'_> {
    pub(super) fn name(&self, contact: ContactId) -> String {
        self.names
            .get(&contact)
            .map_or_else(|| "An erased contact".to_owned(), |known| known.name.clone())
    }

    /// Name and title.
    pub(super) fn person(&self, contact: ContactId) -> String {
        let title = self.names.get(&contact).and_then(|known| known.title.as_ref());
        title.map_or_else(
            || self.name(contact),
            |title| format!("{} ({title})", self.name(contact)),
        )
    }

    /// Days until the renewal, where that is not past.
    pub(super) fn days_to_renewal(&self) -> Option<i64> {
        days_to_renewal(self.renewal_on, self.day)
    }
}

pub(super) fn last_contact(successor: &Successor) -> String {
    successor.last_contact_on.map_or_else(
        || "never in contact".to_owned(),
        |day| format!("last contact on {}", long_day(day)),
    )
}

pub(super) fn long_day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}
