//! What a number of the policy may be, and the error that names the number which is not.
//!
//! Every number of the policy has a range, which stands beside its default. No range lets through what no score could be
//! computed with: an infinite number, or one that is no number.

use super::tier::PerTier;
use crate::vocabulary::SponsorFactor;

/// More than any weight, benchmark or threshold needs; far from where sums of them overflow.
pub(super) const MOST: f64 = 1_000_000.0;

/// A number of the policy: the path of its field as in the file, its value, and what it may be.
pub(super) type Bounded = (&'static str, f64, Range);

/// What a number may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Range {
    /// From 0 up.
    Weight,
    /// Above 0.
    Positive,
    /// From 0 to 1.
    Share,
    /// From 0 to 100.
    Points,
    /// From 1 up.
    Count,
    /// From 1 to the number of a sponsor's factors.
    Factors,
    /// At least as far back as others look.
    Reach(f64),
    /// Less than another field.
    Below(f64),
}

impl Range {
    /// The three numbers of a table of tiers, each of them within this range.
    pub(super) fn of_tiers(
        self,
        [enterprise, mid_market, smb]: [&'static str; 3],
        values: &PerTier,
    ) -> [Bounded; 3] {
        [
            (enterprise, values.enterprise, self),
            (mid_market, values.mid_market, self),
            (smb, values.smb, self),
        ]
    }

    /// Checks a number against the range.
    ///
    /// # Errors
    /// The number is out of range.
    pub(super) fn check(self, field: &'static str, value: f64) -> Result<(), PolicyError> {
        let (holds, rule) = match self {
            Self::Weight => ((0.0..=MOST).contains(&value), "a number from 0 to 1,000,000"),
            Self::Positive => (
                value > 0.0 && value <= MOST,
                "a number above 0, at most 1,000,000",
            ),
            Self::Share => ((0.0..=1.0).contains(&value), "a number from 0 to 1"),
            Self::Points => ((0.0..=100.0).contains(&value), "a number from 0 to 100"),
            Self::Count => (value >= 1.0, "a whole number from 1 up"),
            Self::Factors => (
                (1.0..=SponsorFactor::ALL.len() as f64).contains(&value),
                "a whole number from 1 to 4",
            ),
            Self::Reach(least) => (
                value >= least && value <= MOST,
                "at least 60, and at least 15 more than guardrails.fall_days: scores are compared over that long",
            ),
            Self::Below(limit) => (value < limit, "less than the field that follows it in rank"),
        };
        // Infinity is above 0, but nothing can be weighed with it.
        if holds && value.is_finite() {
            Ok(())
        } else {
            Err(PolicyError { field, value, rule })
        }
    }
}

/// A field of the policy that no score can be computed with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("policy: `{field}` is {value}; it must be {rule}")]
pub struct PolicyError {
    /// Path of the field, as in the file.
    pub field: &'static str,
    /// What it holds.
    pub value: f64,
    /// What it may hold.
    pub rule: &'static str,
}
