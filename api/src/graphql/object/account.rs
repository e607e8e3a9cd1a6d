//! Customer accounts: the centre of the graph.
//!
//! What hangs on an account comes from the request's loaders, so that a list of accounts asks once for each field. List arguments
//! become part of a loader's key; they are sorted first, so that the same question makes the same key.

use async_graphql::{Context, Error, ID, Object};
use engagement::vocabulary::{
    AccountStatus, AccountTier, AlertStatus, ContactRole, InteractionKind, OutreachStatus, Period, ServedBy,
    Severity,
};
use service::scoring::assessment::StoredAssessment;

use super::account_engagement::AccountEngagement;
use super::alert::AlertConnection;
use super::contact::ContactConnection;
use super::contract::Contract;
use super::engagement_report::EngagementReport;
use super::goal::{Goal, GoalConnection};
use super::interaction::InteractionConnection;
use super::metric::{Metric, MetricConnection};
use super::org_change::OrgChangeConnection;
use super::outreach::OutreachConnection;
use super::sponsor_report::{SponsorReport, SponsorStanding};
use super::standing::Standing;
use super::team_member::{TeamMember, TeamMemberConnection};
use crate::graphql::bounds::limits;
use crate::graphql::context::RequestContext;
use crate::graphql::error::bad_user_input;
use crate::graphql::input::alert::rules;
use crate::graphql::load::alerts::{
    AlertList, AlertsOf, OrgChangeList, OrgChangesOf, OutreachList, OutreachOf,
};
use crate::graphql::load::ask::{load_one, load_page, load_rows};
use crate::graphql::load::assessments::LatestAssessmentOf;
use crate::graphql::load::lists::{
    ContactList, ContactsOf, GoalsOf, InteractionList, InteractionsOf, MetricsOf, TeamOf, WholeList,
};
use crate::graphql::load::sponsors::PrimarySponsorOf;
use crate::graphql::scalar::connection::{PageArguments, connection, wants_total};
use crate::graphql::scalar::money::Money;
use crate::graphql::scalar::span::span_back;
use crate::graphql::scalar::time::Date;

connection!(
    AccountConnection,
    AccountEdge,
    Account,
    "accounts",
    service::record::account::Account
);

/// Most values in a list argument.
const MAX_VALUES: usize = 50;

/// A customer account.
#[derive(Clone)]
pub struct Account(pub service::record::account::Account);

impl From<service::record::account::Account> for Account {
    fn from(account: service::record::account::Account) -> Self {
        Self(account)
    }
}

/// A customer account.
#[Object]
impl Account {
    /// The global id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The key in your own systems.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// The account's name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The internet domain.
    async fn domain(&self) -> Option<&str> {
        self.0.domain.as_deref()
    }

    /// How large a customer it is: decides benchmarks and cadences.
    async fn tier(&self) -> AccountTier {
        self.0.tier
    }

    /// Whether it is still a customer.
    async fn status(&self) -> AccountStatus {
        self.0.status
    }

    /// The day it ceased to be a customer.
    async fn churned_on(&self) -> Option<Date> {
        self.0.churned_on.map(Date)
    }

    /// The industry.
    async fn industry(&self) -> Option<&str> {
        self.0.industry.as_deref()
    }

    /// The region.
    async fn region(&self) -> Option<&str> {
        self.0.region.as_deref()
    }

    /// The day the contract renews.
    async fn renewal_date(&self) -> Option<Date> {
        self.0.renewal_date.map(Date)
    }

    /// Who serves it: decides whether silence towards us is silence.
    async fn served_by(&self) -> ServedBy {
        self.0.served_by
    }

    /// Annual recurring revenue.
    async fn arr(&self) -> Option<Money> {
        self.0.arr.as_ref().map(Money::from)
    }

    /// The contract; null where nothing is known of one.
    async fn contract(&self) -> Option<Contract> {
        Contract::of(&self.0)
    }

