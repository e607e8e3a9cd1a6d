//! The gaps between days on which data came in, and which of them is the usual one.

use chrono::NaiveDate;

use crate::vocabulary::tolerance::TOLERANCE;

/// Days between each day and the next.
pub(super) fn gaps(days: &[NaiveDate]) -> Vec<i64> {
    days.iter()
        .zip(days.iter().skip(1))
        .map(|(day, next)| (*next - *day).num_days())
        .collect()
}

/// Nearest rank: the smallest gap that at least this share of the gaps does not exceed.
pub(super) fn nearest_rank(mut gaps: Vec<i64>, share: f64) -> Option<i64> {
    gaps.sort_unstable();
    let rank = (share * gaps.len() as f64 - TOLERANCE).ceil().max(1.0) as usize;
    gaps.get(rank - 1).copied()
}
