//! What every request may use: made once by the caller, shared by all workers, never global.

use std::sync::Arc;

use chrono_tz::Tz;
use engagement::email_address::EmailAddress;
use engagement::policy::Policy;
use service::clock::Clock;
use service::db::Db;
use service::link::SigningKey;
use service::monitoring::Monitor;
use service::settings::Settings;

use crate::engine::Engine;

/// What the service needs to answer.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// What scores are computed with.
    pub policy: Arc<Policy>,
    /// The policy's hash, as reports show it.
    pub policy_hash: String,
    /// The organisation's zone: on which day an instant falls.
    pub zone: Tz,
    /// Extra addresses for escalations.
    pub escalation_to: Arc<[EmailAddress]>,
    /// Under which address the service is reached, without a slash at the end.
    pub public_url: String,
    /// Answers for this process, and what it counts goes there.
    pub monitor: Monitor,
    /// Where the user's own frontend shows an account; `{external_id}` stands for its external id.
    pub account_url: Option<String>,
    /// What the links in mails are signed with.
    pub link_key: SigningKey,
    /// Executes requests.
    pub engine: Engine,
}

impl AppState {
    /// What the organisation has set.
    pub fn settings(&self) -> Settings {
        Settings {
            policy: Arc::clone(&self.policy),
            zone: self.zone,
            escalation_to: Arc::clone(&self.escalation_to),
        }
    }
}
