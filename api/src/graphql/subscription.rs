//! What can be watched. An operation is executed anew for each event, with the subscriber's rights at that moment and with
//! nothing remembered from the event before: the stream of a field is that one event, where it is theirs to see.

use async_graphql::{Context, Error, Subscription as GraphqlSubscription};
use futures_util::{Stream, stream};
use service::alert::AlertFilter;
use service::record::account_list::{AccountFilter, AccountOrder};
use service::sql::page::PageRequest;

use super::context::RequestContext;
use super::error::from_service;
use super::input::account::AccountFilterInput;
use super::input::alert::AlertFilterInput;
use super::load::alerts::AlertById;
use super::load::ask::load_one;
use super::load::assessments::LatestAssessmentOf;
use super::object::account::Account;
use super::object::alert::Alert;
use super::object::engagement_change::EngagementChange;
use crate::live::Event;

/// Everything that can be watched, over a WebSocket on the same address (graphql-transport-ws).
pub struct Subscription;

/// Everything that can be watched, over a WebSocket on the same address (graphql-transport-ws).
#[GraphqlSubscription]
impl Subscription {
    /// An alert that opened, came back or became worse, of the accounts that you may see.
    async fn alert_raised(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only alerts that meet this.")] filter: Option<AlertFilterInput>,
    ) -> Result<impl Stream<Item = Alert> + use<>, Error> {
        let filter = filter
            .map(AlertFilterInput::into_filter)
            .transpose()?
            .unwrap_or_default();
        Ok(stream::iter(raised(ctx, &filter).await?))
    }

    /// The engagement of an account that you may see, when the score that is shown, its pattern or the account's standing is another
    /// one.
    async fn engagement_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only accounts that meet this.")] filter: Option<AccountFilterInput>,
    ) -> Result<impl Stream<Item = EngagementChange> + use<>, Error> {
        let filter = filter
            .map(AccountFilterInput::into_filter)
            .transpose()?
            .unwrap_or_default();
        Ok(stream::iter(changed(ctx, filter).await?))
    }
}

/// The event that the operation is executed for; none while it is only checked.
fn event<'c>(ctx: &Context<'c>) -> Option<&'c Event> {
    ctx.data_opt::<Event>()
}

async fn raised(ctx: &Context<'_>, filter: &AlertFilter) -> Result<Option<Alert>, Error> {
    let Some(Event::AlertRaised(id)) = event(ctx) else {
        return Ok(None);
    };
    let found: Option<Alert> = load_one(ctx, AlertById(*id)).await.transpose()?;
    Ok(found.filter(|alert| filter.admits(&alert.0)))
}

async fn changed(ctx: &Context<'_>, filter: AccountFilter) -> Result<Option<EngagementChange>, Error> {
    let Some(Event::EngagementChanged { account, before }) = event(ctx) else {
        return Ok(None);
    };
    let context = RequestContext::of(ctx);
    let filter = AccountFilter {
        ids: Some(vec![*account]),
        ..filter
    };
    let one = PageRequest::first(1);
    let (state, order) = (&context.state, AccountOrder::default());
    let page = service::record::account_list::list(
        &state.db,
        &context.access,
        &state.policy.currency,
        &filter,
        order,
        &one,
        false,
    )
    .await;
    let Some(found) = page.map_err(|e| from_service(&e))?.edges.pop() else {
        return Ok(None);
    };
    let engagement = load_one(ctx, LatestAssessmentOf(*account)).await.transpose()?;
    Ok(engagement.map(|engagement| EngagementChange {
        account: Account(found.node),
        engagement,
        before: *before,
    }))
}
