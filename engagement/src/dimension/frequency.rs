//! Frequency: activity volume against the benchmark of the tier.

use super::{Reading, Unit};
use crate::measure::Measures;
use crate::policy::Policy;
use crate::vocabulary::InteractionKind;

/// Points per 30 days with no cap at all: what signals and REDUCE_FREQUENCY look at.
pub fn uncapped_points(m: &Measures, policy: &Policy) -> f64 {
    let (written, other) = points(m, policy);
    m.per_30_days(written + other)
}

/// Points per 30 days, of which e-mails and forum posts make up at most their share of the benchmark.
pub fn capped_points(m: &Measures, policy: &Policy) -> f64 {
    let (written, other) = points(m, policy);
    let most = policy.frequency.benchmark.of(m.tier) * policy.frequency.written_share;
    m.per_30_days(written).min(most) + m.per_30_days(other)
}

/// Points of the window: of the written kinds, and of all others.
fn points(m: &Measures, policy: &Policy) -> (f64, f64) {
    let mut sums = (0.0, 0.0);
    for (kind, count) in InteractionKind::ALL.iter().zip(m.two_way) {
        let points = f64::from(count) * policy.frequency.points.of(*kind);
        if kind.is_written() {
            sums.0 += points;
        } else {
            sums.1 += points;
        }
    }
    sums
}

pub(super) fn activity(m: &Measures, policy: &Policy) -> Reading {
    Reading::share_of(capped_points(m, policy), Unit::PointsPer30Days, policy.frequency.benchmark.of(m.tier))
}