    /// The latest stored engagement of the standard period; null for an account that was never scored.
    async fn engagement(&self, ctx: &Context<'_>) -> Option<Result<AccountEngagement, Error>> {
        load_one(ctx, LatestAssessmentOf(self.0.id)).await
    }

    /// What to think of it, and why, as it was last stored for the standard period; null for an account that is no customer, or was
    /// never scored.
    async fn standing(&self, ctx: &Context<'_>) -> Option<Result<Standing, Error>> {
        if !self.0.is_active_on(RequestContext::of(ctx).today()) {
            return None;
        }
        let loaded: Result<StoredAssessment, Error> = load_one(ctx, LatestAssessmentOf(self.0.id)).await?;
        loaded.map(|stored| stored.standing.map(Standing)).transpose()
    }

    /// Who leads on its side today, with the standing that was last stored; null without a primary sponsor.
    async fn primary_sponsor(&self, ctx: &Context<'_>) -> Option<Result<SponsorStanding, Error>> {
        load_one(ctx, PrimarySponsorOf(self.0.id)).await
    }

    /// Who of us takes care of it, by name; at most 20, `teamPage` has all of them.
    async fn team(&self, ctx: &Context<'_>) -> Result<Vec<TeamMember>, Error> {
        let (account, list) = (self.0.id, WholeList::first_of(&limits::TEAM));
        load_rows(ctx, TeamOf { account, list }).await
    }

