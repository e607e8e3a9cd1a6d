//! One account at one instant: this window, the one before it, and what the two say together.
//!
//! This is the whole path from rows to everything that is stored or shown; there is no other.

use crate::measure::{Collect, Measurement, measure};
use crate::pattern;
use crate::policy::Policy;
use crate::row::{AccountRows, Catalogue, Span};
use crate::score::{Assessment, score};
use crate::signal::{self, RaisedSignal};
use crate::standing::Standing;
use crate::vocabulary::Trend;
use crate::windows::Windows;

/// Everything that follows from the rows of one account at one instant.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// When, and for which window.
    pub windows: Windows,
    /// The numbers of this window.
    pub current: Measurement,
    /// The scores of this window.
    pub assessment: Assessment,
    /// The numbers of the previous window, at its own end.
    pub previous: Measurement,
    /// The scores of the previous window.
    pub previous_assessment: Assessment,
    /// The previous overall score, rounded; absent for an account without a fact before this window.
    pub previous_overall: Option<i32>,
    /// Rounded points against the previous window.
    pub change: Option<i32>,
    /// Where the score is going.
    pub trend: Option<Trend>,
    /// The two windows measured different dimensions: the change compares unlike things.
    pub coverage_changed: bool,
    /// The disengagement signals that are raised, in order.
    pub signals: Vec<RaisedSignal>,
    /// What to think of the account; absent for one that is no customer on `ending_on`.
    pub standing: Option<Standing>,
    /// Whether [`AccountRows::year_ago_usage`] could change anything above: then the caller reads it and evaluates again.
    pub wants_year_ago: bool,
}

/// Evaluates one account. Two passes over its rows.
pub fn evaluate(rows: &AccountRows, catalogue: &Catalogue, policy: &Policy, windows: &Windows, collect: Collect) -> Evaluation {
    let current = measure(rows, (catalogue, Span::Current), policy, windows, collect);
    let previous = measure(rows, (catalogue, Span::Previous), policy, &windows.previous(), Collect::Numbers);
    let assessment = score(&current.measures, policy);
    let previous_assessment = score(&previous.measures, policy);
    let known = current.measures.known_before;
    let previous_overall = previous_assessment.rounded().filter(|_| known);
    let change = assessment.rounded().zip(previous_overall).map(|(now, before)| now - before);
    let trend = assessment.overall.and_then(|_| match (known, change) {
        (false, _) => Some(Trend::New),
        (true, change) => change.map(|change| pattern::trend(change, policy)),
    });
    let coverage_changed = !assessment.measured_the_same(&previous_assessment);
    let signals = signal::raised(&current.measures, &previous.measures, policy);
    Evaluation {
        windows: *windows,
        current,
        assessment,
        previous,
        previous_assessment,
        previous_overall,
        change,
        trend,
        coverage_changed,
        signals,
        standing: None,
        wants_year_ago: false,
    }
}
