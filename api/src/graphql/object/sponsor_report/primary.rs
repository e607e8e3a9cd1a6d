//! The primary sponsor as the report shows them: what matters to them, what happened with them, their factors.

use async_graphql::{ComplexObject, Context, Error, ID, SimpleObject};
use engagement::id::ContactId;
use engagement::report::sponsor::{FactorLine, SponsorReport as Report, TimelineEntry};
use engagement::vocabulary::InteractionKind;

use crate::graphql::bounds::limits;
use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::ContactById;
use crate::graphql::object::contact::Contact;
use crate::graphql::scalar::time::Date;

/// The primary sponsor in a sponsor report.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct PrimarySponsor {
    #[graphql(skip)]
    contact_id: ContactId,
    /// Whole months they have had their role; null where not known.
    tenure_months: Option<i32>,
    /// What matters to them; at most 20.
    priorities: Vec<String>,
    /// How much matters to them, also beyond the 20 of `priorities`.
    priorities_count: usize,
    /// How they like to be reached.
    communication_preference: Option<String>,
    /// What happened with them in the trailing year, the newest first, at most 20.
    timeline: Vec<SponsorTimelineEntry>,
    /// The four factors of their score, in fixed order.
    factors: Vec<FactorLine>,
}

#[ComplexObject]
impl PrimarySponsor {
    /// Who; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.contact_id)).await
    }
}

impl PrimarySponsor {
    /// The primary sponsor of a report; nothing without one.
    pub fn of(report: &Report) -> Option<Self> {
        report.primary.as_ref().map(|primary| Self {
            contact_id: primary.contact,
            tenure_months: primary.tenure_months,
            priorities: limits::SPONSOR_PRIORITIES.cut(primary.priorities.iter().cloned()),
            priorities_count: primary.priorities.len(),
            communication_preference: primary.communication_preference.clone(),
            timeline: limits::SPONSOR_TIMELINE.cut(report.timeline.iter().map(SponsorTimelineEntry::from)),
            factors: primary.factors.clone(),
        })
    }
}

/// Something that happened with the primary sponsor, or with an executive.
#[derive(SimpleObject)]
pub struct SponsorTimelineEntry {
    /// The global id of the interaction.
    interaction_id: ID,
    /// The day.
    on: Date,
    /// What kind.
    kind: InteractionKind,
    /// What it was about: its topics, at most 20, else its subject.
    topics: Vec<String>,
    /// How much it was about, also beyond the 20 of `topics`.
    topics_count: usize,
    /// What came of it: as recorded, else what its status says.
    outcome: String,
}

impl From<&TimelineEntry> for SponsorTimelineEntry {
    fn from(entry: &TimelineEntry) -> Self {
        Self {
            interaction_id: ID(entry.interaction.to_string()),
            on: Date(entry.on),
            kind: entry.kind,
            topics: limits::TIMELINE_TOPICS.cut(entry.topics.iter().cloned()),
            topics_count: entry.topics.len(),
            outcome: entry.outcome.clone(),
        }
    }
}
