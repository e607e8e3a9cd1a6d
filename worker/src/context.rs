//! What a job may use: everything it knows comes from here, so that a test can hand it a clock that it sets.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engagement::email_address::EmailAddress;
use engagement::policy::Policy;
use service::clock::Clock;
use service::db::Db;
use service::db::shared_clock::measure;
use service::error::ServiceError;
use service::monitoring::Meters;
use service::settings::Settings;

use crate::pulse::Pulse;

/// What a job may use.
#[derive(Debug, Clone)]
pub struct Context {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// The organisation's zone.
    pub zone: Tz,
    /// The policy in force.
    pub policy: Arc<Policy>,
    /// Extra addresses for escalations.
    pub escalation_to: Arc<[EmailAddress]>,
    /// Since when there is something to do: slots before it are owed by nobody.
    pub installed_at: DateTime<Utc>,
    /// The name under which the ledger knows this worker.
    pub worker: Arc<str>,
    /// Where its loops say that they are alive.
    pub pulse: Pulse,
    /// Where what it does is counted.
    pub meters: Meters,
}

impl Context {
    /// What the organisation has set.
    pub fn settings(&self) -> Settings {
        Settings {
            policy: Arc::clone(&self.policy),
            zone: self.zone,
            escalation_to: Arc::clone(&self.escalation_to),
        }
    }

    /// What time it is by the clock that all workers share: whose slot has come, it says.
    pub(crate) async fn shared_now(&self) -> Result<DateTime<Utc>, ServiceError> {
        let ahead = measure(&self.db, &self.clock).await?;
        Ok(self.clock.now() - ahead)
    }
}
