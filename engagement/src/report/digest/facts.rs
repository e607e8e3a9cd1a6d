//! Who a digest is for, and what it is made from.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::account::AccountFacts;
use crate::policy::Policy;
use crate::report::named::PersonName;
use crate::schedule::digest::Week;
use crate::vocabulary::id::ContactId;

/// Who a digest is for, what they are told of, and since when.
#[derive(Debug, Clone, Copy)]
pub struct DigestFacts<'a> {
    /// How to address them.
    pub reader: &'a str,
    /// The week.
    pub week: Week,
    /// Today, in the organisation's zone.
    pub day: NaiveDate,
    /// The reader's own zone.
    pub zone: Tz,
    /// The day on which they were told last; a week ago for the first digest.
    pub since: NaiveDate,
    /// That instant: alerts that opened later are new.
    pub since_at: DateTime<Utc>,
    /// The accounts they look after, and those of their people; each once.
    pub accounts: &'a [&'a AccountFacts],
    /// Those who report to them and look after accounts, or lead others who do.
    pub people: &'a [PersonFacts<'a>],
    /// Names of the executives whose touch is due, and of whom the reasons of a standing are about.
    pub names: &'a HashMap<ContactId, PersonName>,
    /// The first day on which a touch of an executive is planned already.
    pub planned: &'a HashMap<ContactId, NaiveDate>,
    /// The policy in force.
    pub policy: &'a Policy,
}

/// Somebody who reports to the reader.
#[derive(Debug, Clone)]
pub struct PersonFacts<'a> {
    /// Their name.
    pub name: &'a str,
    /// The accounts that they and their own people look after.
    pub accounts: Vec<&'a AccountFacts>,
}
