//! What a digest knows of one account: read and scored once, whoever it is told to.

use chrono::{DateTime, NaiveDate, Utc};

use super::change::{AccountChange, DailyStanding, change_since, newly_at_risk};
use crate::alert::AlertRule;
use crate::evaluation::Evaluation;
use crate::guardrail::engagement_fell::DailyScore;
use crate::markdown::count;
use crate::policy::Policy;
use crate::portfolio::worth::Worth;
use crate::portfolio::{CountedAccount, Keep, PortfolioTotals, Retention};
use crate::recommendation::{People, plan, recommend};
use crate::report::sponsor::next_touchpoint;
use crate::row::AccountRows;
use crate::row::renewal::{days_to_renewal, renews_within};
use crate::standing::{Reason, SHOWN_REASONS, Standing, is_known};
use crate::vocabulary::id::{AccountId, AlertId, ContactId};
use crate::vocabulary::money::Money;
use crate::vocabulary::{EngagementLevel, Pattern, Severity, SponsorRank, StandingState};

/// Days ahead for which touchpoints are listed.
pub const DUE_DAYS: i64 = 14;
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
    pub id: AccountId,
    /// Its attributes.
    pub label: AccountLabel,
    /// A customer today; of the others only the sponsors of a year ago count, for the metric.
    pub customer: bool,
    /// The rounded score of today.
    pub overall: Option<i32>,
    /// Its pattern; absent where there is not enough data.
    pub pattern: Option<Pattern>,
    /// What to think of it, and why; absent for one that is no customer.
    pub standing: Option<Standing>,
    /// Whether its score is known well enough to tell its falls and to advise on it.
    pub known: bool,
    /// It is at risk, and was not on the day on which its readers were told last.
    pub newly_at_risk: bool,
    /// What changed since its readers were last told, where that is worth telling.
    pub change: Option<AccountChange>,
    /// Alerts that are open or acknowledged.
    pub alerts: Vec<AlertFacts>,
    /// For each executive the next touch that the cadence asks for, where it does.
    pub touches: Vec<TouchFacts>,
    /// What would gain most; absent where nothing is worth a line, or the score is not known well enough to advise on it.
    pub gain: Option<Gain>,
    /// What the metrics count of it.
    pub totals: PortfolioTotals,
}

