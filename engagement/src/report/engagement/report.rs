//! The engagement report as fields. [`EngagementReport::new`] computes nothing that the evaluation does not hold.

use chrono::NaiveDate;

use super::activity::Activity;
use super::ending::{Ending, ending};
use super::stakeholder::{Stakeholder, map_stakeholders};
use crate::evaluation::Evaluation;
use crate::guardrail::told_signals;
use crate::lever::{Levers, levers};
use crate::measure::Evidence;
use crate::policy::Policy;
use crate::recommendation::plan::{self, PlannedStep, Target};
use crate::recommendation::{People, Recommendation, recommend};
use crate::row::{AccountRows, Catalogue};
use crate::score::pattern;
use crate::signal::RaisedSignal;
use crate::sponsor::{Leaver, without_most_frequent};
use crate::vocabulary::id::{ContactId, InteractionId};
use crate::vocabulary::money::Money;
use crate::vocabulary::{AccountTier, Component, Dimension, Period};

/// How many signs the preface shows.
const MOST_SIGNS: usize = 3;
/// How many rows it shows of each.
pub(super) const MOST_SIGN_ROWS: usize = 3;

/// The report.
#[derive(Debug, Clone)]
pub struct EngagementReport {
    /// What it is made of.
    pub evaluation: Evaluation,
    /// The account's tier.
    pub tier: AccountTier,
    /// Annual recurring revenue, where known.
    pub arr: Option<Money>,
    /// When the contract renews, where known.
    pub renewal_on: Option<NaiveDate>,
    /// Until when it was a customer, and what happened; absent for one that is.
    pub ending: Option<Ending>,
    /// The period that the standing is of.
    pub standard_period: Period,
    /// Days since the first fact below which the score is provisional.
    pub(super) new_account_days: u32,
    /// Whoever recorded most of the account's interactions has recorded nothing for too long.
    pub contact_feed_silent: bool,
    /// The primary sponsor.
    pub sponsor: Option<ContactId>,
    /// What the account would be without whoever is in contact most often; absent without anybody, and where the rows behind
    /// the numbers were not asked for.
    pub without: Option<(ContactId, Leaver)>,
    /// The signals as they are told: as severe as their alerts, and in the same words.
    pub(super) told_signals: Vec<RaisedSignal>,
    /// Counts and rates of this window.
    pub activity: Activity,
    /// Counts and rates of the previous window, at its own end.
    pub previous_activity: Activity,
    /// All contacts, those in touch first.
    pub stakeholders: Vec<Stakeholder>,
    /// What to do next.
    pub recommendations: Vec<Recommendation>,
    /// The lowest and the highest score of the pattern.
    pub pattern_range: Option<(i32, i32)>,
    /// What the score should be.
    pub target: Target,
    /// How to get there, step by step.
    pub improvement_plan: Vec<PlannedStep>,
    /// The same as it is told.
    pub levers: Levers,
}

impl EngagementReport {
    /// Writes the report of an evaluation; `rows` are those that were evaluated, `people` those that its advice names. Who
    /// is no customer any more is advised nothing.
    pub fn new(
        evaluation: Evaluation,
        rows: &AccountRows,
        catalogue: &Catalogue,
        policy: &Policy,
        people: &People,
    ) -> Self {
        let m = &evaluation.current.measures;
        let ending = ending(&evaluation, rows, people);
        let target = plan::target(m, &evaluation.assessment, policy);
        let improvement_plan = if ending.is_none() {
            plan::plan(m, &evaluation.assessment, target, policy)
        } else {
            Vec::new()
        };
        let id = |contact: u32| rows.contacts.get(contact as usize).map(|contact| contact.id);
        let collected = evaluation.current.evidence.is_collected();
        let without = if collected {
            without_most_frequent(rows, catalogue, policy, &evaluation.windows)
        } else {
            None
        };
        Self {
            tier: rows.account.tier,
            arr: rows.account.arr.clone(),
            renewal_on: rows.account.renewal_on,
            ending,
            standard_period: policy.standard_period,
            new_account_days: policy.coverage.new_account_days,
            contact_feed_silent: rows.contact_feed_silent,
            sponsor: evaluation
                .sponsors
                .primary()
                .and_then(|primary| id(primary.contact)),
            without: without.and_then(|leaver| Some((id(leaver.contact)?, leaver))),
            told_signals: told_signals(rows, &evaluation, policy),
            activity: Activity::new(m, &evaluation.assessment),
            previous_activity: Activity::new(&evaluation.previous.measures, &evaluation.previous_assessment),
            stakeholders: map_stakeholders(rows, &evaluation.current.touches),
            recommendations: recommend(&evaluation, rows, policy, people),
            pattern_range: evaluation.assessment.pattern.map(|p| pattern::range(p, policy)),
            target,
            levers: levers(&improvement_plan, &evaluation, rows, policy, people),
            improvement_plan,
            evaluation,
        }
    }

    /// The interactions whose texts the report shows: the newest behind each sign. Empty unless the evaluation collected
    /// evidence.
    pub fn told_rows(&self) -> Vec<InteractionId> {
        let signs = self.signs().into_iter();
        signs
            .flat_map(|raised| {
                self.signal_evidence(raised)
                    .interactions
                    .into_iter()
                    .take(MOST_SIGN_ROWS)
            })
            .collect()
    }

    /// The signs that a reader sees first: the worst, of equally bad ones the first in order.
    pub(super) fn signs(&self) -> Vec<&RaisedSignal> {
        let mut signs: Vec<&RaisedSignal> = self.told_signals.iter().collect();
        signs.sort_by_key(|raised| std::cmp::Reverse(raised.severity));
        signs.truncate(MOST_SIGNS);
        signs
    }

    /// The rows behind a component; empty unless the evaluation collected them.
    pub fn component_evidence(&self, component: Component) -> Evidence {
        self.evaluation.current.evidence.of_component(component)
    }

    /// The rows behind a signal; empty unless the evaluation collected them.
    pub fn signal_evidence(&self, raised: &RaisedSignal) -> Evidence {
        self.evaluation.current.evidence.of_signal(raised.signal)
    }

    /// The four dimensions in order, with the name each has in a sentence.
    pub(super) fn dimension_names() -> [(Dimension, &'static str); 4] {
        [
            (Dimension::Frequency, "Frequency"),
            (Dimension::Quality, "Quality"),
            (Dimension::Breadth, "Breadth"),
            (Dimension::Product, "Product"),
        ]
    }
}
