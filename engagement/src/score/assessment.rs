//! Numbers → scores: dimensions weighed, what is missing left out, every point accounted for.
//!
//! [`score`] is a closed form of [`Measures`]: no row, no clock. The nightly job, a report for last quarter, and the
//! improvement plan all come through here.

use serde::Serialize;

use super::pattern;
use crate::dimension::{self, Unit};
use crate::measure::Measures;
use crate::policy::Policy;
use crate::vocabulary::tolerance::TOLERANCE;
use crate::vocabulary::{Component, Dimension, Pattern, ProvisionalReason};

/// The one rounding of the product: half up, forgiving the last bits of a floating-point sum.
pub fn round(x: f64) -> i32 {
    (x + 0.5 + TOLERANCE).floor() as i32
}

/// One row of the ledger: a component, what it measured, and the points it is worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct ComponentScore {
    /// Which component.
    pub component: Component,
    /// What was measured, in `unit`; null where there is nothing to show.
    pub value: Option<f64>,
    /// In what the value and the benchmark are given.
    pub unit: Unit,
    /// The value that scores 100.
    pub benchmark: f64,
    /// Score from 0 to 100; null where not measured.
    pub score: Option<f64>,
    /// Weight in its dimension, before what is not measured is left out.
    pub weight: f64,
    /// Points of the overall score that come from here; null where not measured. All contributions sum to the overall score.
    pub contribution: Option<f64>,
    /// Whether it could be measured.
    pub measured: bool,
    /// Why it could not be measured.
    pub note: Option<String>,
}

/// One dimension.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct DimensionScore {
    /// Which dimension.
    pub dimension: Dimension,
    /// Score from 0 to 100; null where not measured.
    pub score: Option<f64>,
    /// Weight in the overall score, before what is not measured is left out.
    pub weight: f64,
    /// Whether it could be measured.
    pub measured: bool,
    /// Why it could not be measured.
    pub note: Option<String>,
    /// What it is made of.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub components: Vec<ComponentScore>,
}

/// The scores of one account in one window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// Overall score from 0 to 100, unrounded; absent where nothing was measured.
    pub overall: Option<f64>,
    /// The four dimensions, in order.
    pub dimensions: Vec<DimensionScore>,
    /// Share of the weight that was measured, in percent.
    pub coverage: f64,
    /// Why the score is provisional, if it is.
    pub provisional: Option<ProvisionalReason>,
    /// The pattern; absent without a score or with too little of it measured.
    pub pattern: Option<Pattern>,
}

impl Assessment {
    /// The overall score as it is shown.
    pub fn rounded(&self) -> Option<i32> {
        self.overall.map(round)
    }

    /// One dimension.
    pub fn dimension(&self, dimension: Dimension) -> Option<&DimensionScore> {
        self.dimensions.iter().find(|d| d.dimension == dimension)
    }

    /// All rows of the ledger, in order, with their dimension.
    pub fn ledger(&self) -> impl Iterator<Item = (Dimension, &ComponentScore)> {
        self.dimensions
            .iter()
            .flat_map(|d| d.components.iter().map(|c| (d.dimension, c)))
    }

    /// Whether the same dimensions were measured.
    pub fn measured_the_same(&self, other: &Self) -> bool {
        self.dimensions
            .iter()
            .map(|d| d.measured)
            .eq(other.dimensions.iter().map(|d| d.measured))
    }

    /// The measured dimension with the lowest score; of equal ones the first.
    pub fn weakest(&self) -> Option<&DimensionScore> {
        // The last digits of a sum must not decide between two that are equal.
        let weaker = |a: &DimensionScore, b: &DimensionScore| {
            a.score.zip(b.score).is_some_and(|(a, b)| a < b - TOLERANCE)
        };
        let mut measured = self.dimensions.iter().filter(|d| d.measured);
        let first = measured.next()?;
        Some(measured.fold(
            first,
            |weakest, next| if weaker(next, weakest) { next } else { weakest },
        ))
    }
}

