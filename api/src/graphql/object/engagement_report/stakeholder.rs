//! The map of stakeholders: which contacts take part.

use async_graphql::{Context, Error, Object};

use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::ContactById;
use crate::graphql::object::contact::Contact;
use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::time::Date;

connection!(
    StakeholderConnection,
    StakeholderEdge,
    Stakeholder,
    "stakeholders"
);

/// A contact on the map of stakeholders.
#[derive(Clone)]
pub struct Stakeholder(pub engagement::report::engagement::Stakeholder);

/// A contact on the map of stakeholders.
#[Object]
impl Stakeholder {
    /// Who; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.0.contact)).await
    }

    /// C-level, vice president, or a sponsor; and not departed.
    async fn executive(&self) -> bool {
        self.0.executive
    }

    /// In direct contact with us in the period.
    async fn engaged(&self) -> bool {
        self.0.engaged
    }

    /// Left the customer.
    async fn departed(&self) -> bool {
        self.0.departed
    }

    /// Direct contacts in the period.
    async fn touches(&self) -> u32 {
        self.0.touches
    }

    /// The day of the last direct contact in two years.
    async fn last_touch_on(&self) -> Option<Date> {
        self.0.last_touch_on.map(Date)
    }
}
