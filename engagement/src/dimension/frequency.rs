//! Frequency: activity volume against the benchmark of the tier.

use super::reading::{ComponentReading, Unit};
use crate::measure::{KINDS, Measures};
use crate::policy::Policy;
use crate::vocabulary::InteractionKind;

/// Points per 30 days lived of the activity span with no cap at all: what REDUCE_FREQUENCY looks at.
pub(crate) fn uncapped_points(m: &Measures, policy: &Policy) -> f64 {
    let (written, other) = points(&m.activity, policy);
    m.per_30_days_lived(written + other)
}

/// Those of them that come from what we began.
pub(crate) fn outbound_points(m: &Measures, policy: &Policy) -> f64 {
    let (written, other) = points(&m.outbound_activity, policy);
    m.per_30_days_lived(written + other)
}

/// Points per 30 days of the window, with no cap: what signals compare.
pub(crate) fn window_points(m: &Measures, policy: &Policy) -> f64 {
    let (written, other) = points(&m.window_activity, policy);
    m.per_30_days(written + other)
}

/// Points per 30 days lived of the activity span, of which e-mails and forum posts make up at most their share of the
/// benchmark.
fn capped_points(m: &Measures, policy: &Policy) -> f64 {
    let (written, other) = points(&m.activity, policy);
    let most = policy.frequency.benchmark.of(m.tier) * policy.frequency.written_share;
    m.per_30_days_lived(written).min(most) + m.per_30_days_lived(other)
}

/// Points of the written kinds, and of all others.
pub(crate) fn points(counts: &[u32; KINDS], policy: &Policy) -> (f64, f64) {
    let mut sums = (0.0, 0.0);
    for (kind, count) in InteractionKind::ALL.iter().zip(counts) {
        let points = f64::from(*count) * policy.frequency.points.of(*kind);
        if kind.is_written() {
            sums.0 += points;
        } else {
            sums.1 += points;
        }
    }
    sums
}

pub(super) fn activity(m: &Measures, policy: &Policy) -> ComponentReading {
    ComponentReading::share_of(
        capped_points(m, policy),
        Unit::PointsPer30Days,
        policy.frequency.benchmark.of(m.tier),
    )
}
