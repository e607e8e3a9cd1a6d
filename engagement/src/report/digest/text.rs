//! How a digest says things: days, stakes, the subject and the headlines.

use chrono::NaiveDate;

use super::{AccountFacts, Digest};
use crate::markdown::{count, money};
use crate::vocabulary::Severity;

/// A day as a week's plan names it: `Mon 22 June`.
pub(super) fn day(day: NaiveDate) -> String {
    day.format("%a %-d %B").to_string()
}

/// How far away a day is.
pub(super) fn ahead(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days if days < 0 => format!("{} ago", count(u32::try_from(-days).unwrap_or(u32::MAX), "day")),
        days => format!("in {days} days"),
    }
}

/// Revenue and renewal of an account: what is at stake; absent where neither is known.
pub(super) fn stakes(account: &AccountFacts, today: NaiveDate) -> Option<String> {
    let arr = account.label.arr.clone().map(|arr| format!("{} a year", money(&[arr])));
    let renewal = account.days_to_renewal(today).map(|days| format!("renews {}", ahead(days)));
    let stakes: Vec<String> = arr.into_iter().chain(renewal).collect();
    (!stakes.is_empty()).then(|| stakes.join(", "))
}

/// The subject: the week and the two most urgent headlines.
pub(super) fn subject(digest: &Digest) -> String {
    let most: Vec<&str> = digest.headlines.iter().take(2).map(String::as_str).collect();
    format!("Week {}: {}", digest.week.number(), most.join(", "))
}

/// The week in a few phrases, the most urgent first.
pub(super) fn headlines(digest: &Digest, customers: &[&AccountFacts]) -> Vec<String> {
    let mut phrases = Vec::new();
    let whole = |accounts: usize| u32::try_from(accounts).unwrap_or(u32::MAX);
    let new = |new: u32| if new > 0 { format!(" ({new} new)") } else { String::new() };
    if !digest.at_risk.is_empty() {
        let newly = customers.iter().filter(|account| account.newly_at_risk).count();
        phrases.push(format!("{} at risk{}", count(digest.at_risk.total(), "account"), new(whole(newly))));
    }
    for severity in [Severity::Critical, Severity::High] {
        let Some(counted) = digest.alerts.counts.iter().find(|counted| counted.severity == severity) else { continue };
        phrases.push(format!("{}{}", count(counted.open, &format!("{} alert", severity.in_words())), new(counted.new)));
    }
    let changed = |worse: bool| {
        let accounts = customers.iter().filter(|account| account.change.as_ref().is_some_and(|change| change.is_worse() == worse));
        whole(accounts.count())
    };
    for (accounts, how) in [(changed(true), "got worse"), (changed(false), "got better")] {
        if accounts > 0 {
            phrases.push(format!("{} {how}", count(accounts, "account")));
        }
    }
    if !digest.touches.is_empty() {
        phrases.push(format!("{} due", count(digest.touches.total(), "executive touchpoint")));
    }
    if !digest.renewals.is_empty() {
        let arr = digest.renewals_arr.as_ref().map_or_else(String::new, |arr| format!(" worth {arr}"));
        phrases.push(format!("{}{arr}", count(digest.renewals.total(), "renewal")));
    }
    phrases
}
