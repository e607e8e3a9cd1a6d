//! The engagement report of an account: computed from rows when it is asked for, for any period and any past day.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Error, Object, SimpleObject};
use chrono::{Days, NaiveDate};
use engagement::DEFINITIONS;
use engagement::ledger::{LedgerChange, subtract};
use engagement::lever::Lever;
use engagement::plan::{PlannedStep, Target};
use engagement::recommendation::Recommendation as Recommended;
use engagement::report::engagement::{Activity, Labels};
use engagement::score::{ComponentScore, DimensionScore};
use engagement::signal::RaisedSignal;
use engagement::vocabulary::{Pattern, ProvisionalReason, StandingState, Trend};
use engagement::windows::Windows;
use service::assessment::StoredAssessment;
use service::report::{Naming, history_span, labels};

use super::contact::Contact;
use super::standing::Standing;
use super::user::User;
use crate::graphql::bounds::limits;
use crate::graphql::context::RequestContext;
use crate::graphql::error::bad_user_input;
use crate::graphql::load::ask::{load_list, load_many, load_one};
use crate::graphql::load::assessments::HistoryOf;
use crate::graphql::load::batches::loaders;
use crate::graphql::load::nodes::{ContactById, InteractionById, UserById};
use crate::graphql::load::reports::{ComputedReport, ReportOf};
use crate::graphql::scalar::connection::{PageArguments, connection, page_of};
use crate::graphql::scalar::evidence::Evidence;
use crate::graphql::scalar::time::{Date, Instant};

/// Days of history shown unless asked for otherwise.
const HISTORY_DAYS: u32 = limits::HISTORY_DAYS.1 as u32;

/// Everything about how engaged an account was in one period: scores with every point accounted for, what happened, who
/// took part, what to do next.
pub struct EngagementReport {
    /// What was asked for.
    pub key: ReportOf,
    /// The account's name.
    pub account: String,
    /// What came out.
    pub computed: Arc<ComputedReport>,
}

/// A span of whole days.
#[derive(SimpleObject)]
pub struct DayRange {
    /// The first day.
    start: Date,
    /// The last day.
    end: Date,
}

impl DayRange {
    /// From one day to another, both counted.
    pub fn of(start: NaiveDate, end: NaiveDate) -> Self {
        Self { start: Date(start), end: Date(end) }
    }
}

impl From<&Windows> for DayRange {
    fn from(windows: &Windows) -> Self {
        Self { start: Date(windows.start_day), end: Date(windows.ending_on) }
    }
}

/// One point of an account's history, as it was stored.
#[derive(SimpleObject)]
pub struct HistoryPoint {
    /// The instant of the evaluation.
    as_of: Instant,
    /// The last day that counted.
    ending_on: Date,
    /// The overall score from 0 to 100; null without data.
    overall: Option<i32>,
    /// The pattern; null when there was not enough data.
    pattern: Option<Pattern>,
    /// What was to be thought of the account; null in what was stored before there were standings.
    standing: Option<StandingState>,
    /// The edition of the definitions that it was made by.
    definitions: i32,
    /// The hash of the policy that it was made with.
    policy_hash: String,
    /// It was made by the definitions and the policy that are in force; false: it is not to be compared with what was.
    comparable: bool,
}

impl HistoryPoint {
    fn of(stored: StoredAssessment, policy_in_force: &str) -> Self {
        Self {
            as_of: Instant(stored.as_of),
            ending_on: Date(stored.day),
            overall: stored.overall_rounded,
            pattern: stored.pattern,
            standing: stored.standing.as_ref().map(|standing| standing.state),
            definitions: stored.definitions,
            comparable: stored.compares(policy_in_force),
            policy_hash: stored.policy_hash,
        }
    }
}

/// A dimension in a report: its score and the components that it is made of.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct DimensionReport {
    /// The dimension.
    #[graphql(flatten)]
    score: DimensionScore,
    #[graphql(skip)]
    report: Arc<ComputedReport>,
}

#[ComplexObject]
impl DimensionReport {
    /// What it is made of, in fixed order.
    async fn components(&self) -> Vec<ComponentReport> {
        let one = |score: &ComponentScore| ComponentReport { score: score.clone(), report: Arc::clone(&self.report) };
        self.score.components.iter().map(one).collect()
    }
}

/// A component in a report: one row of the ledger and the rows behind it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ComponentReport {
    /// The row of the ledger.
    #[graphql(flatten)]
    score: ComponentScore,
    #[graphql(skip)]
    report: Arc<ComputedReport>,
}

