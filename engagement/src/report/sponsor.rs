//! The sponsor report of one account: who sponsors us, how engaged they are and why, what speaks for us and against us,
//! who would follow them, what to do, and when (docs/scoring.md § 7).
//!
//! Scores come from [`Sponsors`], which has no names; texts come from a [`SponsorContext`], which changes no score. Each
//! sentence quotes the numbers it stands on. Texts are plain; whoever writes them into Markdown escapes them.

mod calendar;
mod change;
mod concern;
mod context;
mod factor;
mod people;
mod recommendation;
mod timeline;

pub use calendar::CalendarEntry;
pub(super) use calendar::{kind_name, next_touchpoint};
pub use change::RecentChange;
pub use concern::Concern;
pub use context::{Contract, Initiative, InteractionText, OrgChange, Person, PlannedOutreach, Scheduled, SponsorContext};
pub use factor::FactorLine;
pub use recommendation::SponsorRecommendation;
pub use timeline::TimelineEntry;

use chrono::NaiveDate;

use crate::id::ContactId;
use crate::measure::{Collect, ContactTouch, measure};
use crate::policy::Policy;
use crate::row::{AccountRows, Catalogue, Span};
use crate::sponsor::{Finding, Leaver, Sponsors, bus_factor_while, findings, sponsors};
use crate::vocabulary::{AccountTier, EngagementLevel, LevelRule, RiskLevel, SponsorRank, StatusMark};
use crate::windows::Windows;
use people::People;

/// The report.
#[derive(Debug, Clone)]
pub struct SponsorReport {
    /// When, and for which window of the standard period.
    pub windows: Windows,
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
    /// All executives: the primary sponsor, other sponsors, others.
    pub executives: Vec<ExecutiveLine>,
    /// The primary sponsor.
    pub primary: Option<PrimarySponsor>,
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
    /// What happened with them in the trailing year, newest first.
    pub timeline: Vec<TimelineEntry>,
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
        let mut report = Self::without_bus_factor(rows, catalogue, policy, windows, context);
        report.add_bus_factor(rows, catalogue, policy, || true);
        report
    }

    /// Writes it without saying who would be missed: most of the work where there are many people.
    pub fn without_bus_factor(
        rows: &AccountRows,
        catalogue: &Catalogue,
        policy: &Policy,
        windows: &Windows,
        context: &SponsorContext,
    ) -> Self {
        let windows = Windows::new(windows.ending_on, windows.at, windows.zone, policy.standard_period);
        let sponsors = sponsors(rows, policy, &windows);
        let touches = measure(rows, (catalogue, Span::Current), policy, &windows, Collect::Numbers).touches;
        let people = People::new(rows, context);
        let sources = Sources {
            rows,
            policy,
            windows: &windows,
            context,
            sponsors: &sponsors,
            touches: &touches,
            people,
            findings: findings(&context.metrics, &context.goals, policy, &windows),
        };
        let recent_changes = change::recent(&sources);
        let approach = people::approach(&sources);
        let concerns = concern::concerns(&sources, &recent_changes);
        let recommendations = recommendation::recommend(&sources, approach.as_ref(), &recent_changes);
        Self {
            tier: rows.account.tier,
            level: sponsors.level,
            risk: sponsors.risk,
            score: sponsors.score,
            executives: sources.executives(),
            primary: sources.primary(),
            strengths: concern::strengths(&sources),
            concerns,
            recent_changes,
            succession: sources.succession(),
            alignment: align(&context.initiatives),
            recommendations,
            calendar: calendar::lay_out(&sources),
            bus_factor: Vec::new(),
            approach,
            windows,
            sponsors,
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
            timeline: timeline::timeline(self, executive.contact),
            factors: executive.factors.iter().map(|factor| factor::line(factor, executive, self.sponsors)).collect(),
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
