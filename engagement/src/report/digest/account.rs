//! What a digest knows of one account: read and scored once, whoever it is told to.

use chrono::{DateTime, NaiveDate, Utc};

use super::change::AccountChange;
use super::section::touches_due;
use crate::alert::AlertRule;
use crate::evaluation::Evaluation;
use crate::id::{AccountId, AlertId, ContactId};
use crate::markdown::count;
use crate::money::Money;
use crate::plan;
use crate::policy::Policy;
use crate::portfolio::{CountedAccount, Keep, PortfolioTotals, Retention};
use crate::recommendation::{People, recommend};
use crate::report::sponsor::next_touchpoint;
use crate::row::AccountRows;
use crate::vocabulary::{EngagementLevel, Pattern, Severity, SponsorRank, StandingState};
use crate::worth::Worth;

/// The share of a book that an account without revenue counts as.
const LEAST_SHARE: f64 = 1e-6;

/// Points below which doing something is not worth a line.
const LEAST_POINTS: f64 = 0.5;

/// Attributes of an account that scoring does not read.
#[derive(Debug, Clone)]
pub struct AccountLabel {
    /// Its key in the customer's own systems.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Annual recurring revenue.
    pub arr: Option<Money>,
    /// When its contract is to be renewed.
    pub renewal_on: Option<NaiveDate>,
}

/// What a digest knows of one account.
#[derive(Debug, Clone)]
pub struct AccountFacts {
    /// Which.
    pub id: AccountId,
    /// Its attributes.
    pub label: AccountLabel,
    /// A customer today; of the others only the sponsors of a year ago count, for the metric.
    pub customer: bool,
    /// The rounded score of today.
    pub overall: Option<i32>,
    /// Its pattern; absent where there is not enough data.
    pub pattern: Option<Pattern>,
    /// What to think of it; absent for one that is no customer.
    pub standing: Option<StandingState>,
    /// What changed since its readers were last told, where that is worth telling.
    pub change: Option<AccountChange>,
    /// Alerts that are open or acknowledged.
    pub alerts: Vec<AlertFacts>,
    /// For each executive the next touch that the cadence asks for, where it does.
    pub touches: Vec<TouchFacts>,
    /// What could be done, with the points that it is worth, the most first.
    pub gains: Vec<Gain>,
    /// What the metrics count of it.
    pub totals: PortfolioTotals,
}

/// An alert that is open or acknowledged.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertFacts {
    /// Which.
    pub id: AlertId,
    /// Its rule.
    pub rule: AlertRule,
    /// How bad it is.
    pub severity: Severity,
    /// What it says.
    pub message: String,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// Somebody has taken it up.
    pub acknowledged: bool,
}

/// The next touch of an executive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchFacts {
    /// With whom.
    pub contact: ContactId,
    /// Their rank as a sponsor; absent for other executives.
    pub rank: Option<SponsorRank>,
    /// How engaged they are.
    pub level: EngagementLevel,
    /// The last day on which it is not overdue.
    pub due_on: NaiveDate,
    /// Which kind of touchpoint is their turn.
    pub touchpoint: &'static str,
}

/// Something that would raise the score.
#[derive(Debug, Clone, PartialEq)]
pub struct Gain {
    /// What to do.
    pub action: String,
    /// How: cadence and channel; absent for a change that leaves that open.
    pub how: Option<String>,
    /// Why, with the numbers.
    pub reason: String,
    /// Points of the overall score.
    pub points: f64,
}

impl AccountFacts {
    /// What follows from the rows of an account and today's evaluation of them. Alerts and the change are added by whoever
    /// has read them.
    pub fn new(rows: &AccountRows, evaluation: &Evaluation, label: AccountLabel, policy: &Policy) -> Self {
        let customer = rows.account.is_active_on(evaluation.windows.ending_on);
        let mut totals = PortfolioTotals { retention: Retention::of(rows, &evaluation.windows), ..PortfolioTotals::default() };
        if customer {
            let arr = label.arr.as_ref().map(Money::minor);
            let currency = label.arr.as_ref().and_then(Money::currency);
            let standing = CountedAccount::of((rows.account.id, &label.external_id), (arr, currency), evaluation, policy);
            totals.add(&standing, &Keep::NOTHING);
        }
        Self {
            id: rows.account.id,
            customer,
            overall: evaluation.assessment.rounded(),
            pattern: evaluation.assessment.pattern,
            standing: evaluation.standing.as_ref().map(|standing| standing.state),
            change: None,
            alerts: vec![],
            touches: if customer { touches(rows, evaluation, policy) } else { vec![] },
            gains: if customer { gains(evaluation, rows, policy) } else { vec![] },
            totals,
            label,
        }
    }

    /// Its revenue as a number to order by: its share of the book ([`Worth`]). Never 0, so that how bad things are still orders
    /// accounts without any.
    pub(super) fn weight(&self, worth: &Worth<'_>) -> f64 {
        LEAST_SHARE + worth.share(self.label.arr.as_ref())
    }

    /// The executives whose touch falls due in the two weeks from a day: whoever writes a digest needs their names.
    pub fn due_contacts(&self, day: NaiveDate) -> impl Iterator<Item = ContactId> {
        touches_due(self, day).map(|touch| touch.contact)
    }

    /// Days until its renewal, where that is not past.
    pub fn days_to_renewal(&self, day: NaiveDate) -> Option<i64> {
        self.label.renewal_on.map(|renewal| (renewal - day).num_days()).filter(|days| *days >= 0)
    }
}

fn touches(rows: &AccountRows, evaluation: &Evaluation, policy: &Policy) -> Vec<TouchFacts> {
    let touch = |executive: &crate::sponsor::Executive| {
        Some(TouchFacts {
            contact: rows.contacts.get(executive.contact as usize)?.id,
            rank: executive.rank,
            level: executive.level,
            due_on: executive.silence.due_on?,
            touchpoint: next_touchpoint(rows, policy, &evaluation.windows, executive.contact),
        })
    };
    evaluation.sponsors.executives.iter().filter_map(touch).collect()
}

/// Recommendations that are worth points; where none is, the first step of the plan.
fn gains(evaluation: &Evaluation, rows: &AccountRows, policy: &Policy) -> Vec<Gain> {
    let mut gains: Vec<Gain> = recommend(evaluation, rows, policy, &People::default())
        .into_iter()
        .filter_map(|one| {
            let points = one.expected_points.filter(|points| *points >= LEAST_POINTS)?;
            let how = Some(format!("{}, by {}", one.cadence, one.channel));
            Some(Gain { action: one.action.in_words().to_owned(), how, reason: one.reason, points })
        })
        .collect();
    if gains.is_empty() {
        let (measures, assessment) = (&evaluation.current.measures, &evaluation.assessment);
        let target = plan::target(measures, assessment, policy);
        let steps = plan::plan(measures, assessment, target, policy);
        let reason = format!("The first of {} towards the target of {}.", count(steps.len() as u32, "step"), target.overall);
        let first = steps.into_iter().next().filter(|step| step.points >= LEAST_POINTS);
        gains.extend(first.map(|step| Gain { action: step.change, how: None, reason, points: step.points }));
    }
    gains.sort_by(|a, b| b.points.total_cmp(&a.points));
    gains
}
