//! What people do with an alert: take it up, put it off, be done with it. Pure transitions with typed refusals; who did it
//! and what they said is written beside the result by `service`.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::record::Alert;
use crate::policy::AlertPolicy;
use crate::vocabulary::{AlertStatus, Disposition};

/// Why something cannot be done to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// Somebody, or the end of its cause, was faster: a conflict.
    #[error("the alert is already resolved")]
    AlreadyResolved,
    /// A snooze ends on a later day than today: bad input.
    #[error("`until` is {until}, which is not after today ({today})")]
    SnoozeIntoThePast {
        /// The day that was asked for.
        until: NaiveDate,
        /// The day it is.
        today: NaiveDate,
    },
}

impl Alert {
    /// Takes the alert up: it stays in the lists, the ladder ends. A snooze ends with it. Doing it twice changes nothing.
    ///
    /// # Errors
    /// Where it is resolved already.
    pub fn acknowledge(&self, at: DateTime<Utc>) -> Result<Self, ActionError> {
        self.refuse_resolved()?;
        if self.status == AlertStatus::Acknowledged {
            return Ok(self.clone());
        }
        Ok(Self {
            status: AlertStatus::Acknowledged,
            acknowledged_at: Some(at),
            snoozed_until: None,
            ..self.clone()
        })
    }

    /// Puts the alert off until a day, on which it is open again. One that is put off already gets the new day.
    ///
    /// # Errors
    /// Where it is resolved already, or the day is not after today.
    pub fn snooze(&self, until: NaiveDate, today: NaiveDate) -> Result<Self, ActionError> {
        self.refuse_resolved()?;
        if until <= today {
            return Err(ActionError::SnoozeIntoThePast { until, today });
        }
        Ok(Self {
            status: AlertStatus::Snoozed,
            snoozed_until: Some(until),
            ..self.clone()
        })
    }

    /// Ends the alert by hand. NOISE also mutes its key from today on for the days that the policy says.
    ///
    /// # Errors
    /// Where it is resolved already.
    pub fn resolve(
        &self,
        disposition: Disposition,
        at: DateTime<Utc>,
        today: NaiveDate,
        policy: &AlertPolicy,
    ) -> Result<Self, ActionError> {
        self.refuse_resolved()?;
        let muted_until = today.checked_add_days(Days::new(u64::from(policy.mute_days)));
        Ok(Self {
            status: AlertStatus::Resolved,
            snoozed_until: None,
            resolved_at: Some(at),
            disposition: Some(disposition),
            muted_until: muted_until.filter(|_| disposition == Disposition::Noise),
            cleared_since: false,
            ..self.clone()
        })
    }

    fn refuse_resolved(&self) -> Result<(), ActionError> {
        if self.is_unresolved() {
            Ok(())
        } else {
            Err(ActionError::AlreadyResolved)
        }
    }
}
