//! What was at stake and who could follow when a sponsor left, as it was known then.
//!
//! An alert keeps this picture: later rows change nothing of it.

use async_graphql::{Context, Error, Object};
use engagement::guardrail::sponsor_departure::Successor as Candidate;
use engagement::vocabulary::{EngagementLevel, OrgChangeSource, Pattern, SponsorRank};

use super::contact::Contact;
use crate::graphql::bounds::limits;
use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::ContactById;
use crate::graphql::scalar::money::Money;
use crate::graphql::scalar::time::Date;

/// What was at stake and who could follow when a sponsor left.
pub struct DepartureSuccession(pub service::alert::Succession);

/// What was at stake and who could follow when a sponsor left.
#[Object]
impl DepartureSuccession {
    /// What they were.
    async fn rank(&self) -> SponsorRank {
        self.0.picture.rank
    }

    /// The day they left.
    async fn left_on(&self) -> Date {
        Date(self.0.picture.left_on)
    }

    /// How it is known; null where the contact was set to departed.
    async fn source(&self) -> Option<OrgChangeSource> {
        self.0.source
    }

    /// Annual recurring revenue.
    async fn arr(&self) -> Option<Money> {
        self.0.stakes.arr().as_ref().map(Money::from)
    }

    /// The day the contract was to renew.
    async fn renewal_date(&self) -> Option<Date> {
        self.0.stakes.renewal_on.map(Date)
    }

    /// The score.
    async fn overall(&self) -> Option<i32> {
        self.0.overall
    }

    /// Its pattern.
    async fn pattern(&self) -> Option<Pattern> {
        self.0.pattern
    }

    /// Other alerts that were not resolved.
    async fn open_alerts(&self) -> u32 {
        self.0.open_alerts
    }

    /// Whoever still sponsored us: the primary sponsor first, then the backups; at most 20.
    async fn sponsors(&self) -> Vec<DepartureSuccessor> {
        limits::SUCCESSOR_SPONSORS.cut(self.0.picture.sponsors.iter().cloned().map(DepartureSuccessor))
    }

    /// How many still sponsored us, also beyond the 20 of `sponsors`.
    async fn sponsors_count(&self) -> usize {
        self.0.picture.sponsors.len()
    }

    /// Whom to approach first; null while there is a primary sponsor, where nobody is known, or when the contact has been removed.
    async fn first(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        let contact = self.0.picture.first_to_approach()?;
        load_one(ctx, ContactById(contact)).await
    }

    /// Other executives, whom to approach first at the front, at most five.
    async fn executives(&self) -> Vec<DepartureSuccessor> {
        limits::SUCCESSOR_EXECUTIVES.cut(self.0.picture.executives.iter().cloned().map(DepartureSuccessor))
    }
}

/// Somebody who could follow a sponsor who left, as they were then.
pub struct DepartureSuccessor(Candidate);

/// Somebody who could follow a sponsor who left, as they were then.
#[Object]
impl DepartureSuccessor {
    /// Who; null when the contact has been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.0.contact)).await
    }

    /// What they were; null for somebody who did not sponsor us.
    async fn rank(&self) -> Option<SponsorRank> {
        self.0.rank
    }

    /// How engaged they were.
    async fn level(&self) -> EngagementLevel {
        self.0.level
    }

    /// Their score from 0 to 100.
    async fn score(&self) -> i32 {
        self.0.score
    }

    /// The day of their last executive contact.
    async fn last_contact_on(&self) -> Option<Date> {
        self.0.last_contact_on.map(Date)
    }
}
