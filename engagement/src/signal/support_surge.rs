//! SUPPORT_SURGE: they ask for help far more than before, and it has not calmed down; or it has because they stopped using
//! the product.

use super::verdict::Verdict;
use crate::measure::Measures;
use crate::policy::Policy;
use crate::vocabulary::Severity;
use crate::vocabulary::tolerance::TOLERANCE;

pub(super) fn check(current: &Measures, previous: &Measures, policy: &Policy) -> Verdict {
    let rule = &policy.signals;
    if !current.known_before {
        return None;
    }
    let (now, before) = (current.support_rate(), previous.support_rate());
    let limit = rule.support_requests.max(rule.support_factor * before);
    if now + TOLERANCE < limit {
        return None;
    }
    let recent = f64::from(current.recent_support_requests);
    let still_asking = recent + TOLERANCE >= limit;
    let stopped_using =
        f64::from(current.recent_usage_days) < rule.support_usage_share * current.usage_rate() - TOLERANCE;
    if !still_asking && !stopped_using {
        return None;
    }
    let severity = if current.renewal_near {
        Severity::High
    } else {
        Severity::Medium
    };
    let asked = current.support_requests;
    let lately = if still_asking {
        format!("{recent:.0} of them came in the last 30 days")
    } else {
        format!(
            "{recent:.0} of them came in the last 30 days, in which the product was used on fewer days than before"
        )
    };
    Some((
        severity,
        format!(
            "They asked for support {asked} times, {now:.0} per 30 days against {before:.0} in the previous window; {lately}."
        ),
    ))
}
