//! The engagement report of one account: everything that docs/scoring.md §§ 3 to 6 and 10 say about one window.
//!
//! Built from an [`Evaluation`]; nothing is computed here that is not in it. Contacts are named by id; whoever shows the
//! report knows their names ([`Labels`]).

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::ending::{Ending, ending};
use crate::evaluation::Evaluation;
use crate::guardrail::told_signals;
use crate::id::{ContactId, InteractionId};
use crate::lever::{Levers, levers};
use crate::measure::{ContactTouch, Evidence, Measures};
use crate::money::Money;
use crate::pattern;
use crate::plan::{self, PlannedStep, Target};
use crate::policy::Policy;
pub use crate::recommendation::{ContactLabel, People};
use crate::recommendation::{Recommendation, recommend};
use crate::row::{AccountRows, Catalogue};
use crate::score::Assessment;
use crate::signal::RaisedSignal;
use crate::sponsor::{Leaver, without_most_frequent};
use crate::vocabulary::{AccountTier, Component, Dimension, InteractionKind, Period};

/// How many signs the preface shows.
const MOST_SIGNS: usize = 3;
/// How many rows it shows of each.
pub(super) const MOST_SIGN_ROWS: usize = 3;

/// Counts and rates of one window (docs/scoring.md § 10).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Activity {
    /// Completed e-mails, calls, meetings, check-ins and dinners.
    pub touchpoints: u32,
    /// Completed phone calls.
    pub calls: u32,
    /// Completed meetings, check-ins and dinners.
    pub meetings: u32,
    /// Completed e-mails from us.
    pub emails_sent: u32,
    /// Completed e-mails from them.
    pub emails_received: u32,
    /// Share of mature outreaches that were answered; null with too few.
    pub response_rate: Option<f64>,
    /// Median hours until an answer; null with too few outreaches or without an answer.
    pub median_response_hours: Option<f64>,
    /// Business reviews held.
    pub qbrs_completed: u32,
    /// Business reviews completed, missed or declined.
    pub qbrs_due: u32,
    /// Share of the due ones that were held; null without a due one.
    pub qbr_attendance_rate: Option<f64>,
    /// Mean share of the invited who attended the held ones; null where nobody was invited by name.
    pub qbr_participation: Option<f64>,
    /// Share of two-way interactions that the customer began; null without one.
    pub customer_initiated_share: Option<f64>,
    /// Training sessions held.
    pub training_sessions: u32,
    /// Certifications.
    pub certifications: u32,
    /// Sessions in the product.
    pub logins: u64,
    /// Contacts who used the product.
    pub active_users: u32,
    /// Contacts who used it often and widely.
    pub power_users: u32,
    /// Features of the catalogue in use.
    pub features_used: u32,
    /// Features in the catalogue.
    pub feature_catalogue: u32,
    /// Community events attended.
    pub community_events: u32,
    /// Forum posts.
    pub forum_posts: u32,
    /// Share of due meetings that were held; null with too few.
    pub meeting_participation_rate: Option<f64>,
    /// Share of classified conversations that were strategic; null with too few.
    pub strategic_share: Option<f64>,
}

impl Activity {
    fn new(m: &Measures, assessment: &Assessment) -> Self {
        let value = |component: Component| assessment.ledger().find(|(_, c)| c.component == component).and_then(|(_, c)| c.value);
        let share = |part: u32, whole: u32| (whole > 0).then(|| f64::from(part) / f64::from(whole));
        Self {
            touchpoints: m.touchpoints,
            calls: m.calls,
            meetings: m.meetings,
            emails_sent: m.emails_sent,
            emails_received: m.emails_received,
            response_rate: value(Component::ResponseRate),
            median_response_hours: value(Component::ResponseTime),
            qbrs_completed: m.qbrs_held,
            qbrs_due: m.qbrs_due,
            qbr_attendance_rate: share(m.qbrs_held, m.qbrs_due),
            qbr_participation: m.qbr_participation,
            customer_initiated_share: share(m.two_way_inbound, m.two_way_total()),
            training_sessions: m.training_sessions,
            certifications: m.certifications,
            // What a GraphQL Int holds; no book of accounts comes near it.
            logins: m.logins.min(i32::MAX as u64),
            active_users: m.active_users,
            power_users: m.power_users,
            features_used: m.features_used,
            feature_catalogue: m.catalogue,
            community_events: m.community_events,
            forum_posts: m.forum_posts,
            meeting_participation_rate: value(Component::MeetingParticipation),
            strategic_share: value(Component::StrategicShare),
        }
    }
}

