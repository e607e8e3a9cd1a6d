//! The sponsor report of an account, computed from rows when it is asked for, for any past day.

use std::sync::Arc;

use async_graphql::{Context, Error, Object};
use engagement::report::sponsor::{Concern, SponsorRecommendation};
use engagement::vocabulary::{EngagementLevel, RiskLevel};
use service::record::account::Account;
use service::report::sponsor_report::LabelledSponsorReport;

use super::calendar::{
    InitiativeAlignment, InitiativeAlignmentConnection, SponsorCalendarConnection, SponsorCalendarEntry,
};
use super::change::{RecentOrgChange, SponsorLevelChange, SponsorLevelChangeConnection};
use super::executive::{FormerSponsor, SponsorExecutive, SponsorExecutiveConnection};
use super::primary::{PrimarySponsor, SponsorTimelineEntry};
use super::succession::{SponsorApproach, SponsorLeaver, SponsorLeaverConnection, SponsorSuccession};
use crate::graphql::bounds::limits;
use crate::graphql::context::RequestContext;
use crate::graphql::load::ask::load_list;
use crate::graphql::load::batches::loaders;
use crate::graphql::load::sponsors::{LevelsOf, SponsorReportOf};
use crate::graphql::scalar::connection::{PageArguments, page_of};
use crate::graphql::scalar::day_range::DayRange;
use crate::graphql::scalar::time::Date;

/// Who sponsors us at an account, how engaged they are and why, who would follow them, what to do, and when.
pub struct SponsorReport {
    /// What was asked for.
    pub key: SponsorReportOf,
    /// What came out.
    pub computed: Arc<LabelledSponsorReport>,
}

impl SponsorReport {
    /// The report of an account; nothing where it is not for the asker. Who would be missed is computed only for a query that shows it.
    ///
    /// # Errors
    /// A day that has not begun, a loader's failure, or too many accounts to score.
    pub async fn load(
        ctx: &Context<'_>,
        account: &Account,
        ending_on: Option<Date>,
    ) -> Option<Result<Self, Error>> {
        let ending_on = match RequestContext::of(ctx).ending_on("endingOn", ending_on) {
            Ok(day) => day,
            Err(error) => return Some(Err(error)),
        };
        let ahead = ctx.look_ahead();
        let bus_factor = ["busFactor", "busFactorPage", "markdown"]
            .iter()
            .any(|field| ahead.field(field).exists());
        let key = SponsorReportOf {
            account: account.id,
            ending_on,
            bus_factor,
        };
        let report = loaders(ctx)
            .load_one(key)
            .await
            .map_err(|e| Error::from(&e))
            .transpose()?;
        Some(report.map(|computed| Self { key, computed }))
    }
}

/// Who sponsors us at an account, how engaged they are and why, who would follow them, what to do, and when.
#[Object]
impl SponsorReport {
    /// The days of the standard period that the report is about.
    async fn period(&self) -> DayRange {
        (&self.computed.report.windows).into()
    }

    /// The executive engagement: the primary sponsor's level; UNKNOWN without one.
    async fn level(&self) -> EngagementLevel {
        self.computed.report.level
    }

    /// The risk that goes with the level.
    async fn risk(&self) -> RiskLevel {
        self.computed.report.risk
    }

    /// The primary sponsor's score from 0 to 100: what their factors come to, at most what their level allows; 0 without one.
    async fn score(&self) -> i32 {
        self.computed.report.score
    }

    /// What the primary sponsor's factors come to, from 0 to 100; 0 without one.
    async fn factor_score(&self) -> i32 {
        self.computed.report.factor_score
    }

    /// Why the two differ; null where they do not.
    async fn score_note(&self) -> Option<&str> {
        self.computed.report.score_note.as_deref()
    }

    /// All executives: the primary sponsor, other sponsors, others; at most 50, `executivesPage` has all of them.
    async fn executives(&self) -> Vec<SponsorExecutive> {
        limits::EXECUTIVES.cut(self.computed.report.executives.iter().map(SponsorExecutive::from))
    }