#[ComplexObject]
impl ComponentReport {
    /// The rows that were counted.
    async fn evidence(&self) -> Evidence {
        self.report.report.component_evidence(self.score.component).into()
    }
}

/// A raised disengagement signal and the rows behind it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SignalReport {
    /// The signal.
    #[graphql(flatten)]
    raised: RaisedSignal,
    #[graphql(skip)]
    report: Arc<ComputedReport>,
}

#[ComplexObject]
impl SignalReport {
    /// The rows that raised it.
    async fn evidence(&self) -> Evidence {
        self.report.report.signal_evidence(&self.raised).into()
    }
}

/// One thing to do: why, who, with whom, by when, and what it is worth.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Recommendation {
    /// What to do.
    #[graphql(flatten)]
    recommended: Recommended,
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

connection!(StakeholderConnection, StakeholderEdge, Stakeholder, "stakeholders");

/// A contact on the map of stakeholders.
#[derive(Clone)]
pub struct Stakeholder(engagement::report::engagement::Stakeholder);

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

/// Everything about how engaged an account was in one period: scores with every point accounted for, what happened, who
/// took part, what to do next.
#[Object]
impl EngagementReport {
    /// The days of the period.
    async fn period(&self) -> DayRange {
        (&self.computed.report.evaluation.windows).into()
    }

    /// The days of the period before it.
    async fn previous_period(&self) -> DayRange {
        (&self.computed.report.evaluation.windows.previous()).into()
    }

    /// The overall score from 0 to 100, rounded; null where nothing could be measured.
    async fn overall(&self) -> Option<i32> {
        self.computed.report.evaluation.assessment.rounded()
    }

    /// The overall score of the period before; null for an account that was not known then.
    async fn previous_overall(&self) -> Option<i32> {
        self.computed.report.evaluation.previous_overall
    }

    /// Rounded points gained or lost against the period before.
    async fn change(&self) -> Option<i32> {
        self.computed.report.evaluation.change
    }

    /// Where the score is going.
    async fn trend(&self) -> Option<Trend> {
        self.computed.report.evaluation.trend
    }

    /// The engagement pattern; null when there is not enough data.
    async fn pattern(&self) -> Option<Pattern> {
        self.computed.report.evaluation.assessment.pattern
    }

    /// Share of the weight that could be measured, in percent.
    async fn coverage(&self) -> f64 {
        self.computed.report.evaluation.assessment.coverage
    }

    /// The two periods measured different dimensions: the change compares unlike things.
    async fn coverage_changed(&self) -> bool {
        self.computed.report.evaluation.coverage_changed
    }

    /// The score is to be read with care.
    async fn provisional(&self) -> bool {
        self.computed.report.evaluation.assessment.provisional.is_some()
    }

    /// Why it is to be read with care.
    async fn provisional_reason(&self) -> Option<ProvisionalReason> {
        self.computed.report.evaluation.assessment.provisional
    }

    /// The last day for which any data has come in.
    async fn data_through(&self) -> Option<Date> {
        self.computed.data_through.map(Date)
    }

    /// The hash of the policy that the scores were computed with.
    async fn policy_hash(&self, ctx: &Context<'_>) -> String {
        RequestContext::of(ctx).state.policy_hash.clone()
    }

    /// The edition of the definitions that the scores are computed by.
    async fn definitions(&self) -> i32 {
        DEFINITIONS
    }

    /// What to think of the account, and why; of the standard period, whatever this report's. Null for one that was no customer
    /// on the last day.
    async fn standing(&self) -> Option<Standing> {
        self.computed.report.evaluation.standing.clone().map(Standing)
    }

    /// The four dimensions, in fixed order.
    async fn dimensions(&self) -> Vec<DimensionReport> {
        let one = |score: &DimensionScore| DimensionReport { score: score.clone(), report: Arc::clone(&self.computed) };
        self.computed.report.evaluation.assessment.dimensions.iter().map(one).collect()
    }

    /// Counts and rates of the period.
    async fn activity(&self) -> Activity {
        self.computed.report.activity.clone()
    }

    /// Counts and rates of the period before.
    async fn previous_activity(&self) -> Activity {
        self.computed.report.previous_activity.clone()
    }

    /// The account's contacts, those most in touch first; at most 100, `stakeholdersPage` has all of them.
    async fn stakeholders(&self) -> Vec<Stakeholder> {
        limits::STAKEHOLDERS.cut(self.computed.report.stakeholders.iter().cloned().map(Stakeholder))
    }