/// One contact on the map of stakeholders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stakeholder {
    /// Who.
    pub contact: ContactId,
    /// An executive, or a sponsor.
    pub executive: bool,
    /// In direct contact in the window.
    pub engaged: bool,
    /// Left.
    pub departed: bool,
    /// Direct contacts in the window.
    pub touches: u32,
    /// Day of the last direct contact in the last 24 months.
    pub last_touch_on: Option<NaiveDate>,
}

/// One point of the account's history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryPoint {
    /// The day.
    pub day: NaiveDate,
    /// The stored overall score, rounded.
    pub overall: Option<i32>,
    /// The stored pattern.
    pub pattern: Option<crate::vocabulary::Pattern>,
    /// It was made by the definitions and the policy of this report; false: it means something else.
    pub comparable: bool,
}

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

/// One row behind a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignRow {
    /// The day it took place, in the organisation's zone.
    pub on: NaiveDate,
    /// What kind.
    pub kind: InteractionKind,
    /// What it was about.
    pub subject: Option<String>,
}

/// What a report shows besides numbers: names, and where the numbers come from.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// The account's name.
    pub account: String,
    /// Who is who.
    pub people: People,
    /// The newest rows behind the signs, by id.
    pub rows: HashMap<InteractionId, SignRow>,
    /// The last day for which data has come in.
    pub data_through: Option<NaiveDate>,
    /// Hash of the policy in force.
    pub policy_hash: String,
    /// Stored scores, oldest first.
    pub history: Vec<HistoryPoint>,
}

impl EngagementReport {
    /// Writes the report of an evaluation; `rows` are those that were evaluated, `people` those that its advice names. Who
    /// is no customer any more is advised nothing.
    pub fn new(evaluation: Evaluation, rows: &AccountRows, catalogue: &Catalogue, policy: &Policy, people: &People) -> Self {
        let m = &evaluation.current.measures;
        let ending = ending(&evaluation, rows, people);
        let target = plan::target(m, &evaluation.assessment, policy);
        let improvement_plan = if ending.is_none() { plan::plan(m, &evaluation.assessment, target, policy) } else { Vec::new() };
        let id = |contact: u32| rows.contacts.get(contact as usize).map(|contact| contact.id);
        let collected = evaluation.current.evidence.is_collected();
        let without = if collected { without_most_frequent(rows, catalogue, policy, &evaluation.windows) } else { None };
        Self {
            tier: rows.account.tier,
            arr: rows.account.arr.clone(),
            renewal_on: rows.account.renewal_on,
            ending,
            standard_period: policy.standard_period,
            contact_feed_silent: rows.contact_feed_silent,
            sponsor: evaluation.sponsors.primary().and_then(|primary| id(primary.contact)),
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
        signs.flat_map(|raised| self.signal_evidence(raised).interactions.into_iter().take(MOST_SIGN_ROWS)).collect()
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

    /// The report as Markdown: a preface, then the eight parts of the seed's output format, in its order.
    pub fn markdown(&self, labels: &Labels) -> String {
        super::engagement_markdown::write(self, labels)
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

fn map_stakeholders(rows: &AccountRows, touches: &[ContactTouch]) -> Vec<Stakeholder> {
    let mut order: Vec<usize> = (0..rows.contacts.len().min(touches.len())).collect();
    let key = |i: usize| (touches[i].departed, std::cmp::Reverse((touches[i].touches, touches[i].last_touch_on, touches[i].executive)));
    order.sort_by(|a, b| key(*a).cmp(&key(*b)).then_with(|| rows.contacts[*a].external_id.cmp(&rows.contacts[*b].external_id)));
    order
        .into_iter()
        .map(|i| Stakeholder {
            contact: rows.contacts[i].id,
            executive: touches[i].executive,
            engaged: touches[i].engaged(),
            departed: touches[i].departed,
            touches: touches[i].touches,
            last_touch_on: touches[i].last_touch_on,
        })
        .collect()
}
