//! The sponsor report of one account: who sponsors us, how engaged they are and why, what speaks for us and against us,
//! who would follow them, what to do, and when (docs/scoring.md § 7).
//!
//! Scores come from [`Sponsors`], which has no names; texts come from a [`SponsorContext`], which changes no score. Each
//! sentence quotes the numbers it stands on. Texts are plain; whoever writes them into Markdown escapes them.

mod calendar;
mod change;
mod concern;
mod context;
mod end;
mod factor;
mod former;
mod introduction;
mod people;
mod recommendation;
mod timeline;

pub use calendar::CalendarEntry;
pub(super) use calendar::next_touchpoint;
pub use change::RecentChange;
pub use concern::Concern;
pub use context::{Contract, Initiative, InteractionText, OrgChange, Outcome, Person, PlannedOutreach, Scheduled, SponsorContext};
pub use end::CustomerEnd;
pub use factor::FactorLine;
pub use former::FormerSponsor;
pub use recommendation::SponsorRecommendation;
pub use timeline::TimelineEntry;

use chrono::NaiveDate;

use crate::evaluation::{Evaluation, evaluate};
use crate::id::ContactId;
use crate::measure::{Collect, ContactTouch};
use crate::policy::Policy;
use crate::row::{AccountRows, Catalogue};
use crate::sponsor::{Executive, Finding, Leaver, Sponsors, bus_factor_while, findings};
use crate::standing::Standing;
use crate::vocabulary::{AccountTier, EngagementLevel, LevelRule, RiskLevel, SponsorRank, StatusMark};
use crate::windows::Windows;
use people::People;

/// The report.
#[derive(Debug, Clone)]
pub struct SponsorReport {
    /// When, and for which window of the standard period.
    pub windows: Windows,
    /// What to think of the account; absent where it is no customer on that day.
    pub standing: Option<Standing>,
    /// The end of an account that is no customer on that day: then there is nothing to advise.
    pub ended: Option<CustomerEnd>,
    /// The account's tier.
    pub tier: AccountTier,
    /// What it is made of.
    pub sponsors: Sponsors,
    /// The account's executive engagement: the primary sponsor's level; UNKNOWN without one.
    pub level: EngagementLevel,
    /// The risk that goes with it.
    pub risk: RiskLevel,
    /// The primary sponsor's score from 0 to 100; 0 without one.
    pub score: i32,
    /// What the primary sponsor's factors come to, from 0 to 100, whatever the level allows; 0 without one.
    pub factor_score: i32,
    /// Why the two differ; absent where they do not.
    pub score_note: Option<String>,
    /// All executives: the primary sponsor, other sponsors, others.
    pub executives: Vec<ExecutiveLine>,
    /// Sponsors of the trailing year who sponsor us no more.
    pub former: Vec<FormerSponsor>,
    /// The primary sponsor.
    pub primary: Option<PrimarySponsor>,
    /// What happened with the primary sponsor in the trailing year, newest first; without one, with all executives.
    pub timeline: Vec<TimelineEntry>,
    /// Whom to approach first, where there is no primary sponsor.
    pub approach: Option<Approach>,
    /// What speaks for us.
    pub strengths: Vec<String>,
    /// What speaks against us.
    pub concerns: Vec<Concern>,
    /// Organisational changes of the trailing year, newest first.
    pub recent_changes: Vec<RecentChange>,
    /// Who would follow the primary sponsor.
    pub succession: SuccessionSummary,
    /// Our initiatives and their priorities, best alignment first.
    pub alignment: Vec<Initiative>,
    /// What to do, most urgent first.
    pub recommendations: Vec<SponsorRecommendation>,
    /// What lies ahead, by day.
    pub calendar: Vec<CalendarEntry>,
    /// Who would be missed, most painful first; empty where that was left out.
    pub bus_factor: Vec<LeaverLine>,
}

