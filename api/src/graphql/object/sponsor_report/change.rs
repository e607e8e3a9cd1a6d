//! What changed: in the organisation of the customer, and in the levels of its executives.

use async_graphql::{ComplexObject, Context, Error, Object, SimpleObject};
use engagement::id::ContactId;
use engagement::report::sponsor::RecentChange;
use engagement::vocabulary::{Certainty, EngagementLevel, LevelRule, OrgChangeKind};
use service::scoring::sponsor_level::ToldChange;

use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::ContactById;
use crate::graphql::object::contact::Contact;
use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::time::Date;

connection!(
    SponsorLevelChangeConnection,
    SponsorLevelChangeEdge,
    SponsorLevelChange,
    "changes of levels"
);

/// A change in the customer's organisation, with what it means for us.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct RecentOrgChange {
    #[graphql(skip)]
    contact_id: Option<ContactId>,
    /// One line.
    summary: String,
    /// What kind.
    kind: OrgChangeKind,
    /// The day it was observed.
    observed_on: Date,
    /// Whether it is sure.
    certainty: Certainty,
    /// What it means for us: as a person wrote, else what the rows say.
    impact: String,
    /// A person has looked at it.
    reviewed: bool,
}

#[ComplexObject]
impl RecentOrgChange {
    /// Whom it is about; null where that is nobody in particular.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.contact_id?)).await
    }
}

impl From<&RecentChange> for RecentOrgChange {
    fn from(change: &RecentChange) -> Self {
        Self {
            contact_id: change.contact,
            summary: change.summary.clone(),
            kind: change.kind,
            observed_on: Date(change.observed_on),
            certainty: change.certainty,
            impact: change.impact.clone(),
            reviewed: change.reviewed,
        }
    }
}

/// A change of an executive's level, as it was stored.
#[derive(Clone)]
pub struct SponsorLevelChange(pub ToldChange);

/// A change of an executive's level, as it was stored.
#[Object]
impl SponsorLevelChange {
    /// Whose; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.0.change.contact)).await
    }

    /// The first day of the level.
    async fn on(&self) -> Date {
        Date(self.0.change.day)
    }

    /// The level from then on.
    async fn level(&self) -> EngagementLevel {
        self.0.change.level
    }

    /// The level before; null for the first.
    async fn previous_level(&self) -> Option<EngagementLevel> {
        self.0.change.previous
    }

    /// Their score from 0 to 100 on that day.
    async fn score(&self) -> i32 {
        self.0.change.score
    }

    /// The rule that decided.
    async fn cause(&self) -> LevelRule {
        self.0.change.cause
    }

    /// The level and the one before are of the definitions of today and the policy in force; false: the change may be theirs, and not
    /// the executive's.
    async fn comparable(&self) -> bool {
        self.0.comparable
    }
}