    /// Who of us takes care of it, by name.
    async fn team_page(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<TeamMemberConnection, Error> {
        let list = WholeList::read(ctx, first, after, last, before)?;
        let account = self.0.id;
        load_page(ctx, TeamOf { account, list }).await
    }

    /// Its contacts by name, departed ones among them.
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only contacts with one of these roles; sponsors and levels may be mixed.")]
        roles: Option<Vec<ContactRole>>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<ContactConnection, Error> {
        let list = ContactList {
            roles: no_more_than("roles", roles)?,
            on: RequestContext::of(ctx).ending_on("endingOn", None)?,
            page: PageArguments::read(first, after, last, before)?,
            total: wants_total(ctx),
        };
        ContactsOf {
            account: self.0.id,
            list,
        }
        .load(ctx)
        .await
        .map(Into::into)
    }

    /// Its interactions, the newest first.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn interactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only interactions that a contact with one of these roles took part in.")]
        contact_roles: Option<Vec<ContactRole>>,
        #[graphql(desc = "Only interactions of these kinds.")] kinds: Option<Vec<InteractionKind>>,
        #[graphql(
            desc = "Only of this span back from `endingOn`: a number from 1 to 999 and d, w or m, such as 12m or 90d."
        )]
        period: Option<String>,
        #[graphql(desc = "The last day of `period`; today unless said.")] ending_on: Option<Date>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<InteractionConnection, Error> {
        let context = RequestContext::of(ctx);
        let on = context.ending_on("endingOn", ending_on)?;
        let span = span_back(
            period.as_deref(),
            ending_on.is_some(),
            on,
            context.now,
            context.state.zone,
        )?;
        let list = InteractionList {
            contact_roles: no_more_than("contactRoles", contact_roles)?,
            kinds: no_more_than("kinds", kinds)?,
            span,
            on,
            page: PageArguments::read(first, after, last, before)?,
            total: wants_total(ctx),
        };
        let account = self.0.id;
        load_page(ctx, InteractionsOf { account, list }).await
    }

    /// What it wants to reach, what is due first at the top; at most 100, `goalsPage` has all of it.
    async fn goals(&self, ctx: &Context<'_>) -> Result<Vec<Goal>, Error> {
        let (account, list) = (self.0.id, WholeList::first_of(&limits::GOALS));
        load_rows(ctx, GoalsOf { account, list }).await
    }

    /// What it wants to reach, what is due first at the top.
    async fn goals_page(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<GoalConnection, Error> {
        let list = WholeList::read(ctx, first, after, last, before)?;
        let account = self.0.id;
        load_page(ctx, GoalsOf { account, list }).await
    }

    /// The latest observation of each number that tells what it gets from us, by name; at most 50, `metricsPage` has the others.
    async fn metrics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only the numbers of these names, such as `roi`.")] names: Option<Vec<String>>,
    ) -> Result<Vec<Metric>, Error> {
        let list = WholeList::first_of(&limits::METRICS);
        load_rows(
            ctx,
            MetricsOf {
                account: self.0.id,
                names: no_more_than("names", names)?,
                list,
            },
        )
        .await
    }

    /// The latest observation of each number that tells what it gets from us, by name.
    async fn metrics_page(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only the numbers of these names, such as `roi`.")] names: Option<Vec<String>>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<MetricConnection, Error> {
        let list = WholeList::read(ctx, first, after, last, before)?;
        load_page(
            ctx,
            MetricsOf {
                account: self.0.id,
                names: no_more_than("names", names)?,
                list,
            },
        )
        .await
    }

    /// Its alerts, the newest first.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn alerts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only alerts in one of these places of their life.")] status: Option<
            Vec<AlertStatus>,
        >,
        #[graphql(desc = "Only alerts that are as bad as one of these.")] severity: Option<Vec<Severity>>,
        #[graphql(desc = "Only alerts of these rules, such as `sponsor.departed`.")] rule: Option<
            Vec<String>,
        >,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<AlertConnection, Error> {
        let list = AlertList {
            statuses: no_more_than("status", status)?,
            severities: no_more_than("severity", severity)?,
            rules: no_more_than("rule", rules("rule", rule)?)?,
            page: PageArguments::read(first, after, last, before)?,
            total: wants_total(ctx),
        };
        let account = self.0.id;
        load_page(ctx, AlertsOf { account, list }).await
    }

    /// The changes in its organisation, the latest observed first.
    async fn org_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that a person has looked at, or only those that nobody has.")] reviewed: Option<bool>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<OrgChangeConnection, Error> {
        let list = OrgChangeList {
            reviewed,
            page: PageArguments::read(first, after, last, before)?,
            total: wants_total(ctx),
        };
        let account = self.0.id;
        load_page(ctx, OrgChangesOf { account, list }).await
    }

    /// Our plans to reach out to its contacts, the latest first.
    async fn outreach(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only plans with one of these statuses.")] status: Option<Vec<OutreachStatus>>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<OutreachConnection, Error> {
        let list = OutreachList {
            statuses: no_more_than("status", status)?,
            page: PageArguments::read(first, after, last, before)?,
            total: wants_total(ctx),
        };
        let account = self.0.id;
        load_page(ctx, OutreachOf { account, list }).await
    }

    /// Everything about how engaged it was in one period, computed from rows.
    async fn engagement_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How long the period is; the standard period unless said.")] period: Option<Period>,
        #[graphql(desc = "The last day that counts; today unless said.")] ending_on: Option<Date>,
    ) -> Option<Result<EngagementReport, Error>> {
        EngagementReport::load(ctx, &self.0, period, ending_on).await
    }

    /// Who sponsors us there, how engaged they are and why, who would follow them, what to do, and when: computed from rows,
    /// for the standard period.
    async fn sponsor_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last day that counts; today unless said.")] ending_on: Option<Date>,
    ) -> Option<Result<SponsorReport, Error>> {
        SponsorReport::load(ctx, &self.0, ending_on).await
    }
}

/// A list argument as part of a key: sorted, each value once, not given = all.
fn no_more_than<T: Ord>(argument: &str, values: Option<Vec<T>>) -> Result<Option<Vec<T>>, Error> {
    let Some(mut values) = values else { return Ok(None) };
    if values.len() > MAX_VALUES {
        return Err(bad_user_input(
            argument,
            format!("`{argument}` takes at most {MAX_VALUES} values"),
        ));
    }
    values.sort_unstable();
    values.dedup();
    Ok(Some(values))
}
