//! USAGE_AND_ENGAGEMENT_DECLINE: the product is used less while the conversation dries up.

use super::verdict::Verdict;
use crate::dimension::window_points;
use crate::measure::Measures;
use crate::policy::Policy;
use crate::vocabulary::Severity;
use crate::vocabulary::tolerance::TOLERANCE;

pub(super) fn check(
    current: &Measures,
    previous: &Measures,
    as_a_year_ago: bool,
    policy: &Policy,
) -> Verdict {
    let (usage_now, usage_before) = (current.usage_rate(), previous.usage_rate());
    let (points_now, points_before) = (window_points(current, policy), window_points(previous, policy));
    if usage_before <= 0.0 || points_before <= 0.0 {
        return None;
    }
    let (usage_down, points_down) = (1.0 - usage_now / usage_before, 1.0 - points_now / points_before);
    let both = usage_down.min(points_down) + TOLERANCE;
    if both < policy.signals.decline {
        return None;
    }
    let severity = if as_a_year_ago {
        Severity::Medium
    } else if both >= policy.signals.decline_critical {
        Severity::Critical
    } else {
        Severity::High
    };
    let season = if as_a_year_ago {
        " It was so a year ago, too."
    } else {
        ""
    };
    let (usage, points) = (100.0 * usage_down, 100.0 * points_down);
    Some((
        severity,
        format!(
            "Usage fell by {usage:.0} % ({usage_before:.0} to {usage_now:.0} days of use per 30 days) while engagement fell by {points:.0} % \
         ({points_before:.0} to {points_now:.0} points per 30 days).{season}"
        ),
    ))
}
