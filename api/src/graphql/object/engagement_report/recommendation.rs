//! What to do next at an account, and with whom.

use async_graphql::{ComplexObject, Context, Error, SimpleObject};
use engagement::recommendation::Recommendation as Recommended;

use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::{ContactById, UserById};
use crate::graphql::object::contact::Contact;
use crate::graphql::object::user::User;
use crate::graphql::scalar::time::Date;

/// One thing to do: why, who, with whom, by when, and what it is worth.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Recommendation {
    /// What to do.
    #[graphql(flatten)]
    recommended: Recommended,
}

impl From<Recommended> for Recommendation {
    fn from(recommended: Recommended) -> Self {
        Self { recommended }
    }
}

#[ComplexObject]
impl Recommendation {
    /// Who of us: the account's first customer-success manager by name, else the owner of its latest interaction; null where
    /// nobody is, or you may not see them.
    async fn owner(&self, ctx: &Context<'_>) -> Option<Result<User, Error>> {
        let owner = self.recommended.owner?;
        load_one(ctx, UserById(owner)).await
    }

    /// With whom of theirs; null where nobody is meant, or they have just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        let contact = self.recommended.contact?;
        load_one(ctx, ContactById(contact)).await
    }

    /// By when; null for what is strategic.
    async fn due_on(&self) -> Option<Date> {
        self.recommended.due_on.map(Date)
    }
}
