//! What people do with alerts: they take them up, put them off, and resolve them.

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use engagement::vocabulary::Disposition;

use crate::graphql::context::RequestContext;
use crate::graphql::error::from_service;
use crate::graphql::object::alert::Alert;
use crate::graphql::scalar::node_id::parse_id;
use crate::graphql::scalar::time::Date;

/// What `acknowledgeAlert` takes.
#[derive(InputObject)]
pub struct AcknowledgeAlertInput {
    /// The alert.
    alert_id: ID,
}

/// What `snoozeAlert` takes.
#[derive(InputObject)]
pub struct SnoozeAlertInput {
    /// The alert.
    alert_id: ID,
    /// The day on which it comes back, after today.
    until: Date,
    /// Why it may wait.
    reason: Option<String>,
}

/// What `resolveAlert` takes.
#[derive(InputObject)]
pub struct ResolveAlertInput {
    /// The alert.
    alert_id: ID,
    /// What became of it. NOISE also mutes the same cause for 30 days.
    disposition: Disposition,
    /// What there is to add.
    note: Option<String>,
}

/// The alert after an answer to it.
#[derive(SimpleObject)]
pub struct AlertPayload {
    /// The alert.
    alert: Alert,
}

/// What people do with alerts.
#[derive(Default)]
pub struct AlertMutations;

/// What people do with alerts.
#[Object]
impl AlertMutations {
    /// Takes an alert up: it stays in the lists, and climbs no further. Doing it twice changes nothing. CONFLICT for one that
    /// is resolved.
    async fn acknowledge_alert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: AcknowledgeAlertInput,
    ) -> Option<Result<AlertPayload, Error>> {
        Some(acknowledge(ctx, &input).await)
    }

    /// Puts an alert off until a day. CONFLICT for one that is resolved.
    async fn snooze_alert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, until when, and why.")] input: SnoozeAlertInput,
    ) -> Option<Result<AlertPayload, Error>> {
        Some(snooze(ctx, input).await)
    }

    /// Ends an alert by hand. It comes back only when its cause had been gone, is worse, or has new evidence. CONFLICT for one
    /// that is resolved: of two who resolve it at the same moment, one is told.
    async fn resolve_alert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what became of it.")] input: ResolveAlertInput,
    ) -> Option<Result<AlertPayload, Error>> {
        Some(resolve(ctx, input).await)
    }
}

async fn acknowledge(ctx: &Context<'_>, input: &AcknowledgeAlertInput) -> Result<AlertPayload, Error> {
    let context = RequestContext::of(ctx);
    let id = parse_id("alertId", &input.alert_id)?;
    let alert = service::alert::acknowledge(&context.state.db, &context.access, context.moment(), id).await;
    alert
        .map(|alert| AlertPayload { alert: Alert(alert) })
        .map_err(|e| from_service(&e))
}

async fn snooze(ctx: &Context<'_>, input: SnoozeAlertInput) -> Result<AlertPayload, Error> {
    let context = RequestContext::of(ctx);
    let id = parse_id("alertId", &input.alert_id)?;
    let alert = service::alert::snooze(
        &context.state.db,
        &context.access,
        context.moment(),
        id,
        input.until.0,
        input.reason,
    )
    .await;
    alert
        .map(|alert| AlertPayload { alert: Alert(alert) })
        .map_err(|e| from_service(&e))
}

async fn resolve(ctx: &Context<'_>, input: ResolveAlertInput) -> Result<AlertPayload, Error> {
    let context = RequestContext::of(ctx);
    let id = parse_id("alertId", &input.alert_id)?;
    let ResolveAlertInput {
        disposition, note, ..
    } = input;
    let alert = service::alert::resolve(
        &context.state.db,
        &context.access,
        &context.state.policy,
        context.moment(),
        id,
        disposition,
        note,
    )
    .await;
    alert
        .map(|alert| AlertPayload { alert: Alert(alert) })
        .map_err(|e| from_service(&e))
}
