//! Sponsorships: people begin and end them by hand.

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use engagement::vocabulary::SponsorRank;
use service::change::sponsorship::{self, NewSponsor};

use crate::graphql::context::RequestContext;
use crate::graphql::error::from_service;
use crate::graphql::object::sponsorship::Sponsorship;
use crate::graphql::scalar::node_id::parse_id;
use crate::graphql::scalar::time::Date;

/// What `assignSponsor` takes.
#[derive(InputObject)]
pub struct AssignSponsorInput {
    /// The account.
    account_id: ID,
    /// Which of its contacts.
    contact_id: ID,
    /// First or second sponsor. An account has one primary sponsor at a time.
    rank: SponsorRank,
    /// The first day; today unless said.
    since: Option<Date>,
    /// The first day on which they sponsor us no more, where it is known.
    until: Option<Date>,
    /// Your own name for this request, 1 to 128 printable characters: for 24 hours the same key with the same input has the same
    /// answer, and nothing is done twice. CONFLICT for another input.
    idempotency_key: Option<String>,
}

/// What `assignSponsor` did.
#[derive(SimpleObject)]
pub struct AssignSponsorPayload {
    /// The new sponsorship.
    sponsorship: Sponsorship,
}

/// What `endSponsorship` takes.
#[derive(InputObject)]
pub struct EndSponsorshipInput {
    /// The sponsorship.
    sponsorship_id: ID,
    /// The first day on which they sponsor us no more; today unless said.
    until: Option<Date>,
}

/// What `endSponsorship` did.
#[derive(SimpleObject)]
pub struct EndSponsorshipPayload {
    /// The sponsorship that ended.
    sponsorship: Sponsorship,
}

/// Sponsorships by hand.
#[derive(Default)]
pub struct SponsorMutations;

/// Sponsorships by hand.
#[Object]
impl SponsorMutations {
    /// Makes a contact a sponsor. CONFLICT where the account has another primary sponsor on these days, or the contact
    /// another sponsorship.
    async fn assign_sponsor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and for how long.")] input: AssignSponsorInput,
    ) -> Option<Result<AssignSponsorPayload, Error>> {
        Some(assign(ctx, &input).await)
    }

    /// Ends a sponsorship. CONFLICT where it is over by then.
    async fn end_sponsorship(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and when.")] input: EndSponsorshipInput,
    ) -> Option<Result<EndSponsorshipPayload, Error>> {
        Some(end(ctx, &input).await)
    }
}

async fn assign(ctx: &Context<'_>, input: &AssignSponsorInput) -> Result<AssignSponsorPayload, Error> {
    let context = RequestContext::of(ctx);
    let access = context.access_under(input.idempotency_key.as_deref(), input)?;
    let new = NewSponsor {
        account: parse_id("accountId", &input.account_id)?,
        contact: parse_id("contactId", &input.contact_id)?,
        rank: input.rank,
        since: input.since.map_or_else(|| context.today(), |day| day.0),
        until: input.until.map(|day| day.0),
    };
    let made = sponsorship::assign(
        &context.state.db,
        &access,
        &context.state.settings(),
        context.moment(),
        &new,
    )
    .await
    .map_err(|e| from_service(&e))?;
    Ok(AssignSponsorPayload {
        sponsorship: Sponsorship(made),
    })
}

async fn end(ctx: &Context<'_>, input: &EndSponsorshipInput) -> Result<EndSponsorshipPayload, Error> {
    let context = RequestContext::of(ctx);
    let id = parse_id("sponsorshipId", &input.sponsorship_id)?;
    let until = input.until.map_or_else(|| context.today(), |day| day.0);
    let ended = sponsorship::end(
        &context.state.db,
        &context.access,
        &context.state.settings(),
        context.moment(),
        id,
        until,
    )
    .await
    .map_err(|e| from_service(&e))?;
    Ok(EndSponsorshipPayload {
        sponsorship: Sponsorship(ended),
    })
}
