//! What subscribers are told of: an event names what changed, and shows nothing of it.

use engagement::id::{AccountId, AlertId};
use service::scoring::assessment::Shown;

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// An alert opened, came back, or became worse.
    AlertRaised(AlertId),
    /// The score that is shown for an account, its pattern, or the account's standing is another one.
    EngagementChanged {
        account: AccountId,
        /// What was shown before; nothing for an account that had no score.
        before: Option<Shown>,
    },
}
