//! The sponsor report of an account: computed from rows when it is asked for, for any past day; and the primary sponsor as
//! lists show them.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Error, ID, Object, SimpleObject};
use engagement::id::ContactId;
use engagement::report::sponsor::{
    Backup, CalendarEntry, Concern, ExecutiveLine, FactorLine, FormerSponsor as Former, Initiative, LeaverLine, RecentChange,
    SponsorRecommendation, TimelineEntry,
};
use engagement::vocabulary::{
    Alignment, Certainty, EngagementLevel, InteractionKind, LevelRule, OrgChangeKind, RiskLevel, SponsorRank, StatusMark,
};
use service::primary_sponsor::PrimarySponsor as Leader;
use service::sponsor_level::ToldChange;
use service::sponsor_report::LabelledSponsorReport;

use super::contact::Contact;
use super::engagement_report::DayRange;
use crate::graphql::bounds::limits;
use crate::graphql::load::ask::{load_list, load_one};
use crate::graphql::load::nodes::ContactById;
use crate::graphql::load::sponsors::{LevelsOf, SponsorReportOf};
use crate::graphql::scalar::connection::{PageArguments, connection, page_of};
use crate::graphql::scalar::time::Date;

connection!(SponsorExecutiveConnection, SponsorExecutiveEdge, SponsorExecutive, "executives");
connection!(SponsorLeaverConnection, SponsorLeaverEdge, SponsorLeaver, "people who may leave");
connection!(SponsorLevelChangeConnection, SponsorLevelChangeEdge, SponsorLevelChange, "changes of levels");
connection!(SponsorCalendarConnection, SponsorCalendarEdge, SponsorCalendarEntry, "what lies ahead");
connection!(InitiativeAlignmentConnection, InitiativeAlignmentEdge, InitiativeAlignment, "initiatives");

/// Who sponsors us at an account, how engaged they are and why, who would follow them, what to do, and when.
pub struct SponsorReport {
    /// What was asked for.
    pub key: SponsorReportOf,
    /// What came out.
    pub computed: Arc<LabelledSponsorReport>,
}

/// The primary sponsor of an account, with the standing that was last stored.
pub struct SponsorStanding(pub Leader);

impl From<Leader> for SponsorStanding {
    fn from(leader: Leader) -> Self {
        Self(leader)
    }
}

/// The primary sponsor of an account, with the standing that was last stored.
#[Object]
impl SponsorStanding {
    /// Who.
    async fn contact(&self) -> Contact {
        Contact(self.0.contact.clone())
    }

    /// How engaged they are; UNKNOWN until they have been scored.
    async fn level(&self) -> EngagementLevel {
        self.0.level
    }

    /// The risk that goes with the level.
    async fn risk(&self) -> RiskLevel {
        self.0.risk
    }

    /// Their score from 0 to 100; 0 until they have been scored.
    async fn score(&self) -> i32 {
        self.0.score
    }
}

/// What is about a contact: the contact comes from the request's loader.
async fn contact(ctx: &Context<'_>, id: ContactId) -> Option<Result<Contact, Error>> {
    load_one(ctx, ContactById(id)).await
}

/// An executive of the customer: a sponsor, a chief officer or a vice president.
#[derive(Clone, SimpleObject)]
#[graphql(complex)]
pub struct SponsorExecutive {
    #[graphql(skip)]
    contact_id: ContactId,
    /// The rank of their sponsorship; null without one.
    rank: Option<SponsorRank>,
    /// The first day of their sponsorship; null without one.
    since: Option<Date>,
    /// How engaged they are.
    level: EngagementLevel,
    /// The rule that decided the level.
    rule: LevelRule,
    /// The risk that goes with the level.
    risk: RiskLevel,
    /// Their score from 0 to 100: what their factors come to, at most what their level allows.
    score: i32,
    /// What their factors come to, from 0 to 100.
    factor_score: i32,
    /// Why the two differ; null where they do not.
    score_note: Option<String>,
    /// The day of the last direct contact of any kind in two years.
    last_touch_on: Option<Date>,
    /// The day of the last executive contact in two years: a meeting or a call, or a personal answer.
    last_executive_contact_on: Option<Date>,
    /// Days since the last executive contact, or since the sponsorship began where that is later.
    silent_days: Option<i64>,
    /// A touchpoint that the tier's cadence asks for is overdue.
    overdue: bool,
    /// The mark that goes with it all.
    status: StatusMark,
}

