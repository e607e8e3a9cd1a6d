//! The four factors of an executive's score, 25 points each, as closed forms of counts; what cannot be measured is left
//! out (docs/scoring.md § 7).

use super::cadence::Cadence;
use crate::policy::{DAYS_OF_A_YEAR, Policy};
use crate::score::round;
use crate::vocabulary::{Alignment, SponsorFactor};

/// Points of one factor.
pub const FACTOR_POINTS: f64 = 25.0;

/// Microseconds of a day: the unit in which answers are summed, so that the order of rows cannot matter.
const MICROSECONDS_OF_A_DAY: f64 = 86_400_000_000.0;

/// One factor of an executive's score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factor {
    /// Which factor.
    pub factor: SponsorFactor,
    /// Points from 0 to 25, unrounded; absent where not measured.
    pub score: Option<f64>,
    /// The counts it is made of.
    pub tally: Tally,
}

/// The counts behind a factor, within the span that counts for the executive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tally {
    /// MEETING_FREQUENCY.
    Meetings {
        /// Held meeting kinds they attended.
        attended: u32,
        /// What the cadence asks of the time they have sponsored us.
        required: f64,
    },
    /// RESPONSIVENESS.
    Answers {
        /// Mature outreaches they were a participant of, other than those that somebody else answered.
        outreaches: u32,
        /// Those that they answered.
        answered: u32,
        /// Mean credit for the speed of their answers over all of them, from 0 to 1.
        credit: f64,
        /// Mean days until their answers.
        mean_days: Option<f64>,
    },
    /// QBR_ATTENDANCE.
    Qbrs {
        /// Held business reviews they attended.
        attended: u32,
        /// Business reviews of the account that were completed, missed or declined.
        due: u32,
    },
    /// STRATEGIC_ALIGNMENT: the account's initiatives.
    Alignment {
        /// Of high alignment.
        high: u32,
        /// Of medium alignment.
        medium: u32,
        /// Of low alignment.
        low: u32,
    },
}

/// What is counted for one executive.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// Days since their sponsorship began; absent without one.
    pub(super) sponsor_days: Option<i64>,
    pub(super) meetings_attended: u32,
    pub(super) outreaches: u32,
    pub(super) answered: u32,
    /// Microseconds below the time that earns nothing, over all answers.
    pub(super) credit: i64,
    /// Microseconds of all answers.
    pub(super) answer_time: i64,
    pub(super) qbrs_attended: u32,
    pub(super) qbrs_due: u32,
    pub(super) advocacy: u32,
}

/// The credit for answers in whole microseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct AnswerCredit {
    none: i64,
    most: i64,
}

impl AnswerCredit {
    pub(super) fn new(policy: &Policy) -> Self {
        let micros = |days: f64| (days * MICROSECONDS_OF_A_DAY) as i64;
        let none = micros(policy.sponsors.response_none_days);
        Self {
            none,
            most: none - micros(policy.sponsors.response_full_days),
        }
    }

    /// What an answer after so many microseconds earns.
    pub(super) fn of(&self, time: i64) -> i64 {
        (self.none - time).clamp(0, self.most)
    }
}

impl Factor {
    fn new(factor: SponsorFactor, tally: Tally, policy: &Policy) -> Self {
        Self {
            factor,
            score: tally.score(policy),
            tally,
        }
    }
}

impl Tally {
    /// Points from 0 to 25; nothing where there is nothing to measure.
    pub(super) fn score(self, policy: &Policy) -> Option<f64> {
        let share = match self {
            Self::Meetings { attended, required } => Some((f64::from(attended) / required).min(1.0)),
            Self::Answers {
                outreaches, credit, ..
            } => (outreaches >= policy.sponsors.min_outreaches).then_some(credit),
            Self::Qbrs { attended, due } => (due > 0).then(|| f64::from(attended) / f64::from(due)),
            Self::Alignment { high, medium, low } => {
                let all = high + medium + low;
                let worth = f64::from(high) + policy.sponsors.medium_alignment * f64::from(medium);
                (all > 0).then(|| worth / f64::from(all))
            }
        };
        share.map(|share| FACTOR_POINTS * share)
    }
}

/// The four factors, in order.
pub(super) fn read(
    counts: &Counts,
    initiatives: &[Alignment],
    cadence: Cadence,
    policy: &Policy,
) -> [Factor; 4] {
    let Counts {
        meetings_attended,
        outreaches,
        answered,
        credit,
        answer_time,
        qbrs_attended,
        qbrs_due,
        ..
    } = *counts;
    let share_of_year = |days: i64| (days as f64 / DAYS_OF_A_YEAR).min(1.0);
    let required = counts.sponsor_days.map_or(cadence.per_year, |days| {
        (cadence.per_year * share_of_year(days)).max(1.0)
    });
    let most = AnswerCredit::new(policy).most as f64 * f64::from(outreaches.max(1));
    let mean_days = (answered > 0).then(|| answer_time as f64 / MICROSECONDS_OF_A_DAY / f64::from(answered));
    let of = |alignment: Alignment| initiatives.iter().filter(|one| **one == alignment).count() as u32;
    [
        Factor::new(
            SponsorFactor::MeetingFrequency,
            Tally::Meetings {
                attended: meetings_attended,
                required,
            },
            policy,
        ),
        Factor::new(
            SponsorFactor::Responsiveness,
            Tally::Answers {
                outreaches,
                answered,
                credit: credit as f64 / most,
                mean_days,
            },
            policy,
        ),
        Factor::new(
            SponsorFactor::QbrAttendance,
            Tally::Qbrs {
                attended: qbrs_attended,
                due: qbrs_due,
            },
            policy,
        ),
        Factor::new(
            SponsorFactor::StrategicAlignment,
            Tally::Alignment {
                high: of(Alignment::High),
                medium: of(Alignment::Medium),
                low: of(Alignment::Low),
            },
            policy,
        ),
    ]
}

/// 100 · what was measured / what could have been, rounded, and how many factors were measured.
pub(super) fn score(factors: &[Factor; 4]) -> (i32, u32) {
    let measured = factors.iter().filter(|factor| factor.score.is_some()).count() as u32;
    let sum: f64 = factors.iter().filter_map(|factor| factor.score).sum();
    let score = if measured == 0 {
        0.0
    } else {
        100.0 * sum / (FACTOR_POINTS * f64::from(measured))
    };
    (round(score), measured)
}

/// The score that factors would have after a change to their counts.
pub(crate) fn score_after(factors: &[Factor; 4], change: impl Fn(&mut Tally), policy: &Policy) -> i32 {
    let changed = factors.map(|factor| {
        let mut tally = factor.tally;
        change(&mut tally);
        Factor::new(factor.factor, tally, policy)
    });
    score(&changed).0
}
