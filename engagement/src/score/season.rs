//! Whether a customer is *as a year ago* (docs/scoring.md § 5): who is always quiet in summer has not gone quiet.

use chrono::NaiveDate;

use crate::dimension::{points, window_points};
use crate::measure::{DAYS_OF_A_RATE, KINDS, Measures, Reading};
use crate::policy::Policy;
use crate::row::AccountRows;
use crate::row::windows::{Windows, start_of_day};
use crate::vocabulary::tolerance::TOLERANCE;

/// Months that an account must have been known for its numbers of a year ago to say anything.
const KNOWN_MONTHS: u32 = 18;

/// Which numbers are as a year ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Season {
    /// The usage days.
    pub usage: bool,
    /// Usage days and points alike.
    pub all: bool,
}

/// What can be said about the season.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Season(Season),
    /// It hangs on the usage of a year ago ([`AccountRows::year_ago_usage`]), which was not read.
    Unread,
}

/// One number per 30 days: now, in the previous window, and the same two a year ago.
struct Course {
    now: f64,
    before: f64,
    year_ago: f64,
    before_year_ago: f64,
}

impl Course {
    fn is_as_a_year_ago(&self, policy: &Policy) -> bool {
        let Self {
            now,
            before,
            year_ago,
            before_year_ago,
        } = *self;
        let rule = &policy.signals;
        [now, before, year_ago, before_year_ago]
            .iter()
            .all(|number| *number > 0.0)
            && now / before + TOLERANCE >= year_ago / before_year_ago - rule.year_ago_tolerance
            && now + TOLERANCE >= rule.year_ago_share * year_ago
    }
}

/// Compares the numbers of two windows, which `windows` and the ones before it measured, with those of a year ago. Costs a
/// pass over the interactions for each of the two windows of a year ago.
pub fn compare(
    rows: &AccountRows,
    year_ago: Option<[u32; 2]>,
    policy: &Policy,
    windows: &Windows,
    (current, previous): (&Measures, &Measures),
) -> Known {
    let not = Known::Season(Season {
        usage: false,
        all: false,
    });
    let old_enough = |first: NaiveDate| {
        start_of_day(first, windows.zone)
            < start_of_day(windows.months_before_end(KNOWN_MONTHS), windows.zone)
    };
    let (now, before) = (current.usage_rate(), previous.usage_rate());
    if !current.first_fact_on.is_some_and(old_enough) || now <= 0.0 || before <= 0.0 {
        return not;
    }
    let Some([days, days_before]) = year_ago else {
        return Known::Unread;
    };
    let (then, then_before) = (windows.a_year_before(), windows.previous().a_year_before());
    let rate = |days: u32, windows: &Windows| {
        f64::from(days) * f64::from(DAYS_OF_A_RATE) / f64::from(windows.days())
    };
    let usage = Course {
        now,
        before,
        year_ago: rate(days, &then),
        before_year_ago: rate(days_before, &then_before),
    };
    let usage = usage.is_as_a_year_ago(policy);
    let all = usage
        && Course {
            now: window_points(current, policy),
            before: window_points(previous, policy),
            year_ago: points_of(rows, policy, &then),
            before_year_ago: points_of(rows, policy, &then_before),
        }
        .is_as_a_year_ago(policy);
    Known::Season(Season { usage, all })
}

/// Points per 30 days of a window, as [`window_points`] counts them.
fn points_of(rows: &AccountRows, policy: &Policy, windows: &Windows) -> f64 {
    let mut counts = [0; KINDS];
    for interaction in rows
        .interactions
        .iter()
        .filter(|interaction| windows.remembers(interaction.occurred_at))
    {
        let Some(reading) = Reading::of(interaction, policy, windows).filter(|reading| !reading.operational)
        else {
            continue;
        };
        if reading.two_way_at.is_some_and(|time| windows.contains(time)) {
            counts[interaction.kind as usize] += 1;
        }
    }
    let (written, other) = points(&counts, policy);
    (written + other) * f64::from(DAYS_OF_A_RATE) / f64::from(windows.days())
}
