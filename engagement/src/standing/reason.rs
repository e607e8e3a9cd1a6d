//! Why to worry about an account, as codes and parameters.
//!
//! A reason is stored with each assessment and told later without the rows, so its fields keep their names.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::row::windows::Windows;
use crate::vocabulary::id::ContactId;
use crate::vocabulary::{OrgChangeKind, Severity, Signal, StandingReason};

/// One reason, as codes and parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Which reason.
    pub reason: StandingReason,
    /// The day it happened or is counted from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<NaiveDate>,
    /// Who it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// The organisational change behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<OrgChangeKind>,
    /// The number it is about: days since, points, people, meetings, per 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<f64>,
    /// What that number is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<f64>,
    /// The signals behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<(Signal, Severity)>,
}

impl Reason {
    pub(super) fn about(reason: StandingReason) -> Self {
        Self {
            reason,
            on: None,
            contact: None,
            change: None,
            number: None,
            against: None,
            signals: Vec::new(),
        }
    }

    /// A reason that happened on a day; its number is the days since.
    pub(super) fn on(reason: StandingReason, day: NaiveDate, windows: &Windows) -> Self {
        Self {
            on: Some(day),
            number: Some(windows.days_since(day) as f64),
            ..Self::about(reason)
        }
    }
}

/// How many reasons people are shown.
pub const SHOWN_REASONS: usize = 3;
