//! Engagement fell: the score of today against the one of four weeks ago, from the scores that are stored day by day.

use chrono::{NaiveDate, TimeDelta};

use crate::alert::{AlertRule, Condition};
use crate::evaluation::Evaluation;
use crate::policy::Policy;
use crate::row::renewal::days_to_renewal;
use crate::vocabulary::{Pattern, Severity};

/// A stored score of one account, of the standard period and the policy in force: scores of another policy compare with none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyScore {
    /// The last day that counted.
    pub day: NaiveDate,
    /// Rounded.
    pub overall: Option<i32>,
    /// Absent where there was not enough data.
    pub pattern: Option<Pattern>,
    /// To be read with care.
    pub provisional: bool,
}

/// How far back a score is taken for the one of a day that has none.
const NEAREST_DAYS: i64 = 7;

/// Whether the stored scores or the previous window say that the score fell: then it is worth knowing whether that is as a
/// year ago.
pub fn is_suspected(scores: &[DailyScore], evaluation: &Evaluation, policy: &Policy) -> bool {
    find(scores, evaluation, policy).is_some()
}

pub(super) fn check(
    scores: &[DailyScore],
    evaluation: &Evaluation,
    renewal_on: Option<NaiveDate>,
    policy: &Policy,
) -> Option<Condition> {
    let sentence = find(scores, evaluation, policy)?;
    let limit = i64::from(policy.guardrails.fall_renewal_days);
    let renewal = days_to_renewal(renewal_on, evaluation.windows.ending_on).filter(|days| *days <= limit);
    let severity = if renewal.is_some() {
        Severity::Critical
    } else {
        Severity::High
    };
    let renewal = renewal.map_or_else(String::new, |days| format!(" The renewal is in {days} days."));
    Some(Condition::new(
        AlertRule::EngagementFell,
        severity,
        format!("{sentence}{renewal}"),
    ))
}

/// What fell, in a sentence.
fn find(scores: &[DailyScore], evaluation: &Evaluation, policy: &Policy) -> Option<String> {
    let day = evaluation.windows.ending_on;
    let limits = &policy.guardrails;
    let fall = |now: DailyScore| {
        let before = at(scores, now.day - TimeDelta::days(i64::from(limits.fall_days)))?;
        Some(Fall { now, before }).filter(|_| !now.provisional && !before.provisional)
    };
    let over_weeks = at(scores, day).and_then(fall).filter(|today| {
        let is_worse = |fall: &Fall| {
            fall.is_worse() && fall.points().is_some_and(|points| points >= limits.worse_points)
        };
        let worse_twice = || {
            let last = at(scores, today.now.day - TimeDelta::days(1)).and_then(fall);
            is_worse(today) && last.is_some_and(|last| is_worse(&last))
        };
        today.points().is_some_and(|points| points >= limits.fall_points) || worse_twice()
    });
    over_weeks
        .and_then(|fall| fall.sentence())
        .or_else(|| against_the_window_before(evaluation, policy))
}

/// The score fell against the previous window, and the two measured the same.
fn against_the_window_before(evaluation: &Evaluation, policy: &Policy) -> Option<String> {
    let change = evaluation
        .change
        .filter(|change| *change <= -policy.guardrails.fall_points)?;
    let now = evaluation.assessment.rounded()?;
    if evaluation.coverage_changed
        || evaluation.assessment.provisional.is_some()
        || evaluation.previous_assessment.provisional.is_some()
    {
        return None;
    }
    let since = evaluation.windows.previous().ending_on;
    Some(format!(
        "The score fell from {} to {now} against the window that ended on {since}.",
        now - change
    ))
}

/// The score of a day, or the last one before it that is not too old.
fn at(scores: &[DailyScore], day: NaiveDate) -> Option<DailyScore> {
    let near = day - TimeDelta::days(NEAREST_DAYS)..=day;
    scores
        .iter()
        .filter(|score| near.contains(&score.day))
        .max_by_key(|score| score.day)
        .copied()
}

/// Two scores to compare.
struct Fall {
    now: DailyScore,
    before: DailyScore,
}

impl Fall {
    /// Points lost; negative where points were won.
    fn points(&self) -> Option<i32> {
        self.before
            .overall
            .zip(self.now.overall)
            .map(|(before, now)| before - now)
    }

    fn is_worse(&self) -> bool {
        self.before
            .pattern
            .zip(self.now.pattern)
            .is_some_and(|(before, now)| now > before)
    }

    fn sentence(&self) -> Option<String> {
        let (before, now) = self.before.overall.zip(self.now.overall)?;
        let patterns = match self.before.pattern.zip(self.now.pattern) {
            Some((before, now)) if before != now => format!(" ({} to {})", before.in_words(), now.in_words()),
            _ => String::new(),
        };
        let since = self.before.day;
        Some(format!(
            "The score fell from {before} to {now}{patterns} since {since}, in {} days.",
            (self.now.day - since).num_days()
        ))
    }
}
