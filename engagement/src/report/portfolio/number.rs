//! Shares and counts of a book of accounts.

/// A mean or a share; nothing without a denominator.
pub(super) fn ratio(sum: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

/// What a GraphQL Int holds; no book of accounts comes near it.
pub(super) fn whole(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).min(i32::MAX as u32)
}
