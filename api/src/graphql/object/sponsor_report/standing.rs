//! The primary sponsor as lists show them: with the standing that was last stored, and without a report.

use async_graphql::Object;
use engagement::vocabulary::{EngagementLevel, RiskLevel};
use service::report::primary_sponsor::PrimarySponsor as Leader;

use crate::graphql::object::contact::Contact;

/// The primary sponsor of an account, with the standing that was last stored.
pub struct SponsorStanding(pub Leader);

impl From<Leader> for SponsorStanding {
    fn from(leader: Leader) -> Self {
        Self(leader)
    }
}

/// The primary sponsor of an account, with the standing that was last stored.
#[Object]
impl SponsorStanding {
    /// Who.
    async fn contact(&self) -> Contact {
        Contact(self.0.contact.clone())
    }

    /// How engaged they are; UNKNOWN until they have been scored.
    async fn level(&self) -> EngagementLevel {
        self.0.level
    }

    /// The risk that goes with the level.
    async fn risk(&self) -> RiskLevel {
        self.0.risk
    }

    /// Their score from 0 to 100; 0 until they have been scored.
    async fn score(&self) -> i32 {
        self.0.score
    }
}
