//! The root of every query.
//!
//! A resolver reads its arguments, asks `service` or the loaders, and makes the object. What the caller may not see is answered as what
//! is not there.

use async_graphql::{Context, Error, ID, Object};
use engagement::id::AnyId;
use engagement::vocabulary::Period;
use service::access::audit::AuditFilter;
use service::report::portfolio::{self, LabelledPortfolio, PortfolioRequest};
use service::scoring::holding;

use super::bounds::heavy::HeavyError;
use super::bounds::limits::MAX_IDS;
use super::context::RequestContext;
use super::error::{bad_user_input, from_service, internal};
use super::input::account::{AccountFilterInput, AccountOrderInput};
use super::input::alert::{AlertFilterInput, AlertOrderInput};
use super::load::ask::load_one;
use super::load::batches::loaders;
use super::load::nodes::{AccountByExternalId, AccountById, UserById};
use super::object::account::{Account, AccountConnection};
use super::object::alert::AlertConnection;
use super::object::alert_usefulness::AlertUsefulness;
use super::object::audit::AuditConnection;
use super::object::node::Node;
use super::object::portfolio_report::PortfolioReport;
use super::object::user::{User, UserConnection};
use super::scalar::connection::{PageArguments, wants_total};
use super::scalar::node_id::parse_id;
use super::scalar::search::check_search;
use super::scalar::time::Date;

/// Everything that can be read.
pub struct Query;

