//! Pattern and trend: what a number means, and where it is going (docs/scoring.md § 4).

use crate::policy::Policy;
use crate::vocabulary::{Pattern, Trend};

/// The pattern of a rounded score.
pub fn of(overall: i32, policy: &Policy) -> Pattern {
    Pattern::ALL
        .iter()
        .copied()
        .find(|p| overall >= floor(*p, policy))
        .unwrap_or(Pattern::Disengaged)
}

/// The lowest rounded score of a pattern.
pub fn floor(pattern: Pattern, policy: &Policy) -> i32 {
    match pattern {
        Pattern::HighlyEngaged => policy.pattern.highly_engaged,
        Pattern::ModeratelyEngaged => policy.pattern.moderately_engaged,
        Pattern::LowEngaged => policy.pattern.low_engaged,
        Pattern::Disengaged => 0,
    }
}

/// The lowest and the highest rounded score of a pattern.
pub fn range(pattern: Pattern, policy: &Policy) -> (i32, i32) {
    (
        floor(pattern, policy),
        above(pattern).map_or(100, |better| floor(better, policy) - 1),
    )
}

/// The next better pattern.
pub const fn above(pattern: Pattern) -> Option<Pattern> {
    match pattern {
        Pattern::HighlyEngaged => None,
        Pattern::ModeratelyEngaged => Some(Pattern::HighlyEngaged),
        Pattern::LowEngaged => Some(Pattern::ModeratelyEngaged),
        Pattern::Disengaged => Some(Pattern::LowEngaged),
    }
}

/// The trend of a change in rounded points.
pub fn trend(change: i32, policy: &Policy) -> Trend {
    if change >= policy.pattern.trend {
        Trend::Improving
    } else if change <= -policy.pattern.trend {
        Trend::Declining
    } else {
        Trend::Stable
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Pattern::{Disengaged, HighlyEngaged, LowEngaged, ModeratelyEngaged};

    #[test]
    fn patterns_begin_at_their_floors() {
        let policy = Policy::default();
        let patterns: Vec<Pattern> = [100, 80, 79, 60, 59, 40, 39, 0]
            .iter()
            .map(|s| of(*s, &policy))
            .collect();
        assert_eq!(
            patterns,
            [
                HighlyEngaged,
                HighlyEngaged,
                ModeratelyEngaged,
                ModeratelyEngaged,
                LowEngaged,
                LowEngaged,
                Disengaged,
                Disengaged
            ]
        );
    }

    #[test]
    fn five_points_make_a_trend() {
        let trends: Vec<Trend> = [5, 4, -4, -5]
            .iter()
            .map(|c| trend(*c, &Policy::default()))
            .collect();
        assert_eq!(
            trends,
            [Trend::Improving, Trend::Stable, Trend::Stable, Trend::Declining]
        );
    }
}
