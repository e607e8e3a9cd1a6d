//! What to think of an account, and why: codes and parameters as they were stored or computed, told as sentences with the names
//! of today.

use async_graphql::{Context, Error, Object};
use engagement::standing::Reason;
use engagement::vocabulary::{StandingReason, StandingState};

use super::contact::Contact;
use crate::graphql::bounds::limits;
use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::ContactById;
use crate::graphql::scalar::time::Date;

/// What to think of an account: whether to worry, and why.
pub struct Standing(pub engagement::standing::Standing);

/// What to think of an account: whether to worry, and why.
#[Object]
impl Standing {
    /// The conclusion.
    async fn state(&self) -> StandingState {
        self.0.state
    }

    /// Every reason that holds, in order: people are shown the first three.
    async fn reasons(&self) -> Vec<ReasonOfStanding> {
        limits::REASONS.cut(self.0.reasons.iter().cloned().map(ReasonOfStanding))
    }
}

/// One reason of a standing.
pub struct ReasonOfStanding(pub Reason);

/// One reason of a standing.
#[Object]
impl ReasonOfStanding {
    /// Which reason.
    async fn reason(&self) -> StandingReason {
        self.0.reason
    }

    /// The reason as a sentence, with the name, the day and the number that speak for it.
    async fn message(&self, ctx: &Context<'_>) -> Result<String, Error> {
        let contact = self.load(ctx).await?;
        Ok(self
            .0
            .message(contact.as_ref().map(|contact| contact.0.name.as_str())))
    }

    /// The day it happened, or is counted from; null where it has none.
    async fn on(&self) -> Option<Date> {
        self.0.on.map(Date)
    }

    /// Who it is about; null where it is about nobody, or they have just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        self.load(ctx).await.transpose()
    }
}

impl ReasonOfStanding {
    async fn load(&self, ctx: &Context<'_>) -> Result<Option<Contact>, Error> {
        match self.0.contact {
            Some(contact) => load_one(ctx, ContactById(contact)).await.transpose(),
            None => Ok(None),
        }
    }
}