/// An alert that is open or acknowledged.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertFacts {
    pub id: AlertId,
    /// Its rule.
    pub rule: AlertRule,
    /// How bad it is.
    pub severity: Severity,
    /// What it says.
    pub message: String,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// It was there when scoring began: it is no news.
    pub baseline: bool,
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
    /// What follows from the rows of an account and today's evaluation of them. Alerts and what is stored of earlier days
    /// ([`AccountFacts::look_back`]) are added by whoever has read them.
    pub fn new(rows: &AccountRows, evaluation: &Evaluation, label: AccountLabel, policy: &Policy) -> Self {
        let customer = rows.account.is_active_on(evaluation.windows.ending_on);
        let known = is_known(&evaluation.assessment, rows);
        let mut totals = PortfolioTotals {
            retention: Retention::of(rows, &evaluation.windows),
            ..PortfolioTotals::default()
        };
        if customer {
            let arr = label.arr.as_ref().map(Money::minor);
            let currency = label.arr.as_ref().and_then(Money::currency);
            let counted = CountedAccount::of(
                (rows.account.id, &label.external_id),
                (arr, currency),
                evaluation,
                policy,
            );
            totals.add(&counted, &Keep::NOTHING);
        }
        Self {
            id: rows.account.id,
            customer,
            overall: evaluation.assessment.rounded(),
            pattern: evaluation.assessment.pattern,
            standing: evaluation.standing.clone(),
            known,
            newly_at_risk: false,
            change: None,
            alerts: vec![],
            touches: if customer {
                touches(rows, evaluation, policy)
            } else {
                vec![]
            },
            gain: (customer && known)
                .then(|| gain(evaluation, rows, policy))
                .flatten(),
            totals,
            label,
        }
    }

    /// Adds what its stored scores and standings say of the time since its readers were told last ([`change_since`]). Of a score
    /// that is not known well enough only the standing is told.
    pub fn look_back(
        &mut self,
        past: (&[DailyScore], &[DailyStanding]),
        since: NaiveDate,
        day: NaiveDate,
        policy: &Policy,
    ) {
        let change = change_since(past, since, day, policy);
        self.change = if self.known {
            change
        } else {
            change.and_then(AccountChange::of_unknown_score)
        };
        self.newly_at_risk = self.is_at_risk() && newly_at_risk(past.1, since);
    }

    /// The state of its standing.
    pub fn state(&self) -> Option<StandingState> {
        self.standing.as_ref().map(|standing| standing.state)
    }

    /// There are reasons to expect its loss.
    pub(super) fn is_at_risk(&self) -> bool {
        self.state() == Some(StandingState::AtRisk)
    }

    /// Its revenue as a number to order by: its share of the book ([`Worth`]). Never 0, so that how bad things are still orders
    /// accounts without any.
    pub(super) fn weight(&self, worth: &Worth<'_>) -> f64 {
        LEAST_SHARE + worth.share(self.label.arr.as_ref())
    }

    /// The first reasons of its standing: those that people are shown.
    pub(super) fn shown_reasons(&self) -> impl Iterator<Item = &Reason> {
        self.standing
            .iter()
            .flat_map(|standing| &standing.reasons)
            .take(SHOWN_REASONS)
    }

    /// The executives whose touch falls due in the two weeks from a day.
    pub fn due_contacts(&self, day: NaiveDate) -> impl Iterator<Item = ContactId> {
        touches_due(self, day).map(|touch| touch.contact)
    }

    /// Everybody whom a digest may name: whoever writes one needs their names.
    pub fn named_contacts(&self, day: NaiveDate) -> impl Iterator<Item = ContactId> {
        self.due_contacts(day)
            .chain(self.shown_reasons().filter_map(|reason| reason.contact))
    }

    /// Days until its renewal, where that is not past.
    pub fn days_to_renewal(&self, day: NaiveDate) -> Option<i64> {
        days_to_renewal(self.label.renewal_on, day)
    }

    /// Whether it renews within so many days from a day on, both ends counted.
    pub fn renews_within(&self, day: NaiveDate, days: i64) -> bool {
        renews_within(self.label.renewal_on, day, days)
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

/// The recommendation that is worth most; where none is worth points, the first step of the plan.
fn gain(evaluation: &Evaluation, rows: &AccountRows, policy: &Policy) -> Option<Gain> {
    let recommended = recommend(evaluation, rows, policy, &People::default())
        .into_iter()
        .filter_map(|one| {
            let points = one.expected_points.filter(|points| *points >= LEAST_POINTS)?;
            let how = Some(format!("{}, by {}", one.cadence, one.channel));
            Some(Gain {
                action: one.action.in_words().to_owned(),
                how,
                reason: one.reason,
                points,
            })
        });
    // Of equal ones the first.
    let best = recommended.reduce(|best, one| if one.points > best.points { one } else { best });
    best.or_else(|| {
        let (measures, assessment) = (&evaluation.current.measures, &evaluation.assessment);
        let target = plan::target(measures, assessment, policy);
        let steps = plan::plan(measures, assessment, target, policy);
        let reason = format!(
            "The first of {} towards the target of {}.",
            count(steps.len() as u32, "step"),
            target.overall
        );
        let first = steps
            .into_iter()
            .next()
            .filter(|step| step.points >= LEAST_POINTS)?;
        Some(Gain {
            action: first.change,
            how: None,
            reason,
            points: first.points,
        })
    })
}

/// The touches of an account that fall due in the next two weeks.
pub(super) fn touches_due(account: &AccountFacts, today: NaiveDate) -> impl Iterator<Item = &TouchFacts> {
    account
        .touches
        .iter()
        .filter(move |touch| (0..=DUE_DAYS).contains(&(touch.due_on - today).num_days()))
}
