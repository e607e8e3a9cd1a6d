//! What the report shows besides numbers: names, and where the numbers come from. Whoever shows the report knows them.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::recommendation::People;
use crate::vocabulary::InteractionKind;
use crate::vocabulary::id::InteractionId;

/// One point of the account's history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryPoint {
    /// The day.
    pub day: NaiveDate,
    /// The stored overall score, rounded.
    pub overall: Option<i32>,
    /// The stored pattern.
    pub pattern: Option<crate::vocabulary::Pattern>,
    /// It was made by the definitions and the policy of this report; false: it means something else.
    pub comparable: bool,
}

/// One row behind a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignRow {
    /// The day it took place, in the organisation's zone.
    pub on: NaiveDate,
    /// What kind.
    pub kind: InteractionKind,
    /// What it was about.
    pub subject: Option<String>,
}

/// What a report shows besides numbers: names, and where the numbers come from.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// The account's name.
    pub account: String,
    /// Who is who.
    pub people: People,
    /// The newest rows behind the signs, by id.
    pub rows: HashMap<InteractionId, SignRow>,
    /// The last day for which data has come in.
    pub data_through: Option<NaiveDate>,
    /// Hash of the policy in force.
    pub policy_hash: String,
    /// Stored scores, oldest first.
    pub history: Vec<HistoryPoint>,
}