    /// The account's contacts, those most in touch first.
    #[expect(clippy::unused_async, reason = "resolvers are")]
    async fn stakeholders_page(
        &self,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<StakeholderConnection, Error> {
        page_of(
            self.computed.report.stakeholders.iter().cloned().map(Stakeholder).collect(),
            &PageArguments::read(first, after, last, before)?,
        )
        .map(Into::into)
    }

    /// The relationship hangs on one contact.
    async fn single_threaded(&self) -> bool {
        self.computed.report.evaluation.current.measures.single_threaded()
    }

    /// The relationship rests on several contacts of several departments.
    async fn multi_threaded(&self) -> bool {
        self.computed.report.evaluation.current.measures.multi_threaded()
    }

    /// The disengagement signals that are raised.
    async fn signals(&self) -> Vec<SignalReport> {
        let one = |raised: &RaisedSignal| SignalReport { raised: raised.clone(), report: Arc::clone(&self.computed) };
        self.computed.report.evaluation.signals.iter().map(one).collect()
    }

    /// On how many people the relationship rests, by the days of conversation with each of the activity span; null without
    /// anybody.
    async fn effective_people(&self) -> Option<f64> {
        self.computed.report.evaluation.current.measures.effective_people
    }

    /// Interactions of the period that name nobody of theirs.
    async fn nameless(&self) -> u32 {
        self.computed.report.evaluation.current.measures.nameless
    }

    /// What to do next; nothing for a customer no more.
    async fn recommendations(&self) -> Vec<Recommendation> {
        self.computed.report.recommendations.iter().cloned().map(|recommended| Recommendation { recommended }).collect()
    }

    /// What the score should be next.
    async fn target(&self) -> Target {
        self.computed.report.target
    }

    /// How to get there as people are told it: at most five changes, the largest first, with the counts of today.
    async fn levers(&self) -> Vec<Lever> {
        self.computed.report.levers.told.clone()
    }

    /// How to get there step by step, the largest gain first.
    async fn improvement_plan(&self) -> Vec<PlannedStep> {
        self.computed.report.improvement_plan.clone()
    }

    /// Stored scores of the standard period, oldest first, up to the last day of this report. Those that another edition of the
    /// definitions or another policy made are among them, and say so (`comparable`).
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many days to go back, from 1 to 731; 84 unless said.")] days: Option<i64>,
    ) -> Result<Vec<HistoryPoint>, Error> {
        let days = u32::try_from(days.unwrap_or(HISTORY_DAYS.into())).ok().filter(|d| (1..=731).contains(d));
        let days = days.ok_or_else(|| bad_user_input("days", "`days` must be between 1 and 731"))?;
        let policy_hash = &RequestContext::of(ctx).state.policy_hash;
        let to = self.key.ending_on;
        let from = to.checked_sub_days(Days::new(u64::from(days - 1))).unwrap_or(to);
        Ok(self.load_history(ctx, (from, to)).await?.into_iter().map(|stored| HistoryPoint::of(stored, policy_hash)).collect())
    }

    /// What changed in the ledger since the same report of an earlier day, row by row, the largest change first. Both are computed
    /// from rows, by the definitions and the policy in force.
    async fn ledger_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The earlier report's last day; not after this one's.")] since: Date,
    ) -> Option<Result<Vec<LedgerChange>, Error>> {
        if since.0 > self.key.ending_on {
            let message = format!("{} is after the last day of this report, {}", since.0, self.key.ending_on);
            return Some(Err(bad_user_input("since", message)));
        }
        let key = ReportOf { ending_on: since.0, evidence: false, naming: Naming::NoNames, ..self.key };
        let earlier = loaders(ctx).load_one(key).await.map_err(|e| Error::from(&e)).transpose()?;
        Some(earlier.map(|e| subtract(&e.report.evaluation.assessment, &self.computed.report.evaluation.assessment)))
    }

    /// The whole report as Markdown, fit to be forwarded.
    async fn markdown(&self, ctx: &Context<'_>) -> Result<String, Error> {
        let ids = self.computed.report.told_rows().into_iter().map(InteractionById);
        let told = load_many(ctx, ids).await?.into_values();
        let windows = &self.computed.report.evaluation.windows;
        let stored = self.load_history(ctx, history_span(windows)).await?;
        let labels = Labels {
            account: self.account.clone(),
            people: self.computed.people.clone(),
            data_through: self.computed.data_through,
            ..labels(windows, &RequestContext::of(ctx).state.policy_hash, told, &stored)
        };
        Ok(self.computed.report.markdown(&labels))
    }
}

impl EngagementReport {
    async fn load_history(&self, ctx: &Context<'_>, (from, to): (NaiveDate, NaiveDate)) -> Result<Vec<StoredAssessment>, Error> {
        load_list(ctx, HistoryOf { account: self.key.account, from, to }).await
    }
}
