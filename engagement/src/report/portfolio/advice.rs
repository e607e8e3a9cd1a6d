//! What to do about a book of accounts: rules over its numbers, each with the numbers that speak for it and the accounts to
//! begin with.

use super::metric::MetricValue;
use super::report::{Advice, PortfolioReport};
use crate::markdown::{count, days, money, number};
use crate::portfolio::worth::Worth;
use crate::portfolio::{Concern, Group, MOST_NAMED, NamedAccount, PortfolioTotals};
use crate::vocabulary::tolerance::TOLERANCE;
use crate::vocabulary::{PortfolioMetric, Signal};

/// Money at risk first, then the metrics that miss their target in their order, then the commonest signal, then what is not known.
pub(super) fn advise(report: &PortfolioReport, totals: &PortfolioTotals, worth: &Worth<'_>) -> Vec<Advice> {
    // The list of accounts at risk says why, and what to do first.
    let named = |concern: Concern| -> Vec<NamedAccount> {
        let bare = |account: NamedAccount| NamedAccount {
            reasons: Vec::new(),
            next: None,
            ..account
        };
        totals
            .named
            .first(concern, worth)
            .into_iter()
            .take(MOST_NAMED)
            .map(bare)
            .collect()
    };
    let mut advice: Vec<Advice> = at_risk(report, named(Concern::AtRisk)).into_iter().collect();
    let missed = report
        .metrics
        .iter()
        .filter(|metric| metric.met == Some(false))
        .filter_map(|metric| {
            let (action, reason) = missed(metric, totals)?;
            Some(Advice {
                action,
                reason,
                accounts: named(of_metric(metric.metric)),
            })
        });
    advice.extend(missed);
    advice.extend(commonest_signal(&totals.signals).map(|(signal, accounts)| {
        let (action, reason) = of_signal(signal, accounts, report.all.accounts);
        Advice {
            action,
            reason,
            accounts: named(Concern::Signal(signal)),
        }
    }));
    advice.extend(not_enough_data(report, named(Concern::NotEnoughData)));
    advice
}

fn at_risk(report: &PortfolioReport, named: Vec<NamedAccount>) -> Option<Advice> {
    let Group { accounts, .. } = report.at_risk;
    let revenue = report.at_risk.arr();
    let revenue = if revenue.is_empty() {
        String::new()
    } else {
        format!(" ({})", money(&revenue))
    };
    (accounts > 0).then(|| Advice {
        action: format!("Review the {} at risk{revenue}", some(accounts, "account")),
        reason: "Their standing gives reasons to expect a loss; each account says which.".to_owned(),
        accounts: named,
    })
}

/// The accounts to begin with where a metric misses its target.
const fn of_metric(metric: PortfolioMetric) -> Concern {
    match metric {
        PortfolioMetric::ExecutiveEngagementRate => Concern::NoEngagedSponsor,
        PortfolioMetric::ExecutiveTouchpointCadence => Concern::BeyondCadence,
        PortfolioMetric::QbrExecutiveAttendance => Concern::ReviewWithoutExecutive,
        PortfolioMetric::SponsorRetention => Concern::LostSponsor,
        PortfolioMetric::MultiThreadScore => Concern::FewExecutives,
    }
}

/// What to do about a metric that misses its target; nothing where no more can be done.
fn missed(metric: &MetricValue, totals: &PortfolioTotals) -> Option<(String, String)> {
    let value = number(metric.value);
    let target = number(Some(metric.target));
    let accounts = totals.all.accounts;
    let said = match metric.metric {
        PortfolioMetric::ExecutiveEngagementRate => {
            let more = above(metric.target / 100.0, accounts)
                .min(accounts)
                .saturating_sub(totals.sponsor_engaged);
            if more == 0 {
                return None;
            }
            (
                format!("Win an engaged sponsor at {}", some(more, "more account")),
                format!("{value} % of the accounts have one; the target is more than {target} %."),
            )
        }
        PortfolioMetric::ExecutiveTouchpointCadence => (
            "Plan the next touchpoint with every executive".to_owned(),
            format!(
                "On average {} lie between two contacts with executives; the target is less than {target}.",
                metric.value.map_or(value, days)
            ),
        ),
        PortfolioMetric::QbrExecutiveAttendance => (
            "Fix the dates of business reviews with the executives first".to_owned(),
            format!(
                "{} of {} business reviews of the last year had an executive ({value} %); the target is more than {target} %.",
                totals.qbrs_with_executive, totals.qbrs_held
            ),
        ),
        PortfolioMetric::SponsorRetention => (
            "Name a backup before the next sponsor leaves".to_owned(),
            format!(
                "{} of {} sponsors of a year ago are gone ({value} % stayed); the target is more than {target} %.",
                totals
                    .retention
                    .pairs_before
                    .saturating_sub(totals.retention.pairs_kept),
                totals.retention.pairs_before
            ),
        ),
        PortfolioMetric::MultiThreadScore => (
            format!(
                "Bring {} into the conversation",
                some(
                    above(metric.target, accounts).saturating_sub(totals.engaged_executives),
                    "more executive"
                )
            ),
            format!(
                "On average {value} executives of an account are in touch; the target is more than {target}."
            ),
        ),
    };
    Some(said)
}

/// The signal that is raised on most accounts, the first of equals, and on how many; nothing where none is.
fn commonest_signal(signals: &[u64; Signal::ALL.len()]) -> Option<(Signal, u64)> {
    let most = signals.iter().copied().max().filter(|most| *most > 0)?;
    Signal::ALL
        .iter()
        .zip(signals)
        .find(|(_, accounts)| **accounts == most)
        .map(|(signal, _)| (*signal, most))
}

fn of_signal(signal: Signal, most: u64, accounts: u64) -> (String, String) {
    let action = match signal {
        Signal::UnansweredOutreach => "Change the channel where nobody answers",
        Signal::CanceledMeetings => "Find new dates for canceled meetings",
        Signal::ResponseTimeDegrading => "Find out what slows the answers",
        Signal::QbrMissed => "Find new dates for missed business reviews",
        Signal::SponsorMissing => "Find sponsors, or wake those we have",
        Signal::UsageAndEngagementDecline => "Review the value with accounts whose use declines",
        Signal::SupportSurge => "Calm the accounts that ask for support far more than before",
    };
    let sign = signal.in_words();
    (
        action.to_owned(),
        format!(
            "The commonest warning sign is {sign}: on {most} of {}.",
            some(accounts, "account")
        ),
    )
}

fn not_enough_data(report: &PortfolioReport, named: Vec<NamedAccount>) -> Option<Advice> {
    let unknown = report
        .distribution
        .iter()
        .find(|share| share.pattern.is_none())
        .map_or(0, |share| share.group.accounts);
    (unknown > 0).then(|| Advice {
        action: format!("Bring in the data of {}", some(unknown, "account")),
        reason: "Less than half of what makes a score is known of them, so nobody can say how they are."
            .to_owned(),
        accounts: named,
    })
}

/// The smallest whole number above a multiple of another.
fn above(factor: f64, of: u64) -> u64 {
    (factor * of as f64 + TOLERANCE).floor() as u64 + 1
}

fn some(n: u64, noun: &str) -> String {
    count(u32::try_from(n).unwrap_or(u32::MAX), noun)
}
