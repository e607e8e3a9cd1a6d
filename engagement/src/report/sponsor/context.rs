//! What a sponsor report shows besides scores: names, texts, plans. `service` fills it; nothing in it changes a score.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::sponsor::{Goal, Metric};
use crate::vocabulary::id::{ContactId, InteractionId};
use crate::vocabulary::{Alignment, Certainty, InteractionKind, OrgChangeKind, OutcomeKind, Purpose};

/// Everything that is not in the rows of scoring.
#[derive(Debug, Clone, Default)]
pub struct SponsorContext {
    /// The account's name.
    pub account: String,
    /// How contacts are shown, by id; who is missing is shown by external id.
    pub contacts: HashMap<ContactId, Person>,
    /// Texts of interactions of the trailing year, by id.
    pub interactions: HashMap<InteractionId, InteractionText>,
    /// The customer's goals.
    pub goals: Vec<Goal>,
    /// The latest observation of each metric, on or before the day of the report.
    pub metrics: Vec<Metric>,
    /// Organisational changes, in any order; those after the day of the report are left out by it.
    pub org_changes: Vec<OrgChange>,
    /// Our initiatives and their priorities, as they stand.
    pub initiatives: Vec<Initiative>,
    /// The contract.
    pub contract: Contract,
    /// How contracts of the account turned out; looked at only where it is no customer any more.
    pub outcomes: Vec<Outcome>,
    /// Interactions that are SCHEDULED; those before the instant of the report are left out by it.
    pub scheduled: Vec<Scheduled>,
    /// Open plans of outreach; likewise.
    pub planned: Vec<PlannedOutreach>,
    /// The last day for which data has come in.
    pub data_through: Option<NaiveDate>,
    /// Hash of the policy in force.
    pub policy_hash: String,
}

/// How a contact is shown.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Title.
    pub title: Option<String>,
    /// How they like to be reached, as imported.
    pub communication_preference: Option<String>,
    /// What matters to them.
    pub priorities: Vec<String>,
}

/// What was said.
#[derive(Debug, Clone, Default)]
pub struct InteractionText {
    /// Subject.
    pub subject: Option<String>,
    /// Topics.
    pub topics: Vec<String>,
    /// Outcome.
    pub outcome: Option<String>,
}

/// An initiative of ours beside a priority of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initiative {
    pub initiative: String,
    /// Theirs, where known.
    pub their_priority: Option<String>,
    /// How well the two fit.
    pub alignment: Alignment,
}

/// A change in the customer's organisation.
#[derive(Debug, Clone)]
pub struct OrgChange {
    /// What kind.
    pub kind: OrgChangeKind,
    /// When it was observed.
    pub observed_on: NaiveDate,
    /// Whom it is about.
    pub contact: Option<ContactId>,
    /// One line.
    pub summary: String,
    /// Whether it is sure.
    pub certainty: Certainty,
    /// What a person wrote about what it means.
    pub impact: Option<String>,
    /// Whether a person has looked at it.
    pub reviewed: bool,
}

/// The contract.
#[derive(Debug, Clone, Default)]
pub struct Contract {
    /// First day.
    pub start: Option<NaiveDate>,
    /// The day it renews.
    pub renewal_on: Option<NaiveDate>,
    /// Annual recurring revenue with its currency, as it is shown.
    pub arr: Option<String>,
}

/// How a contract turned out.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What became of it.
    pub kind: OutcomeKind,
    /// The day it became known, in the organisation's zone.
    pub on: NaiveDate,
    /// Annual recurring revenue before, as it is shown.
    pub arr_before: Option<String>,
    /// After.
    pub arr_after: Option<String>,
}

/// An interaction that stands in the calendar.
#[derive(Debug, Clone)]
pub struct Scheduled {
    /// Kind.
    pub kind: InteractionKind,
    pub at: DateTime<Utc>,
    /// Subject.
    pub subject: Option<String>,
    /// What it is for, where classified.
    pub purpose: Option<Purpose>,
    /// The customer's people on it.
    pub contacts: Vec<ContactId>,
    /// Name of who leads it on our side.
    pub owner: Option<String>,
}

/// An open plan to reach out.
#[derive(Debug, Clone)]
pub struct PlannedOutreach {
    /// To whom.
    pub contact: ContactId,
    /// By which kind.
    pub kind: InteractionKind,
    /// What for.
    pub purpose: Purpose,
    pub at: DateTime<Utc>,
    /// Subject.
    pub subject: String,
    /// Name of who planned it.
    pub planned_by: Option<String>,
}