    /// All executives: the primary sponsor, other sponsors, others.
    #[expect(clippy::unused_async, reason = "resolvers are")]
    async fn executives_page(
        &self,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<SponsorExecutiveConnection, Error> {
        page_of(
            self.computed
                .report
                .executives
                .iter()
                .map(SponsorExecutive::from)
                .collect(),
            &PageArguments::read(first, after, last, before)?,
        )
        .map(Into::into)
    }

    /// The primary sponsor; null without one.
    async fn primary(&self) -> Option<PrimarySponsor> {
        PrimarySponsor::of(&self.computed.report)
    }

    /// Sponsors of the trailing year who left or sponsor us no more: the primary ones first, then the latest; at most 20.
    async fn former_sponsors(&self) -> Vec<FormerSponsor> {
        limits::FORMER_SPONSORS.cut(self.computed.report.former.iter().map(FormerSponsor::from))
    }

    /// How many they are, also beyond the 20 of `formerSponsors`.
    async fn former_sponsors_count(&self) -> usize {
        self.computed.report.former.len()
    }

    /// What happened with the primary sponsor in the trailing year, the newest first; without one, with all executives; at most 20.
    async fn timeline(&self) -> Vec<SponsorTimelineEntry> {
        limits::TIMELINE.cut(
            self.computed
                .report
                .timeline
                .iter()
                .map(SponsorTimelineEntry::from),
        )
    }

    /// Whom to approach first; null where there is a primary sponsor, and of an account that is a customer no more.
    async fn approach(&self) -> Option<SponsorApproach> {
        self.computed.report.approach.as_ref().map(SponsorApproach::from)
    }

    /// What speaks for us, with the numbers; at most 20.
    async fn strengths(&self) -> Vec<&str> {
        limits::STRENGTHS.cut(self.computed.report.strengths.iter().map(String::as_str))
    }

    /// How much speaks for us, also beyond the 20 of `strengths`.
    async fn strengths_count(&self) -> usize {
        self.computed.report.strengths.len()
    }

    /// What speaks against us, with the numbers; at most 50.
    async fn concerns(&self) -> Vec<Concern> {
        limits::CONCERNS.cut(self.computed.report.concerns.iter().cloned())
    }

    /// How much speaks against us, also beyond the 50 of `concerns`.
    async fn concerns_count(&self) -> usize {
        self.computed.report.concerns.len()
    }

    /// Organisational changes of the trailing year, the newest first, at most 20.
    async fn recent_changes(&self) -> Vec<RecentOrgChange> {
        limits::RECENT_CHANGES.cut(
            self.computed
                .report
                .recent_changes
                .iter()
                .map(RecentOrgChange::from),
        )
    }

    /// Who would follow the primary sponsor.
    async fn succession(&self) -> SponsorSuccession {
        (&self.computed.report.succession).into()
    }

    /// Our initiatives beside their priorities, the best fit first; at most 50, `alignmentPage` has all of them.
    async fn alignment(&self) -> Vec<InitiativeAlignment> {
        limits::ALIGNMENT.cut(
            self.computed
                .report
                .alignment
                .iter()
                .map(InitiativeAlignment::from),
        )
    }

    /// Our initiatives beside their priorities, the best fit first.
    #[expect(clippy::unused_async, reason = "resolvers are")]
    async fn alignment_page(
        &self,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<InitiativeAlignmentConnection, Error> {
        page_of(
            self.computed
                .report
                .alignment
                .iter()
                .map(InitiativeAlignment::from)
                .collect(),
            &PageArguments::read(first, after, last, before)?,
        )
        .map(Into::into)
    }

    /// What to do, the most urgent first; at most 50.
    async fn recommendations(&self) -> Vec<SponsorRecommendation> {
        limits::SPONSOR_RECOMMENDATIONS.cut(self.computed.report.recommendations.iter().cloned())
    }

    /// How much there is to do, also beyond the 50 of `recommendations`.
    async fn recommendations_count(&self) -> usize {
        self.computed.report.recommendations.len()
    }

    /// What lies ahead: what is planned, the next touch that each cadence asks for, the renewal; at most 50, `calendarPage` has all of it.
    async fn calendar(&self) -> Vec<SponsorCalendarEntry> {
        limits::CALENDAR.cut(
            self.computed
                .report
                .calendar
                .iter()
                .map(SponsorCalendarEntry::from),
        )
    }

    /// What lies ahead: what is planned, the next touch that each cadence asks for, the renewal.
    #[expect(clippy::unused_async, reason = "resolvers are")]
    async fn calendar_page(
        &self,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<SponsorCalendarConnection, Error> {
        page_of(
            self.computed
                .report
                .calendar
                .iter()
                .map(SponsorCalendarEntry::from)
                .collect(),
            &PageArguments::read(first, after, last, before)?,
        )
        .map(Into::into)
    }

    /// What the account would be without each executive and each engaged contact, the most painful loss first; at most 50,
    /// `busFactorPage` has all of them.
    async fn bus_factor(&self) -> Vec<SponsorLeaver> {
        limits::BUS_FACTOR.cut(self.computed.report.bus_factor.iter().copied().map(SponsorLeaver))
    }

    /// What the account would be without each executive and each engaged contact, the most painful loss first.
    #[expect(clippy::unused_async, reason = "resolvers are")]
    async fn bus_factor_page(
        &self,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<SponsorLeaverConnection, Error> {
        page_of(
            self.computed
                .report
                .bus_factor
                .iter()
                .copied()
                .map(SponsorLeaver)
                .collect(),
            &PageArguments::read(first, after, last, before)?,
        )
        .map(Into::into)
    }

    /// How the levels of executives changed in the trailing year, as it was stored, oldest first; at most 100, `levelHistoryPage` has all
    /// of it.
    async fn level_history(&self, ctx: &Context<'_>) -> Result<Vec<SponsorLevelChange>, Error> {
        Ok(limits::LEVEL_HISTORY.cut(self.load_levels(ctx).await?))
    }

    /// How the levels of executives changed in the trailing year, as it was stored, oldest first.
    async fn level_history_page(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<SponsorLevelChangeConnection, Error> {
        page_of(
            self.load_levels(ctx).await?,
            &PageArguments::read(first, after, last, before)?,
        )
        .map(Into::into)
    }

    /// The last day for which any data had come in.
    async fn data_through(&self) -> Option<Date> {
        self.computed.context.data_through.map(Date)
    }

    /// The report as Markdown.
    async fn markdown(&self) -> String {
        self.computed.markdown()
    }
}

impl SponsorReport {
    async fn load_levels(&self, ctx: &Context<'_>) -> Result<Vec<SponsorLevelChange>, Error> {
        let from = self.computed.report.windows.year_start_day;
        let key = LevelsOf {
            account: self.key.account,
            from,
            to: self.key.ending_on,
        };
        let changes = load_list(ctx, key).await?;
        Ok(changes.into_iter().map(SponsorLevelChange).collect())
    }
}
