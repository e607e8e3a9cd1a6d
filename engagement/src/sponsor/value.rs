//! Value delivery, as an executive sees it: how metrics move, whether the dashboard is looked at, what became of goals.

use chrono::NaiveDate;

use crate::policy::Policy;
use crate::row::windows::Windows;
use crate::vocabulary::tolerance::TOLERANCE;

/// The metric that counts views of the executives' dashboard.
const DASHBOARD_VIEWS: &str = "executive_dashboard_views";
/// Progress of a goal that is reached, in percent.
const REACHED: f64 = 100.0;
/// Progress from which a goal is to be closed out, and is never called late.
const NEARLY_REACHED: f64 = 90.0;

/// The latest observation of a metric, on or before the day of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name, as imported.
    pub metric: String,
    /// Its value.
    pub value: f64,
    /// The day it was observed.
    pub observed_on: NaiveDate,
    /// The value of the observation before it.
    pub previous: Option<f64>,
    /// The last day, up to then, on which it was above 0.
    pub last_above_zero_on: Option<NaiveDate>,
}

/// A goal of the customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// What it is.
    pub goal: String,
    /// Percent, where known.
    pub progress: Option<f64>,
    /// When it should be reached.
    pub due_on: Option<NaiveDate>,
}

/// Something about value that is worth a word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finding<'a> {
    /// A metric is down by so large a share of its previous value.
    MetricDown(&'a Metric, f64),
    /// A metric is up.
    MetricUp(&'a Metric, f64),
    /// Nobody has looked at the dashboard for too long.
    DashboardUnseen(&'a Metric),
    /// Somebody has.
    DashboardSeen(NaiveDate),
    /// A goal is past due and not nearly reached.
    GoalPastDue(&'a Goal),
    /// A goal is nearly reached, and to be closed out.
    GoalNearlyReached(&'a Goal),
    /// A goal is reached.
    GoalReached(&'a Goal),
}

/// What is worth a word, metrics first, in the order given. A metric that was last observed before the trailing year is
/// history; one that was never observed says nothing.
pub fn findings<'a>(
    metrics: &'a [Metric],
    goals: &'a [Goal],
    policy: &Policy,
    windows: &Windows,
) -> Vec<Finding<'a>> {
    let mut found = Vec::new();
    for metric in metrics {
        if metric.observed_on >= windows.year_start_day {
            found.extend(movement(metric, policy));
        }
        if metric.metric == DASHBOARD_VIEWS {
            let limit = i64::from(policy.sponsors.dashboard_days);
            let seen = metric
                .last_above_zero_on
                .filter(|day| windows.days_since(*day) < limit);
            found.push(seen.map_or(Finding::DashboardUnseen(metric), Finding::DashboardSeen));
        }
    }
    for goal in goals {
        let from = |share: f64| {
            goal.progress
                .is_some_and(|progress| progress + TOLERANCE >= share)
        };
        if from(REACHED) {
            found.push(Finding::GoalReached(goal));
        } else if from(NEARLY_REACHED) {
            found.push(Finding::GoalNearlyReached(goal));
        } else if goal.due_on.is_some_and(|due| due < windows.ending_on) {
            found.push(Finding::GoalPastDue(goal));
        }
    }
    found
}

/// How far a metric has moved, as a share of its previous value; one that was 0 has no share.
fn movement<'a>(metric: &'a Metric, policy: &Policy) -> Option<Finding<'a>> {
    let previous = metric.previous.filter(|previous| *previous != 0.0)?;
    let change = (metric.value - previous) / previous.abs();
    if change.abs() + TOLERANCE < policy.sponsors.metric_change || change == 0.0 {
        return None;
    }
    Some(if change < 0.0 {
        Finding::MetricDown(metric, -change)
    } else {
        Finding::MetricUp(metric, change)
    })
}