#[ComplexObject]
impl SponsorExecutive {
    /// Who; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        contact(ctx, self.contact_id).await
    }
}

impl From<&ExecutiveLine> for SponsorExecutive {
    fn from(line: &ExecutiveLine) -> Self {
        Self {
            contact_id: line.contact,
            rank: line.rank,
            since: line.since.map(Date),
            level: line.level,
            rule: line.rule,
            risk: line.risk,
            score: line.score,
            factor_score: line.factor_score,
            score_note: line.score_note.clone(),
            last_touch_on: line.last_touch_on.map(Date),
            last_executive_contact_on: line.last_contact_on.map(Date),
            silent_days: line.silent_days,
            overdue: line.overdue,
            status: line.status,
        }
    }
}

/// Somebody who sponsored us in the trailing year and does so no more.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct FormerSponsor {
    #[graphql(skip)]
    contact_id: ContactId,
    /// What they were.
    rank: SponsorRank,
    /// The first day without their sponsorship; null where they left and nobody wrote down when.
    ended_on: Option<Date>,
    /// They have left the customer.
    departed: bool,
    /// When they left, where that is known.
    left_on: Option<Date>,
}

#[ComplexObject]
impl FormerSponsor {
    /// Who; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        contact(ctx, self.contact_id).await
    }
}

impl From<&Former> for FormerSponsor {
    fn from(former: &Former) -> Self {
        Self {
            contact_id: former.contact,
            rank: former.rank,
            ended_on: former.ended_on.map(Date),
            departed: former.departed,
            left_on: former.left_on.map(Date),
        }
    }
}

/// The primary sponsor in a sponsor report.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct PrimarySponsor {
    #[graphql(skip)]
    contact_id: ContactId,
    /// Whole months they have had their role; null where not known.
    tenure_months: Option<i32>,
    /// What matters to them; at most 20.
    priorities: Vec<String>,
    /// How much matters to them, also beyond the 20 of `priorities`.
    priorities_count: usize,
    /// How they like to be reached.
    communication_preference: Option<String>,
    /// What happened with them in the trailing year, the newest first, at most 20.
    timeline: Vec<SponsorTimelineEntry>,
    /// The four factors of their score, in fixed order.
    factors: Vec<FactorLine>,
}

#[ComplexObject]
impl PrimarySponsor {
    /// Who; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        contact(ctx, self.contact_id).await
    }
}

/// Something that happened with the primary sponsor, or with an executive.
#[derive(SimpleObject)]
pub struct SponsorTimelineEntry {
    /// The global id of the interaction.
    interaction_id: ID,
    /// The day.
    on: Date,
    /// What kind.
    kind: InteractionKind,
    /// What it was about: its topics, at most 20, else its subject.
    topics: Vec<String>,
    /// How much it was about, also beyond the 20 of `topics`.
    topics_count: usize,
    /// What came of it: as recorded, else what its status says.
    outcome: String,
}

impl From<&TimelineEntry> for SponsorTimelineEntry {
    fn from(entry: &TimelineEntry) -> Self {
        Self {
            interaction_id: ID(entry.interaction.to_string()),
            on: Date(entry.on),
            kind: entry.kind,
            topics: limits::TIMELINE_TOPICS.cut(entry.topics.iter().cloned()),
            topics_count: entry.topics.len(),
            outcome: entry.outcome.clone(),
        }
    }
}

/// Whom to approach first at an account without a primary sponsor.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SponsorApproach {
    #[graphql(skip)]
    contact_id: Option<ContactId>,
    /// Why them.
    reason: String,
}

#[ComplexObject]
impl SponsorApproach {
    /// Who; null where nobody is known.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        contact(ctx, self.contact_id?).await
    }
}