/// Scores one account in one window.
pub fn score(m: &Measures, policy: &Policy) -> Assessment {
    let mut dimensions: Vec<DimensionScore> = Dimension::ALL
        .iter()
        .map(|d| score_dimension(*d, m, policy))
        .collect();
    let coverage = coverage(&dimensions);
    let total: f64 = dimensions.iter().filter(|d| d.measured).map(|d| d.weight).sum();
    let mut overall = None;
    if total > 0.0 {
        let mut sum = 0.0;
        for dimension in dimensions.iter_mut().filter(|d| d.measured) {
            let share = dimension.weight / total;
            sum += share * dimension.score.unwrap_or(0.0);
            let inner: f64 = measured_weight(&dimension.components);
            for component in dimension.components.iter_mut().filter(|c| c.measured) {
                component.contribution = component
                    .score
                    .map(|score| score * component.weight / inner * share);
            }
        }
        overall = Some(sum);
    }
    let coverage = if overall.is_some() { coverage } else { 0.0 };
    let low = coverage + TOLERANCE < policy.coverage.minimum;
    let new = m
        .days_since_first_fact
        .is_none_or(|days| days < i64::from(policy.coverage.new_account_days));
    let provisional = if low {
        Some(ProvisionalReason::LowCoverage)
    } else {
        new.then_some(ProvisionalReason::NewAccount)
    };
    let pattern = overall
        .filter(|_| !low)
        .map(|overall| pattern::of(round(overall), policy));
    Assessment {
        overall,
        dimensions,
        coverage,
        provisional,
        pattern,
    }
}

fn score_dimension(dimension: Dimension, m: &Measures, policy: &Policy) -> DimensionScore {
    let absent = dimension::missing(dimension, m);
    let mut components: Vec<ComponentScore> = dimension
        .components()
        .iter()
        .map(|component| {
            let reading = dimension::read(*component, m, policy);
            let (score, note) = match (absent, reading.score) {
                (Some(why), _) => (None, Some(why.to_owned())),
                (None, Ok(score)) => (Some(score), None),
                (None, Err(why)) => (None, Some(why)),
            };
            let measured = score.is_some();
            ComponentScore {
                component: *component,
                value: reading.value.filter(|_| measured),
                unit: reading.unit,
                benchmark: reading.benchmark,
                score,
                weight: policy.component_weight(*component),
                contribution: None,
                measured,
                note,
            }
        })
        .collect();
    let all: f64 = components.iter().map(|c| c.weight).sum();
    let weight = measured_weight(&components);
    let too_little =
        absent.is_none() && weight > 0.0 && weight + TOLERANCE < policy.coverage.dimension_share * all;
    if too_little {
        leave_out(&mut components);
    }
    let weight = if too_little { 0.0 } else { weight };
    let score = (weight > 0.0).then(|| {
        components
            .iter()
            .filter_map(|c| c.score.map(|s| s * c.weight))
            .sum::<f64>()
            / weight
    });
    let note = match (absent, score) {
        (Some(why), _) => Some(why.to_owned()),
        (None, None) if too_little => Some("too little of it could be measured".to_owned()),
        (None, None) => Some("no component could be measured".to_owned()),
        (None, Some(_)) => None,
    };
    DimensionScore {
        dimension,
        score,
        weight: policy.dimension_weight(dimension),
        measured: score.is_some(),
        note,
        components,
    }
}

/// Where too little of a dimension could be measured, none of it is.
fn leave_out(components: &mut [ComponentScore]) {
    for component in components.iter_mut().filter(|component| component.measured) {
        (component.value, component.score, component.measured) = (None, None, false);
        component.note = Some("too little else of the dimension could be measured".to_owned());
    }
}

fn measured_weight(components: &[ComponentScore]) -> f64 {
    components.iter().filter(|c| c.measured).map(|c| c.weight).sum()
}

/// Component weight times dimension weight, of what was measured, of all; in percent.
fn coverage(dimensions: &[DimensionScore]) -> f64 {
    let total: f64 = dimensions.iter().map(|d| d.weight).sum();
    let measured: f64 = dimensions
        .iter()
        .map(|d| {
            let all: f64 = d.components.iter().map(|c| c.weight).sum();
            if all > 0.0 {
                d.weight * measured_weight(&d.components) / all
            } else {
                0.0
            }
        })
        .sum();
    if total > 0.0 {
        100.0 * measured / total
    } else {
        0.0
    }
}
