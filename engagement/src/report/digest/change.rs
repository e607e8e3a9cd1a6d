//! What changed on one account since its readers were last told: the pattern, once it has held, and falls.
//!
//! A pattern holds on a day when that day's evaluation and the one before it agree. A digest compares the pattern that holds
//! now with the one that held when the last digest was made: so a pattern that flickers is not told, and one that stays is
//! told exactly once, in the first digest after its second day.

use chrono::{NaiveDate, TimeDelta};

use crate::guardrail::engagement_fell::DailyScore;
use crate::ledger::LedgerChange;
use crate::policy::Policy;
use crate::vocabulary::Pattern;

/// How far back a score is taken for the one of a day that has none.
pub const NEAREST_DAYS: i64 = 7;
/// Days before the last digest from which on scores are looked at.
pub const LOOK_BACK_DAYS: i64 = 14;

/// How an account has changed.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountChange {
    /// The day it is compared with: that of a stored score.
    pub since: NaiveDate,
    /// The rounded score then and now.
    pub overall: Option<(i32, i32)>,
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

    /// It became worse: its pattern did, or its score fell while the pattern stayed.
    pub fn is_worse(&self) -> bool {
        self.pattern.map_or(self.points() < 0, |(before, now)| now > before)
    }
}

/// What there is to tell of an account on a day to somebody who was last told on `since`: its pattern changed and has held
/// for two evaluations, or its score fell by the policy's points. `scores` are in any order; they reach back two weeks before
/// `since`, so that a pattern that flickered since it was told last is still compared with the one that was told. Provisional
/// scores are to be read with care and tell nothing.
pub fn change_since(scores: &[DailyScore], since: NaiveDate, day: NaiveDate, policy: &Policy) -> Option<AccountChange> {
    let mut firm: Vec<DailyScore> = scores.iter().filter(|score| !score.provisional && score.day <= day).copied().collect();
    firm.sort_by_key(|score| score.day);
    let then = firm.get(..firm.partition_point(|score| score.day <= since)).unwrap_or(&[]);
    let pattern = held(then).zip(held(&firm)).filter(|(before, now)| before != now);
    let (before, now) = (near(then, since), near(&firm, day));
    let overall = before.and_then(|score| score.overall).zip(now.and_then(|score| score.overall));
    let change = AccountChange { since: before.map_or(since, |score| score.day), overall, pattern, moved: vec![] };
    let fell = -change.points() >= policy.guardrails.fall_points;
    (fell || change.pattern.is_some()).then_some(change)
}

/// The score of a day, or the last one before it that is not too old. `scores` end on that day.
fn near(scores: &[DailyScore], day: NaiveDate) -> Option<DailyScore> {
    scores.last().filter(|score| score.day >= day - TimeDelta::days(NEAREST_DAYS)).copied()
}

/// The last pattern that two evaluations in a row agree on.
fn held(scores: &[DailyScore]) -> Option<Pattern> {
    scores.windows(2).rev().find_map(|pair| match pair {
        [before, after] if before.pattern == after.pattern => after.pattern,
        _ => None,
    })
}
