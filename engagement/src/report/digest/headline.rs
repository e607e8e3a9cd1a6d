//! The week in a few phrases: the headlines of a digest, and the subject of its mail.

use super::account::AccountFacts;
use super::contents::Digest;
use crate::markdown::count;
use crate::vocabulary::Severity;

/// The subject: the week and the two most urgent headlines.
pub(super) fn subject(digest: &Digest) -> String {
    let most: Vec<&str> = digest.headlines.iter().take(2).map(String::as_str).collect();
    format!("Week {}: {}", digest.week.number(), most.join(", "))
}

/// The week in a few phrases, the most urgent first.
pub(super) fn headlines(digest: &Digest, customers: &[&AccountFacts]) -> Vec<String> {
    let mut phrases = Vec::new();
    let whole = |accounts: usize| u32::try_from(accounts).unwrap_or(u32::MAX);
    let new = |new: u32| {
        if new > 0 {
            format!(" ({new} new)")
        } else {
            String::new()
        }
    };
    if !digest.at_risk.is_empty() {
        let newly = customers.iter().filter(|account| account.newly_at_risk).count();
        phrases.push(format!(
            "{} at risk{}",
            count(digest.at_risk.total(), "account"),
            new(whole(newly))
        ));
    }
    for severity in [Severity::Critical, Severity::High] {
        let Some(counted) = digest
            .alerts
            .counts
            .iter()
            .find(|counted| counted.severity == severity)
        else {
            continue;
        };
        phrases.push(format!(
            "{}{}",
            count(counted.open, &format!("{} alert", severity.in_words())),
            new(counted.new)
        ));
    }
    let changed = |worse: bool| {
        let accounts = customers.iter().filter(|account| {
            account
                .change
                .as_ref()
                .is_some_and(|change| change.is_worse() == worse)
        });
        whole(accounts.count())
    };
    for (accounts, how) in [(changed(true), "got worse"), (changed(false), "got better")] {
        if accounts > 0 {
            phrases.push(format!("{} {how}", count(accounts, "account")));
        }
    }
    if !digest.touches.is_empty() {
        phrases.push(format!(
            "{} due",
            count(digest.touches.total(), "executive touchpoint")
        ));
    }
    if !digest.renewals.is_empty() {
        let arr = digest
            .renewals_arr
            .as_ref()
            .map_or_else(String::new, |arr| format!(" worth {arr}"));
        phrases.push(format!("{}{arr}", count(digest.renewals.total(), "renewal")));
    }
    phrases
}
