//! Organisational changes: people record and review them by hand.

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use engagement::email_address::EmailAddress;
use engagement::vocabulary::{Certainty, OrgChangeKind, OrgChangeSource};
use service::change::org_change::{self, Consequences, NewOrgChange};

use crate::graphql::bounds::limits;
use crate::graphql::context::RequestContext;
use crate::graphql::error::from_service;
use crate::graphql::object::alert::Alert;
use crate::graphql::object::org_change::OrgChange;
use crate::graphql::scalar::node_id::parse_id;
use crate::graphql::scalar::time::Date;

/// What `recordOrgChange` takes.
#[derive(InputObject)]
pub struct RecordOrgChangeInput {
    /// What happened.
    kind: OrgChangeKind,
    /// Whom it is about; a departure has to say.
    contact_id: Option<ID>,
    /// The account; may be left out where the contact says it.
    account_id: Option<ID>,
    /// The day it was observed; of a departure, the day they left. Today unless said.
    observed_on: Option<Date>,
    /// How it is known; MANUAL unless said.
    source: Option<OrgChangeSource>,
    /// How sure it is; unless said CONFIRMED where the source is MANUAL or CRM, else SUSPECTED.
    certainty: Option<Certainty>,
    /// One line.
    summary: String,
    /// Where it can be read.
    url: Option<String>,
    /// What it means for us.
    impact: Option<String>,
    /// Your own name for this request, 1 to 128 printable characters: for 24 hours the same key with the same input has the same
    /// answer, and nothing is done twice. CONFLICT for another input.
    idempotency_key: Option<String>,
}

/// What `reviewOrgChange` takes.
#[derive(InputObject)]
pub struct ReviewOrgChangeInput {
    /// The change.
    org_change_id: ID,
    /// What it means for us.
    impact: Option<String>,
    /// Whether what is suspected has happened. A suspected departure that is confirmed is a departure; one that is not asks
    /// no more.
    confirm: Option<bool>,
    /// Your own name for this request, 1 to 128 printable characters: for 24 hours the same key with the same input has the same
    /// answer, and nothing is done twice. CONFLICT for another input.
    idempotency_key: Option<String>,
}

/// What recording or reviewing a change led to.
#[derive(SimpleObject)]
pub struct OrgChangePayload {
    /// The change.
    org_change: OrgChange,
    /// The alert about the departure, where it led to one.
    alert: Option<Alert>,
    /// The addresses that this was escalated to.
    escalated_to: Vec<String>,
    /// How many addresses that are, also beyond the 100 of `escalatedTo`.
    escalated_to_count: usize,
}

/// Organisational changes by hand.
#[derive(Default)]
pub struct OrgChangeMutations;

/// Organisational changes by hand.
#[Object]
impl OrgChangeMutations {
    /// Records a change in a customer's organisation. The confirmed departure of a sponsor ends the sponsorship, opens an alert
    /// and escalates at once; CONFLICT for somebody who has left already, and for what is recorded already.
    async fn record_org_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What happened.")] input: RecordOrgChangeInput,
    ) -> Option<Result<OrgChangePayload, Error>> {
        Some(record(ctx, input).await)
    }

    /// Says what a change means, and whether what is suspected has happened. CONFLICT for one that was reviewed already.
    async fn review_org_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what it means.")] input: ReviewOrgChangeInput,
    ) -> Option<Result<OrgChangePayload, Error>> {
        Some(review(ctx, input).await)
    }
}

async fn record(ctx: &Context<'_>, input: RecordOrgChangeInput) -> Result<OrgChangePayload, Error> {
    let context = RequestContext::of(ctx);
    let access = context.access_under(input.idempotency_key.as_deref(), &input)?;
    let new = NewOrgChange {
        account: input
            .account_id
            .as_ref()
            .map(|id| parse_id("accountId", id))
            .transpose()?,
        contact: input
            .contact_id
            .as_ref()
            .map(|id| parse_id("contactId", id))
            .transpose()?,
        kind: input.kind,
        observed_on: input.observed_on.map_or_else(|| context.today(), |day| day.0),
        source: input.source.unwrap_or(OrgChangeSource::Manual),
        certainty: input.certainty,
        summary: input.summary,
        url: input.url,
        impact: input.impact,
    };
    let done = org_change::record(
        &context.state.db,
        &access,
        &context.state.settings(),
        context.moment(),
        new,
    )
    .await;
    done.map(OrgChangePayload::from).map_err(|e| from_service(&e))
}

async fn review(ctx: &Context<'_>, input: ReviewOrgChangeInput) -> Result<OrgChangePayload, Error> {
    let context = RequestContext::of(ctx);
    let access = context.access_under(input.idempotency_key.as_deref(), &input)?;
    let id = parse_id("orgChangeId", &input.org_change_id)?;
    let (state, moment) = (&context.state, context.moment());
    let done = org_change::review(
        &state.db,
        &access,
        &state.settings(),
        moment,
        id,
        input.impact,
        input.confirm,
    )
    .await;
    done.map(OrgChangePayload::from).map_err(|e| from_service(&e))
}

impl From<Consequences> for OrgChangePayload {
    fn from(done: Consequences) -> Self {
        Self {
            org_change: OrgChange(done.change),
            alert: done.alert.map(Alert),
            escalated_to: limits::ESCALATED_TO.cut(
                done.escalated_to
                    .iter()
                    .map(|email| EmailAddress::expose(email).to_owned()),
            ),
            escalated_to_count: done.escalated_to.len(),
        }
    }
}