/// One row of the table of executives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutiveLine {
    /// Who.
    pub contact: ContactId,
    /// Rank of their active sponsorship; absent without one.
    pub rank: Option<SponsorRank>,
    /// First day of that sponsorship.
    pub since: Option<NaiveDate>,
    /// How engaged they are.
    pub level: EngagementLevel,
    /// The rule that decided it.
    pub rule: LevelRule,
    /// The risk that goes with it.
    pub risk: RiskLevel,
    /// Score from 0 to 100.
    pub score: i32,
    /// What their factors come to, from 0 to 100, whatever the level allows.
    pub factor_score: i32,
    /// Why the two differ; absent where they do not.
    pub score_note: Option<String>,
    /// Day of their last direct contact by any kind, in the last 24 months.
    pub last_touch_on: Option<NaiveDate>,
    /// Day of their last executive contact, in the last 24 months.
    pub last_contact_on: Option<NaiveDate>,
    /// Days since what silence is counted from.
    pub silent_days: Option<i64>,
    /// A touchpoint is overdue.
    pub overdue: bool,
    /// Its mark.
    pub status: StatusMark,
}

/// The primary sponsor.
#[derive(Debug, Clone, PartialEq)]
pub struct PrimarySponsor {
    /// Who.
    pub contact: ContactId,
    /// Whole months they have had their role, where known.
    pub tenure_months: Option<i32>,
    /// What matters to them.
    pub priorities: Vec<String>,
    /// How they like to be reached.
    pub communication_preference: Option<String>,
    /// The four factors of their score.
    pub factors: Vec<FactorLine>,
}

/// Whom to approach first about the sponsorship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approach {
    /// Who; absent where nobody is known.
    pub contact: Option<ContactId>,
    /// Why them.
    pub reason: String,
}

/// Who would follow the primary sponsor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuccessionSummary {
    /// Whole months the primary sponsor has had their role, where known.
    pub tenure_months: Option<i32>,
    /// Active backups.
    pub backups: Vec<Backup>,
    /// LOW, MEDIUM or HIGH.
    pub risk: RiskLevel,
    /// Why, in words.
    pub reason: String,
}

/// An active backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// Who.
    pub contact: ContactId,
    /// How engaged they are.
    pub level: EngagementLevel,
    /// Score from 0 to 100.
    pub score: i32,
}

/// What the account would be without one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaverLine {
    /// Who would have left.
    pub contact: ContactId,
    /// The account's overall score without them, rounded.
    pub overall_without: Option<i32>,
    /// Points against the score with them.
    pub change: Option<i32>,
    /// The account's executive level without them.
    pub level_without: EngagementLevel,
}

/// Everything that the parts of the report are written from.
struct Sources<'a> {
    rows: &'a AccountRows,
    policy: &'a Policy,
    windows: &'a Windows,
    context: &'a SponsorContext,
    sponsors: &'a Sponsors,
    touches: &'a [ContactTouch],
    people: People<'a>,
    findings: Vec<Finding<'a>>,
}

impl SponsorReport {
    /// Writes the report of an account for the standard period that ends on `windows.ending_on`.
    pub fn new(rows: &AccountRows, catalogue: &Catalogue, policy: &Policy, windows: &Windows, context: &SponsorContext) -> Self {
        let standard = Windows::new(windows.ending_on, windows.at, windows.zone, policy.standard_period);
        let evaluation = evaluate(rows, catalogue, policy, &standard, Collect::Numbers);
        let mut report = Self::without_bus_factor(rows, evaluation, policy, context);
        report.add_bus_factor(rows, catalogue, policy, || true);
        report
    }

    /// Writes it from an evaluation in the standard period, without saying who would be missed: most of the work where there
    /// are many people.
    pub fn without_bus_factor(rows: &AccountRows, evaluation: Evaluation, policy: &Policy, context: &SponsorContext) -> Self {
        let windows = evaluation.standard;
        let sources = Sources {
            rows,
            policy,
            windows: &windows,
            context,
            sponsors: &evaluation.sponsors,
            touches: &evaluation.current.touches,
            people: People::new(rows, context),
            findings: findings(&context.metrics, &context.goals, policy, &windows),
        };
        let former = former::former(&sources);
        let recent_changes = change::recent(&sources);
        let primary = sources.sponsors.primary();
        let report = Self {
            standing: evaluation.standing,
            ended: end::of(&sources, &former),
            tier: rows.account.tier,
            level: sources.sponsors.level,
            risk: sources.sponsors.risk,
            score: sources.sponsors.score,
            factor_score: primary.map_or(0, |primary| primary.factor_score),
            score_note: primary.and_then(|primary| factor::score_note(&sources, primary)),
            executives: sources.executives(),
            former,
            primary: sources.primary(),
            timeline: timeline::timeline(&sources),
            succession: sources.succession(),
            alignment: align(&context.initiatives),
            approach: None,
            strengths: Vec::new(),
            concerns: Vec::new(),
            recommendations: Vec::new(),
            calendar: Vec::new(),
            bus_factor: Vec::new(),
            recent_changes,
            windows,
            sponsors: evaluation.sponsors.clone(),
        };
        if report.ended.is_some() {
            return report;
        }
        let approach = people::approach(&sources);
        Self {
            strengths: concern::strengths(&sources),
            concerns: concern::concerns(&sources, &report.recent_changes),
            recommendations: recommendation::recommend(&sources, approach.as_ref(), &report.recent_changes),
            calendar: calendar::lay_out(&sources),
            approach,
            ..report
        }
    }

