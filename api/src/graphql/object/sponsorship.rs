//! A contact who sponsors us for a span of days: what the mutations of sponsorships answer.

use async_graphql::{Context, Error, ID, Object};
use engagement::vocabulary::SponsorRank;

use super::contact::Contact;
use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::ContactById;
use crate::graphql::scalar::time::Date;

/// A contact who sponsors us for a span of days.
pub struct Sponsorship(pub service::change::sponsorship::Sponsorship);

/// A contact who sponsors us for a span of days.
#[Object]
impl Sponsorship {
    /// The global id.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Who; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.0.contact_id)).await
    }

    /// First or second sponsor.
    async fn rank(&self) -> SponsorRank {
        self.0.rank
    }

    /// The first day.
    async fn since(&self) -> Date {
        Date(self.0.since)
    }

    /// The first day on which they sponsor us no more, as it was imported or set; null while there is none.
    async fn until(&self) -> Option<Date> {
        self.0.until.map(Date)
    }

    /// The day on which a departure ended it.
    async fn ended_on(&self) -> Option<Date> {
        self.0.ended_on.map(Date)
    }
}
