//! What the organisation has set, as far as the work on its rows needs it: how to score, which day it is, and whom to tell
//! when nobody else listens.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use engagement::email_address::EmailAddress;
use engagement::policy::Policy;
use engagement::windows::{Windows, day_of};

/// What the organisation has set; cheap to clone.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What scores are computed and alerts are judged with.
    pub policy: Arc<Policy>,
    /// The organisation's zone.
    pub zone: Tz,
    /// Extra addresses for escalations.
    pub escalation_to: Arc<[EmailAddress]>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy: Arc::new(Policy::default()),
            zone: Tz::UTC,
            escalation_to: Arc::from([]),
        }
    }
}

impl Settings {
    /// Settings without extra addresses.
    pub fn new(policy: Policy, zone: Tz) -> Self {
        Self {
            policy: Arc::new(policy),
            zone,
            ..Self::default()
        }
    }

    /// The day it is.
    pub fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        day_of(at, self.zone)
    }

    /// The windows of the standard period for an evaluation.
    pub fn windows(&self, ending_on: NaiveDate, as_of: DateTime<Utc>) -> Windows {
        Windows::new(ending_on, as_of, self.zone, self.policy.standard_period)
    }
}