/// Everything that can be read.
#[Object]
impl Query {
    /// Who asks: the owner of the token.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let Some(id) = RequestContext::of(ctx).access.user() else {
            return Err(internal("a request without a user"));
        };
        load_one(ctx, UserById(id))
            .await
            .unwrap_or_else(|| Err(internal("the owner of the token has just been removed")))
    }

    /// Anything that has a global id; null for what does not exist, or not for you.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: ID,
    ) -> Option<Result<Node, Error>> {
        match parse_id("id", &id) {
            Ok(id) => Node::load(ctx, id).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// Several things that have global ids, in the order of the ids; null for what does not exist, or not for you.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, Error> {
        if ids.len() > MAX_IDS {
            return Err(bad_user_input(
                "ids",
                format!("`ids` takes at most {MAX_IDS} values"),
            ));
        }
        let parsed = ids
            .iter()
            .map(|id| parse_id("ids", id))
            .collect::<Result<Vec<AnyId>, Error>>()?;
        // All at once, so that ids of one kind become one statement.
        futures_util::future::try_join_all(
            parsed
                .into_iter()
                .map(|id| async move { Node::load(ctx, id).await.transpose() }),
        )
        .await
    }

    /// The account with this global id; null when there is none, or not for you.
    async fn account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: ID,
    ) -> Option<Result<Account, Error>> {
        match parse_id("id", &id) {
            Ok(id) => load_one(ctx, AccountById(id)).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// The account with this key in your own systems; null when there is none, or not for you.
    async fn account_by_external_id(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key in your own systems.")] external_id: String,
    ) -> Option<Result<Account, Error>> {
        load_one(ctx, AccountByExternalId(external_id)).await
    }

    /// The accounts that you may see, by name unless ordered otherwise.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only accounts that meet this.")] filter: Option<AccountFilterInput>,
        #[graphql(desc = "How the list is ordered.")] order_by: Option<AccountOrderInput>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<AccountConnection, Error> {
        let context = RequestContext::of(ctx);
        let filter = filter
            .map(AccountFilterInput::into_filter)
            .transpose()?
            .unwrap_or_default();
        let order = order_by.map(AccountOrderInput::into_order).unwrap_or_default();
        let request = PageArguments::read(first, after, last, before)?.into_request();
        let page = service::record::account_list::list(
            &context.state.db,
            &context.access,
            &context.state.policy.currency,
            &filter,
            order,
            &request,
            wants_total(ctx),
        )
        .await
        .map_err(|e| from_service(&e))?;
        // What hangs on these accounts finds them here.
        loaders(ctx)
            .feed_many(
                page.edges
                    .iter()
                    .map(|edge| (AccountById(edge.node.id), edge.node.clone())),
            )
            .await;
        Ok(page.into())
    }

    /// The users that you may see, by name: yourself, and those who stand beside an account that you see.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only users whose name or address contains this text, whatever the case.")]
        search: Option<String>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<UserConnection, Error> {
        let context = RequestContext::of(ctx);
        check_search("search", search.as_deref())?;
        let request = PageArguments::read(first, after, last, before)?.into_request();
        let page = service::record::user::list(
            &context.state.db,
            &context.access,
            search.as_deref(),
            &request,
            wants_total(ctx),
        )
        .await
        .map_err(|e| from_service(&e))?;
        loaders(ctx)
            .feed_many(
                page.edges
                    .iter()
                    .map(|edge| (UserById(edge.node.id), edge.node.clone())),
            )
            .await;
        Ok(page.into())
    }

    /// The book of accounts that you may see: how it stands, where it moves, what to do. Only customers count.
    async fn portfolio_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How long the period is; the standard period unless said.")] period: Option<Period>,
        #[graphql(desc = "The last day that counts; today unless said.")] ending_on: Option<Date>,
        #[graphql(
            desc = "Only accounts that meet this; a pattern or a standing is that of the report's day."
        )]
        filter: Option<AccountFilterInput>,
    ) -> Result<PortfolioReport, Error> {
        let context = RequestContext::of(ctx);
        let request = PortfolioRequest {
            period: period.unwrap_or(context.state.policy.standard_period),
            ending_on: context.ending_on("endingOn", ending_on)?,
            as_of: context.now,
            filter: filter
                .map(AccountFilterInput::into_filter)
                .transpose()?
                .unwrap_or_default(),
        };
        read_portfolio(context, request)
            .await
            .map(PortfolioReport)
            .map_err(|e| Error::from(&e))
    }

    /// Who changed what, the newest first; for admins and managers.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only changes about this account.")] account_id: Option<ID>,
        #[graphql(desc = "Only changes by this user.")] user_id: Option<ID>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Option<Result<AuditConnection, Error>> {
        Some(
            read_audit_log(
                ctx,
                account_id,
                user_id,
                PageArguments::read(first, after, last, before),
            )
            .await,
        )
    }

    /// The alerts of the accounts that you may see, the newest first unless ordered otherwise; for administrators and managers
    /// also those about the whole installation.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn alerts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only alerts that meet this.")] filter: Option<AlertFilterInput>,
        #[graphql(desc = "How the list is ordered.")] order_by: Option<AlertOrderInput>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<AlertConnection, Error> {
        let context = RequestContext::of(ctx);
        let filter = filter
            .map(AlertFilterInput::into_filter)
            .transpose()?
            .unwrap_or_default();
        let order = order_by.map(AlertOrderInput::into_order).unwrap_or_default();
        let request = PageArguments::read(first, after, last, before)?.into_request();
        let page = service::alert::list(
            &context.state.db,
            &context.access,
            &filter,
            order,
            &request,
            wants_total(ctx),
        )
        .await;
        page.map(AlertConnection::from).map_err(|e| from_service(&e))
    }

    /// What people said of the alerts of each rule when they resolved them, over the alerts that you may see; rules that nobody
    /// has judged are left out.
    async fn alert_usefulness(&self, ctx: &Context<'_>) -> Result<Vec<AlertUsefulness>, Error> {
        let context = RequestContext::of(ctx);
        let counted = service::alert::usefulness(&context.state.db, &context.access)
            .await
            .map_err(|e| from_service(&e))?;
        Ok(counted.iter().map(AlertUsefulness::from).collect())
    }
}

/// Adds up what is stored, at once; what has to be scored is counted, and waits for its turn.
async fn read_portfolio(
    context: &RequestContext,
    request: PortfolioRequest,
) -> Result<LabelledPortfolio, HeavyError> {
    let RequestContext {
        state, access, heavy, ..
    } = context;
    let mut turn = heavy.turn().await;
    let plan = portfolio::plan(&state.db, access, &state.policy, state.zone, request).await?;
    let place = turn.admit(plan.accounts_to_score()).await?;
    Ok(holding(
        place,
        portfolio::make(&state.db, access, &state.policy, state.zone, plan),
    )
    .await?)
}

async fn read_audit_log(
    ctx: &Context<'_>,
    account: Option<ID>,
    user: Option<ID>,
    page: Result<PageArguments, Error>,
) -> Result<AuditConnection, Error> {
    let context = RequestContext::of(ctx);
    let filter = AuditFilter {
        account: account.map(|id| parse_id("accountId", &id)).transpose()?,
        user: user.map(|id| parse_id("userId", &id)).transpose()?,
    };
    let listed = service::access::audit::list(
        &context.state.db,
        &context.access,
        &filter,
        &page?.into_request(),
        wants_total(ctx),
    )
    .await;
    Ok(listed.map_err(|e| from_service(&e))?.into())
}
