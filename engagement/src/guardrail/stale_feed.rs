//! Data goes stale: nothing of a feed has come in, for any account, in much longer than usual. One alert says so, and the
//! rules that depend on the feed stand still, because silence of a feed is no silence of customers.

use chrono::{NaiveDate, TimeDelta};

use super::gap::{gaps, nearest_rank};
use crate::alert::{AlertRule, Condition, Subject};
use crate::policy::Policy;
use crate::vocabulary::{Feed, Severity};

/// Whether a feed is stale on a day. `days` are those with data of any account, in any order; what lies after `today` or
/// more than the policy's window before the last one changes nothing.
pub fn check(feed: Feed, days: &[NaiveDate], today: NaiveDate, policy: &Policy) -> Option<Condition> {
    let policy = &policy.guardrails;
    let mut days: Vec<NaiveDate> = days.iter().copied().filter(|day| *day <= today).collect();
    days.sort_unstable();
    days.dedup();
    let last = *days.last()?;
    // The silence itself is no gap: it would hide itself.
    let from = last - TimeDelta::days(i64::from(policy.stale_window_days));
    let known = days
        .get(days.partition_point(|day| *day < from)..)
        .unwrap_or_default();
    let gaps = gaps(known);
    if gaps.len() < policy.stale_minimum_gaps as usize {
        return None;
    }
    let usual = nearest_rank(gaps, policy.stale_percentile)?;
    let limit = (policy.stale_factor * usual as f64).max(f64::from(policy.stale_minimum_days));
    let silent = (today - last).num_days();
    if (silent as f64) < limit {
        return None;
    }
    let what = match feed {
        Feed::Interactions => "interaction",
        Feed::Usage => "usage",
    };
    let message = format!(
        "No {what} of any account has come in for {silent} days, the last on {last}; usual are gaps of up to {usual}. \
         Alerts that depend on it stand still until it is back."
    );
    Some(Condition::new(AlertRule::DataStale, Severity::High, message).about(Subject::Feed(feed)))
}
