//! The engagement of an account that has changed: what it is now, beside what was shown before.

use async_graphql::Object;
use engagement::vocabulary::{Pattern, StandingState};
use service::scoring::assessment::Shown;

use super::account::Account;
use super::account_engagement::AccountEngagement;

/// The engagement of an account that has changed.
pub struct EngagementChange {
    /// The account.
    pub account: Account,
    /// Its engagement now.
    pub engagement: AccountEngagement,
    /// What was shown before; nothing where there is nothing to compare with.
    pub before: Option<Shown>,
}

/// The engagement of an account that has changed.
#[Object]
impl EngagementChange {
    /// The account.
    async fn account(&self) -> &Account {
        &self.account
    }

    /// Its engagement now.
    async fn engagement(&self) -> &AccountEngagement {
        &self.engagement
    }

    /// The score that was shown before; null where there was none, or none by the same definitions and policy.
    async fn overall_before(&self) -> Option<i32> {
        self.before.and_then(|shown| shown.overall)
    }

    /// Its pattern before; null as `overallBefore`.
    async fn pattern_before(&self) -> Option<Pattern> {
        self.before.and_then(|shown| shown.pattern)
    }

    /// The account's standing before; null as `overallBefore`.
    async fn standing_before(&self) -> Option<StandingState> {
        self.before.and_then(|shown| shown.standing)
    }

    /// Whether the account's standing is another one.
    async fn standing_changed(&self) -> bool {
        let now = self.engagement.0.standing.as_ref().map(|standing| standing.state);
        self.before.and_then(|shown| shown.standing) != now
    }
}