    /// Says who would be missed, from the rows that the report was written from, unless `goes_on` says before one of them that
    /// nobody wants to know any more.
    pub fn add_bus_factor(&mut self, rows: &AccountRows, catalogue: &Catalogue, policy: &Policy, goes_on: impl Fn() -> bool) {
        let line = |leaver: Leaver| {
            let contact = rows.contacts.get(leaver.contact as usize)?.id;
            let Leaver { overall_without, change, level_without, .. } = leaver;
            Some(LeaverLine { contact, overall_without, change, level_without })
        };
        let leavers = bus_factor_while(rows, catalogue, policy, &self.windows, goes_on);
        self.bus_factor = leavers.into_iter().filter_map(line).collect();
    }

    /// The report as Markdown: heading for heading the sponsor seed's response format. `context` is the one that the
    /// report was written with.
    pub fn markdown(&self, context: &SponsorContext) -> String {
        super::sponsor_markdown::write(self, context)
    }
}

impl Sources<'_> {
    /// Whether a contact is known and has not left.
    fn is_there(&self, contact: ContactId) -> bool {
        self.people.place(contact).is_some_and(|place| !self.rows.is_departed(place, self.windows.ending_on))
    }

    /// Whether an executive was in contact recently enough for their factors to speak for us.
    fn is_recent(&self, executive: &Executive) -> bool {
        let days = executive.last_contact_on.map(|day| self.windows.days_since(day));
        days.is_some_and(|days| self.sponsors.cadence.within(days, self.policy.sponsors.engaged_intervals))
    }

    fn executives(&self) -> Vec<ExecutiveLine> {
        let lines = self.sponsors.executives.iter().filter_map(|executive| {
            Some(ExecutiveLine {
                contact: self.people.id(executive.contact)?,
                rank: executive.rank,
                since: executive.since,
                level: executive.level,
                rule: executive.rule,
                risk: executive.risk,
                score: executive.score,
                factor_score: executive.factor_score,
                score_note: factor::score_note(self, executive),
                last_touch_on: executive.last_touch_on,
                last_contact_on: executive.last_contact_on,
                silent_days: executive.silence.days,
                overdue: executive.silence.overdue,
                status: executive.status,
            })
        });
        lines.collect()
    }

    fn primary(&self) -> Option<PrimarySponsor> {
        let executive = self.sponsors.primary()?;
        let contact = self.people.id(executive.contact)?;
        let person = self.context.contacts.get(&contact);
        Some(PrimarySponsor {
            contact,
            tenure_months: self.sponsors.succession.tenure_months,
            priorities: person.map(|person| person.priorities.clone()).unwrap_or_default(),
            communication_preference: person.and_then(|person| person.communication_preference.clone()),
            factors: executive.factors.iter().map(|factor| factor::line(factor, executive, self)).collect(),
        })
    }

    fn succession(&self) -> SuccessionSummary {
        let succession = &self.sponsors.succession;
        let backups = self
            .sponsors
            .backups()
            .filter_map(|backup| Some(Backup { contact: self.people.id(backup.contact)?, level: backup.level, score: backup.score }));
        SuccessionSummary {
            tenure_months: succession.tenure_months,
            backups: backups.collect(),
            risk: succession.risk,
            reason: concern::succession(self).to_owned(),
        }
    }
}

/// Best alignment first, then by name.
fn align(initiatives: &[Initiative]) -> Vec<Initiative> {
    let mut initiatives = initiatives.to_vec();
    initiatives.sort_by(|a, b| a.alignment.cmp(&b.alignment).then_with(|| a.initiative.cmp(&b.initiative)));
    initiatives
}
