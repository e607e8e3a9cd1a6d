//! The sponsor report as fields, written part by part from the same sources.

use super::advice_list::SponsorRecommendation;
use super::approach::{Approach, approach};
use super::calendar::{self, CalendarEntry};
use super::change::{self, RecentChange};
use super::concern::{self, Concern};
use super::context::{Initiative, SponsorContext};
use super::end::{self, CustomerEnd};
use super::executive::{ExecutiveLine, PrimarySponsor, executives, primary};
use super::factor;
use super::former::{self, FormerSponsor};
use super::people::People;
use super::recommendation;
use super::sources::Sources;
use super::succession::{SuccessionSummary, succession};
use super::timeline::{self, TimelineEntry};
use crate::evaluation::{Evaluation, evaluate};
use crate::measure::Collect;
use crate::policy::Policy;
use crate::row::windows::Windows;
use crate::row::{AccountRows, Catalogue};
use crate::sponsor::{Leaver, Sponsors, bus_factor_while, findings};
use crate::standing::Standing;
use crate::vocabulary::id::ContactId;
use crate::vocabulary::{AccountTier, EngagementLevel, RiskLevel};

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

impl SponsorReport {
    /// Writes the report of an account for the standard period that ends on `windows.ending_on`.
    pub fn new(
        rows: &AccountRows,
        catalogue: &Catalogue,
        policy: &Policy,
        windows: &Windows,
        context: &SponsorContext,
    ) -> Self {
        let standard = Windows::new(
            windows.ending_on,
            windows.at,
            windows.zone,
            policy.standard_period,
        );
        let evaluation = evaluate(rows, catalogue, policy, &standard, Collect::Numbers);
        let mut report = Self::without_bus_factor(rows, evaluation, policy, context);
        report.add_bus_factor(rows, catalogue, policy, || true);
        report
    }

    /// Writes it from an evaluation in the standard period, without saying who would be missed: most of the work where there
    /// are many people.
    pub fn without_bus_factor(
        rows: &AccountRows,
        evaluation: Evaluation,
        policy: &Policy,
        context: &SponsorContext,
    ) -> Self {
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
        let leading = sources.sponsors.primary();
        let report = Self {
            standing: evaluation.standing,
            ended: end::of(&sources, &former),
            tier: rows.account.tier,
            level: sources.sponsors.level,
            risk: sources.sponsors.risk,
            score: sources.sponsors.score,
            factor_score: leading.map_or(0, |primary| primary.factor_score),
            score_note: leading.and_then(|primary| factor::score_note(&sources, primary)),
            executives: executives(&sources),
            former,
            primary: primary(&sources),
            timeline: timeline::timeline(&sources),
            succession: succession(&sources),
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
        let approach = approach(&sources);
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
    pub fn add_bus_factor(
        &mut self,
        rows: &AccountRows,
        catalogue: &Catalogue,
        policy: &Policy,
        goes_on: impl Fn() -> bool,
    ) {
        let line = |leaver: Leaver| {
            let contact = rows.contacts.get(leaver.contact as usize)?.id;
            let Leaver {
                overall_without,
                change,
                level_without,
                ..
            } = leaver;
            Some(LeaverLine {
                contact,
                overall_without,
                change,
                level_without,
            })
        };
        let leavers = bus_factor_while(rows, catalogue, policy, &self.windows, goes_on);
        self.bus_factor = leavers.into_iter().filter_map(line).collect();
    }
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

/// Best alignment first, then by name.
fn align(initiatives: &[Initiative]) -> Vec<Initiative> {
    let mut initiatives = initiatives.to_vec();
    initiatives.sort_by(|a, b| {
        a.alignment
            .cmp(&b.alignment)
            .then_with(|| a.initiative.cmp(&b.initiative))
    });
    initiatives
}
