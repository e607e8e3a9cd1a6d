//! Who could follow a sponsor who left, and what is at stake: written down when the alert opens, because it is what people
//! decide on in the hours after, and what the account looks like a week later is another matter.

use chrono::NaiveDate;
use engagement::guardrail::sponsor_departure::SuccessionPicture;
use engagement::id::ContactId;
use engagement::standing::Standing;
use engagement::vocabulary::{OrgChangeSource, Pattern};
use serde::{Deserialize, Serialize};

use crate::money::Money;

/// The picture at the moment a sponsor's departure became known. Ids and numbers, no names: a person who is erased later
/// is not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Succession {
    /// Who left, and who could follow.
    pub picture: SuccessionPicture,
    /// How it is known; absent where the contact was set to departed.
    pub source: Option<OrgChangeSource>,
    /// What is at stake.
    pub stakes: Stakes,
    /// What was to be thought of the account; absent in a picture that an earlier version drew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// The rounded score.
    pub overall: Option<i32>,
    /// Its pattern.
    pub pattern: Option<Pattern>,
    /// Other alerts of the account that were not resolved.
    pub open_alerts: u32,
}

/// The contract with an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stakes {
    /// Annual recurring revenue, in minor units.
    pub arr_minor: Option<i64>,
    /// Its currency.
    pub currency: Option<String>,
    /// When the contract is to be renewed.
    pub renewal_on: Option<NaiveDate>,
}

impl Stakes {
    /// Annual recurring revenue.
    pub fn arr(&self) -> Option<Money> {
        self.arr_minor
            .map(|minor| Money::new(minor, self.currency.clone()))
    }
}

impl Succession {
    /// Everybody in the picture, or in a reason.
    pub(crate) fn people(&self) -> Vec<ContactId> {
        let SuccessionPicture {
            departed,
            sponsors,
            executives,
            first,
            ..
        } = &self.picture;
        let successors = sponsors
            .iter()
            .chain(executives)
            .map(|successor| successor.contact);
        let reasons = self
            .standing
            .iter()
            .flat_map(|standing| &standing.reasons)
            .filter_map(|reason| reason.contact);
        std::iter::once(*departed)
            .chain(*first)
            .chain(successors)
            .chain(reasons)
            .collect()
    }
}