/// A change in the customer's organisation, with what it means for us.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct RecentOrgChange {
    #[graphql(skip)]
    contact_id: Option<ContactId>,
    /// One line.
    summary: String,
    /// What kind.
    kind: OrgChangeKind,
    /// The day it was observed.
    observed_on: Date,
    /// Whether it is sure.
    certainty: Certainty,
    /// What it means for us: as a person wrote, else what the rows say.
    impact: String,
    /// A person has looked at it.
    reviewed: bool,
}

#[ComplexObject]
impl RecentOrgChange {
    /// Whom it is about; null where that is nobody in particular.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        contact(ctx, self.contact_id?).await
    }
}

impl From<&RecentChange> for RecentOrgChange {
    fn from(change: &RecentChange) -> Self {
        Self {
            contact_id: change.contact,
            summary: change.summary.clone(),
            kind: change.kind,
            observed_on: Date(change.observed_on),
            certainty: change.certainty,
            impact: change.impact.clone(),
            reviewed: change.reviewed,
        }
    }
}

/// Who would follow the primary sponsor.
#[derive(SimpleObject)]
pub struct SponsorSuccession {
    /// Whole months the primary sponsor has had their role; null where not known.
    tenure_months: Option<i32>,
    /// The active backups; at most 20.
    backups: Vec<SponsorBackup>,
    /// How many active backups there are, also beyond the 20 of `backups`.
    backups_count: usize,
    /// LOW, MEDIUM or HIGH.
    risk: RiskLevel,
    /// Why.
    reason: String,
}

/// An active backup of the primary sponsor.
pub struct SponsorBackup(Backup);

/// An active backup of the primary sponsor.
#[Object]
impl SponsorBackup {
    /// Who; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        contact(ctx, self.0.contact).await
    }

    /// How engaged they are.
    async fn level(&self) -> EngagementLevel {
        self.0.level
    }

    /// Their score from 0 to 100.
    async fn score(&self) -> i32 {
        self.0.score
    }
}

/// An initiative of ours beside a priority of theirs.
#[derive(Clone, SimpleObject)]
pub struct InitiativeAlignment {
    /// Ours.
    initiative: String,
    /// Theirs, where known.
    their_priority: Option<String>,
    /// How well the two fit.
    alignment: Alignment,
}

impl From<&Initiative> for InitiativeAlignment {
    fn from(initiative: &Initiative) -> Self {
        Self {
            initiative: initiative.initiative.clone(),
            their_priority: initiative.their_priority.clone(),
            alignment: initiative.alignment,
        }
    }
}

/// Something that lies ahead.
#[derive(Clone, SimpleObject)]
pub struct SponsorCalendarEntry {
    /// The day; of an overdue touch the day of the report, or the next working day.
    on: Date,
    /// What.
    event: String,
    /// Names: theirs first, then ours; at most 20.
    attendees: Vec<String>,
    /// How many attend, also beyond the 20 of `attendees`.
    attendees_count: usize,
    /// What for.
    objective: String,
}

impl From<&CalendarEntry> for SponsorCalendarEntry {
    fn from(entry: &CalendarEntry) -> Self {
        Self {
            on: Date(entry.on),
            event: entry.event.clone(),
            attendees: limits::ATTENDEES.cut(entry.attendees.iter().cloned()),
            attendees_count: entry.attendees.len(),
            objective: entry.objective.clone(),
        }
    }
}

/// What an account would be without one contact: taken out of every list of participants, what named only them gone, and
/// measured again.
#[derive(Clone)]
pub struct SponsorLeaver(LeaverLine);

/// What an account would be without one contact: taken out of every list of participants, what named only them gone, and
/// measured again.
#[Object]
impl SponsorLeaver {
    /// Who would have left; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        contact(ctx, self.0.contact).await
    }

    /// The overall score without them; null where nothing could be measured.
    async fn overall_without(&self) -> Option<i32> {
        self.0.overall_without
    }

    /// Points against the score with them.
    async fn change(&self) -> Option<i32> {
        self.0.change
    }

    /// The account's executive level without them.
    async fn level_without(&self) -> EngagementLevel {
        self.0.level_without
    }
}

