//! Who follows the primary sponsor, whom to approach where there is none, and what an account would be without each of its people.

use async_graphql::{ComplexObject, Context, Error, Object, SimpleObject};
use engagement::id::ContactId;
use engagement::report::sponsor::{Approach, Backup, LeaverLine, SuccessionSummary};
use engagement::vocabulary::{EngagementLevel, RiskLevel};

use crate::graphql::bounds::limits;
use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::ContactById;
use crate::graphql::object::contact::Contact;
use crate::graphql::scalar::connection::connection;

connection!(
    SponsorLeaverConnection,
    SponsorLeaverEdge,
    SponsorLeaver,
    "people who may leave"
);

/// Whom to approach first at an account without a primary sponsor.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SponsorApproach {
    #[graphql(skip)]
    contact_id: Option<ContactId>,
    /// Why them.
    reason: String,
}

#[ComplexObject]
impl SponsorApproach {
    /// Who; null where nobody is known.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.contact_id?)).await
    }
}

impl From<&Approach> for SponsorApproach {
    fn from(approach: &Approach) -> Self {
        Self {
            contact_id: approach.contact,
            reason: approach.reason.clone(),
        }
    }
}

/// Who would follow the primary sponsor.
#[derive(SimpleObject)]
pub struct SponsorSuccession {
    /// Whole months the primary sponsor has had their role; null where not known.
    tenure_months: Option<i32>,
    /// The active backups; at most 20.
    backups: Vec<SponsorBackup>,
    /// How many active backups there are, also beyond the 20 of `backups`.
    backups_count: usize,
    /// LOW, MEDIUM or HIGH.
    risk: RiskLevel,
    /// Why.
    reason: String,
}

impl From<&SuccessionSummary> for SponsorSuccession {
    fn from(succession: &SuccessionSummary) -> Self {
        Self {
            tenure_months: succession.tenure_months,
            backups: limits::BACKUPS.cut(succession.backups.iter().copied().map(SponsorBackup)),
            backups_count: succession.backups.len(),
            risk: succession.risk,
            reason: succession.reason.clone(),
        }
    }
}

/// An active backup of the primary sponsor.
pub struct SponsorBackup(Backup);

/// An active backup of the primary sponsor.
#[Object]
impl SponsorBackup {
    /// Who; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.0.contact)).await
    }

    /// How engaged they are.
    async fn level(&self) -> EngagementLevel {
        self.0.level
    }

    /// Their score from 0 to 100.
    async fn score(&self) -> i32 {
        self.0.score
    }
}

/// What an account would be without one contact: taken out of every list of participants, what named only them gone, and
/// measured again.
#[derive(Clone)]
pub struct SponsorLeaver(pub LeaverLine);

/// What an account would be without one contact: taken out of every list of participants, what named only them gone, and
/// measured again.
#[Object]
impl SponsorLeaver {
    /// Who would have left; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.0.contact)).await
    }

    /// The overall score without them; null where nothing could be measured.
    async fn overall_without(&self) -> Option<i32> {
        self.0.overall_without
    }

    /// Points against the score with them.
    async fn change(&self) -> Option<i32> {
        self.0.change
    }

    /// The account's executive level without them.
    async fn level_without(&self) -> EngagementLevel {
        self.0.level_without
    }
}
