//! Plans to reach out: people make them and call them off by hand.

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use engagement::vocabulary::{InteractionKind, Purpose};
use service::change::outreach::{self, NewOutreach};

use crate::graphql::context::RequestContext;
use crate::graphql::error::{bad_user_input, from_service};
use crate::graphql::object::outreach::Outreach;
use crate::graphql::scalar::node_id::parse_id;
use crate::graphql::scalar::time::Instant;

/// What `planOutreach` takes.
#[derive(InputObject)]
pub struct PlanOutreachInput {
    /// To whom.
    contact_id: ID,
    /// What: EMAIL, CALL, MEETING, STRATEGIC_CHECK_IN, EXECUTIVE_DINNER or QBR.
    kind: InteractionKind,
    /// What for.
    purpose: Purpose,
    /// When, in the future.
    planned_for: Instant,
    /// One line.
    subject: String,
    /// The users it was coordinated with.
    coordinated_with: Option<Vec<ID>>,
    /// Your own name for this request, 1 to 128 printable characters: for 24 hours the same key with the same input has the same
    /// answer, and nothing is done twice. CONFLICT for another input.
    idempotency_key: Option<String>,
}

/// What `cancelOutreach` takes.
#[derive(InputObject)]
pub struct CancelOutreachInput {
    /// The plan.
    outreach_id: ID,
}

/// The plan after a change.
#[derive(SimpleObject)]
pub struct OutreachPayload {
    /// The plan.
    outreach: Outreach,
}

/// Plans to reach out, by hand.
#[derive(Default)]
pub struct OutreachMutations;

/// Plans to reach out, by hand.
#[Object]
impl OutreachMutations {
    /// Plans to reach out to a contact, and tells the account's team. GUARDRAIL, with `extensions.rule`, where it is about an
    /// executive and operational (`executive.operational_contact`), or within seven days of another member's plan for the same
    /// executive that it was not coordinated with (`outreach.uncoordinated`; `extensions.outreachId` is that plan).
    async fn plan_outreach(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To whom, what, what for and when.")] input: PlanOutreachInput,
    ) -> Option<Result<OutreachPayload, Error>> {
        Some(plan(ctx, input).await)
    }

    /// Calls a plan off. CONFLICT for one that was called off already.
    async fn cancel_outreach(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: CancelOutreachInput,
    ) -> Option<Result<OutreachPayload, Error>> {
        Some(cancel(ctx, &input).await)
    }
}

/// Most users that a plan names.
const MOST_COORDINATED: usize = 50;

async fn plan(ctx: &Context<'_>, input: PlanOutreachInput) -> Result<OutreachPayload, Error> {
    let context = RequestContext::of(ctx);
    let access = context.access_under(input.idempotency_key.as_deref(), &input)?;
    let named = input.coordinated_with.unwrap_or_default();
    if named.len() > MOST_COORDINATED {
        return Err(bad_user_input(
            "coordinatedWith",
            format!("takes at most {MOST_COORDINATED} users"),
        ));
    }
    let new = NewOutreach {
        contact: parse_id("contactId", &input.contact_id)?,
        kind: input.kind,
        purpose: input.purpose,
        planned_for: input.planned_for.0,
        subject: input.subject,
        coordinated_with: named
            .iter()
            .map(|id| parse_id("coordinatedWith", id))
            .collect::<Result<_, _>>()?,
    };
    let made = outreach::plan(
        &context.state.db,
        &access,
        &context.state.settings(),
        context.moment(),
        new,
    )
    .await;
    made.map(|made| OutreachPayload {
        outreach: Outreach(made),
    })
    .map_err(|e| from_service(&e))
}

async fn cancel(ctx: &Context<'_>, input: &CancelOutreachInput) -> Result<OutreachPayload, Error> {
    let context = RequestContext::of(ctx);
    let id = parse_id("outreachId", &input.outreach_id)?;
    let off = outreach::cancel(&context.state.db, &context.access, context.moment(), id).await;
    off.map(|off| OutreachPayload {
        outreach: Outreach(off),
    })
    .map_err(|e| from_service(&e))
}
