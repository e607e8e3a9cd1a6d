//! What changed on one account since its readers were last told: the standing and the pattern, once they have held, and falls.
//!
//! A standing or a pattern holds on a day when that day's evaluation and the one before it agree. A digest compares what holds
//! now with what held when the last digest was made: so what flickers is not told, and what stays is told exactly once, in the
//! first digest after its second day.

use chrono::{NaiveDate, TimeDelta};

use crate::guardrail::engagement_fell::DailyScore;
use crate::policy::Policy;
use crate::score::ledger::LedgerChange;
use crate::vocabulary::{Pattern, StandingState};

/// How far back a score is taken for the one of a day that has none.
pub const NEAREST_DAYS: i64 = 7;
/// Days before the last digest from which on scores are looked at.
pub const LOOK_BACK_DAYS: i64 = 14;

/// What was thought of an account on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyStanding {
    /// The day.
    pub day: NaiveDate,
    /// The conclusion.
    pub standing: StandingState,
}

/// Whether an account that is at risk was not on the day on which its readers were told last. Of one without a standing in
/// the week before that nothing is known to be new. `standings` are in any order.
pub fn newly_at_risk(standings: &[DailyStanding], since: NaiveDate) -> bool {
    let week = since - TimeDelta::days(NEAREST_DAYS)..=since;
    let then = standings
        .iter()
        .filter(|standing| week.contains(&standing.day))
        .max_by_key(|standing| standing.day);
    then.is_some_and(|then| then.standing != StandingState::AtRisk)
}

/// How an account has changed.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountChange {
    /// The day it is compared with: that of a stored score.
    pub since: NaiveDate,
    /// The rounded score then and now.
    pub overall: Option<(i32, i32)>,
    /// The standing that held then and the one that holds now, where they differ.
    pub standing: Option<(StandingState, StandingState)>,
    /// The pattern that held then and the one that holds now, where they differ.
    pub pattern: Option<(Pattern, Pattern)>,
    /// The ledger of now less that of then, largest change first; filled in by whoever has the rows.
    pub moved: Vec<LedgerChange>,
}

impl AccountChange {
    /// Points won; negative where they were lost.
    pub fn points(&self) -> i32 {
        self.overall.map_or(0, |(before, now)| now - before)
    }

    /// It became worse: its standing did; else its pattern; else its score fell.
    pub fn is_worse(&self) -> bool {
        let standing = self.standing.map(|(before, now)| now < before);
        let pattern = self.pattern.map(|(before, now)| now > before);
        standing.or(pattern).unwrap_or(self.points() < 0)
    }

    /// The same of an account whose score is not known well enough: nothing is told of the score. Nothing where that was all.
    pub fn of_unknown_score(self) -> Option<Self> {
        self.standing.is_some().then_some(Self {
            overall: None,
            pattern: None,
            ..self
        })
    }
}

/// What there is to tell of an account on a day to somebody who was last told on `since`: its standing or its pattern changed
/// and has held for two evaluations, or its score fell by the policy's points. `scores` and `standings` are in any order; they
/// reach back two weeks before `since`, so that what flickered since it was told last is still compared with what was told.
/// Provisional scores are to be read with care and tell nothing.
pub fn change_since(
    (scores, standings): (&[DailyScore], &[DailyStanding]),
    since: NaiveDate,
    day: NaiveDate,
    policy: &Policy,
) -> Option<AccountChange> {
    let mut firm: Vec<DailyScore> = scores
        .iter()
        .filter(|score| !score.provisional && score.day <= day)
        .copied()
        .collect();
    firm.sort_by_key(|score| score.day);
    let then = firm
        .get(..firm.partition_point(|score| score.day <= since))
        .unwrap_or(&[]);
    let pattern = |scores: &[DailyScore]| held(scores.iter().map(|score| score.pattern));
    let pattern = pattern(then)
        .zip(pattern(&firm))
        .filter(|(before, now)| before != now);
    let mut standings: Vec<DailyStanding> = standings
        .iter()
        .filter(|standing| standing.day <= day)
        .copied()
        .collect();
    standings.sort_by_key(|standing| standing.day);
    let told = standings.partition_point(|standing| standing.day <= since);
    let standing = |days: &[DailyStanding]| held(days.iter().map(|one| Some(one.standing)));
    let standing = standing(&standings[..told])
        .zip(standing(&standings))
        .filter(|(before, now)| before != now);
    let (before, now) = (near(then, since), near(&firm, day));
    let overall = before
        .and_then(|score| score.overall)
        .zip(now.and_then(|score| score.overall));
    let change = AccountChange {
        since: before.map_or(since, |score| score.day),
        overall,
        standing,
        pattern,
        moved: vec![],
    };
    let fell = -change.points() >= policy.guardrails.fall_points;
    (fell || change.standing.is_some() || change.pattern.is_some()).then_some(change)
}

/// The score of a day, or the last one before it that is not too old. `scores` end on that day.
fn near(scores: &[DailyScore], day: NaiveDate) -> Option<DailyScore> {
    scores
        .last()
        .filter(|score| score.day >= day - TimeDelta::days(NEAREST_DAYS))
        .copied()
}

/// The last value that two evaluations in a row agree on.
fn held<T: PartialEq + Copy>(days: impl DoubleEndedIterator<Item = Option<T>> + Clone) -> Option<T> {
    days.clone()
        .rev()
        .zip(days.rev().skip(1))
        .find_map(|(after, before)| after.filter(|_| before == after))
}
