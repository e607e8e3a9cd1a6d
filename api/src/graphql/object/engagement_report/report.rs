//! The engagement report of an account: computed from rows when it is asked for, for any period and any past day.

use std::sync::Arc;

use async_graphql::{Context, Error, Object};
use chrono::{Days, NaiveDate};
use engagement::DEFINITIONS;
use engagement::ledger::{LedgerChange, subtract};
use engagement::lever::Lever;
use engagement::plan::{PlannedStep, Target};
use engagement::report::engagement::{Activity, Labels};
use engagement::score::DimensionScore;
use engagement::signal::RaisedSignal;
use engagement::vocabulary::{Pattern, Period, ProvisionalReason, Trend};
use service::record::account::Account;
use service::report::{Naming, history_span, labels};
use service::scoring::assessment::StoredAssessment;

use super::history::HistoryPoint;
use super::ledger::{DimensionReport, SignalReport};
use super::recommendation::Recommendation;
use super::stakeholder::{Stakeholder, StakeholderConnection};
use crate::graphql::bounds::limits;
use crate::graphql::context::RequestContext;
use crate::graphql::error::bad_user_input;
use crate::graphql::load::ask::{load_list, load_many};
use crate::graphql::load::assessments::HistoryOf;
use crate::graphql::load::batches::loaders;
use crate::graphql::load::nodes::InteractionById;
use crate::graphql::load::reports::{ComputedReport, ReportOf};
use crate::graphql::object::standing::Standing;
use crate::graphql::scalar::connection::{PageArguments, page_of};
use crate::graphql::scalar::day_range::DayRange;
use crate::graphql::scalar::time::Date;

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

impl EngagementReport {
    /// The report of an account; nothing where it is not for the asker. What the query does not show is not computed.
    ///
    /// # Errors
    /// A day that has not begun, a loader's failure, or too many accounts to score.
    pub async fn load(
        ctx: &Context<'_>,
        account: &Account,
        period: Option<Period>,
        ending_on: Option<Date>,
    ) -> Option<Result<Self, Error>> {
        let context = RequestContext::of(ctx);
        let ending_on = match context.ending_on("endingOn", ending_on) {
            Ok(day) => day,
            Err(error) => return Some(Err(error)),
        };
        let ahead = ctx.look_ahead();
        let evidence = ahead
            .field("dimensions")
            .field("components")
            .field("evidence")
            .exists()
            || ahead.field("signals").field("evidence").exists()
            || ahead.field("markdown").exists();
        let told = ["recommendations", "levers", "standing", "markdown"]
            .iter()
            .any(|field| ahead.field(field).exists());
        let naming = if told { Naming::Names } else { Naming::NoNames };
        let period = period.unwrap_or(context.state.policy.standard_period);
        let key = ReportOf {
            account: account.id,
            period,
            ending_on,
            evidence,
            naming,
        };
        let report = loaders(ctx)
            .load_one(key)
            .await
            .map_err(|e| Error::from(&e))
            .transpose()?;
        Some(report.map(|report| Self {
            key,
            account: account.name.clone(),
            computed: report,
        }))
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
        let one = |score: &DimensionScore| DimensionReport::of(score.clone(), Arc::clone(&self.computed));
        self.computed
            .report
            .evaluation
            .assessment
            .dimensions
            .iter()
            .map(one)
            .collect()
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
            self.computed
                .report
                .stakeholders
                .iter()
                .cloned()
                .map(Stakeholder)
                .collect(),
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
        let one = |raised: &RaisedSignal| SignalReport::of(raised.clone(), Arc::clone(&self.computed));
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
        self.computed
            .report
            .recommendations
            .iter()
            .cloned()
            .map(Recommendation::from)
            .collect()
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
        let days = u32::try_from(days.unwrap_or(HISTORY_DAYS.into()))
            .ok()
            .filter(|d| (1..=731).contains(d));
        let days = days.ok_or_else(|| bad_user_input("days", "`days` must be between 1 and 731"))?;
        let policy_hash = &RequestContext::of(ctx).state.policy_hash;
        let to = self.key.ending_on;
        let from = to.checked_sub_days(Days::new(u64::from(days - 1))).unwrap_or(to);
        Ok(self
            .load_history(ctx, (from, to))
            .await?
            .into_iter()
            .map(|stored| HistoryPoint::of(stored, policy_hash))
            .collect())
    }

    /// What changed in the ledger since the same report of an earlier day, row by row, the largest change first. Both are computed
    /// from rows, by the definitions and the policy in force.
    async fn ledger_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The earlier report's last day; not after this one's.")] since: Date,
    ) -> Option<Result<Vec<LedgerChange>, Error>> {
        if since.0 > self.key.ending_on {
            let message = format!(
                "{} is after the last day of this report, {}",
                since.0, self.key.ending_on
            );
            return Some(Err(bad_user_input("since", message)));
        }
        let key = ReportOf {
            ending_on: since.0,
            evidence: false,
            naming: Naming::NoNames,
            ..self.key
        };
        let earlier = loaders(ctx)
            .load_one(key)
            .await
            .map_err(|e| Error::from(&e))
            .transpose()?;
        Some(earlier.map(|e| {
            subtract(
                &e.report.evaluation.assessment,
                &self.computed.report.evaluation.assessment,
            )
        }))
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
    async fn load_history(
        &self,
        ctx: &Context<'_>,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<Vec<StoredAssessment>, Error> {
        load_list(
            ctx,
            HistoryOf {
                account: self.key.account,
                from,
                to,
            },
        )
        .await
    }
}