/// A change of an executive's level, as it was stored.
#[derive(Clone)]
pub struct SponsorLevelChange(ToldChange);

/// A change of an executive's level, as it was stored.
#[Object]
impl SponsorLevelChange {
    /// Whose; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        contact(ctx, self.0.change.contact).await
    }

    /// The first day of the level.
    async fn on(&self) -> Date {
        Date(self.0.change.day)
    }

    /// The level from then on.
    async fn level(&self) -> EngagementLevel {
        self.0.change.level
    }

    /// The level before; null for the first.
    async fn previous_level(&self) -> Option<EngagementLevel> {
        self.0.change.previous
    }

    /// Their score from 0 to 100 on that day.
    async fn score(&self) -> i32 {
        self.0.change.score
    }

    /// The rule that decided.
    async fn cause(&self) -> LevelRule {
        self.0.change.cause
    }

    /// The level and the one before are of the definitions of today and the policy in force; false: the change may be theirs, and not
    /// the executive's.
    async fn comparable(&self) -> bool {
        self.0.comparable
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
            self.computed.report.executives.iter().map(SponsorExecutive::from).collect(),
            &PageArguments::read(first, after, last, before)?,
        )
        .map(Into::into)
    }

    /// The primary sponsor; null without one.
    async fn primary(&self) -> Option<PrimarySponsor> {
        self.computed.report.primary.as_ref().map(|primary| PrimarySponsor {
            contact_id: primary.contact,
            tenure_months: primary.tenure_months,
            priorities: limits::SPONSOR_PRIORITIES.cut(primary.priorities.iter().cloned()),
            priorities_count: primary.priorities.len(),
            communication_preference: primary.communication_preference.clone(),
            timeline: limits::SPONSOR_TIMELINE.cut(self.computed.report.timeline.iter().map(SponsorTimelineEntry::from)),
            factors: primary.factors.clone(),
        })
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
        limits::TIMELINE.cut(self.computed.report.timeline.iter().map(SponsorTimelineEntry::from))
    }

    /// Whom to approach first; null where there is a primary sponsor, and of an account that is a customer no more.
    async fn approach(&self) -> Option<SponsorApproach> {
        let approach = self.computed.report.approach.as_ref()?;
        Some(SponsorApproach { contact_id: approach.contact, reason: approach.reason.clone() })
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
        limits::RECENT_CHANGES.cut(self.computed.report.recent_changes.iter().map(RecentOrgChange::from))
    }

    /// Who would follow the primary sponsor.
    async fn succession(&self) -> SponsorSuccession {
        let succession = &self.computed.report.succession;
        SponsorSuccession {
            tenure_months: succession.tenure_months,
            backups: limits::BACKUPS.cut(succession.backups.iter().copied().map(SponsorBackup)),
            backups_count: succession.backups.len(),
            risk: succession.risk,
            reason: succession.reason.clone(),
        }
    }

    /// Our initiatives beside their priorities, the best fit first; at most 50, `alignmentPage` has all of them.
    async fn alignment(&self) -> Vec<InitiativeAlignment> {
        limits::ALIGNMENT.cut(self.computed.report.alignment.iter().map(InitiativeAlignment::from))
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
            self.computed.report.alignment.iter().map(InitiativeAlignment::from).collect(),
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
        limits::CALENDAR.cut(self.computed.report.calendar.iter().map(SponsorCalendarEntry::from))
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
            self.computed.report.calendar.iter().map(SponsorCalendarEntry::from).collect(),
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
            self.computed.report.bus_factor.iter().copied().map(SponsorLeaver).collect(),
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
        page_of(self.load_levels(ctx).await?, &PageArguments::read(first, after, last, before)?).map(Into::into)
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
        let key = LevelsOf { account: self.key.account, from, to: self.key.ending_on };
        let changes = load_list(ctx, key).await?;
        Ok(changes.into_iter().map(SponsorLevelChange).collect())
    }
}
