//! What to do about a book of accounts: rules over its numbers, each with the numbers that speak for it.

use super::portfolio::{Advice, MetricValue, PortfolioReport};
use crate::markdown::{capital, count, days, money, number};
use crate::portfolio::{Group, PortfolioTotals};
use crate::vocabulary::{PortfolioMetric, Signal};

/// Money at risk first, then the metrics that miss their target in their order, then the commonest signal, then what is not known.
pub(super) fn advise(report: &PortfolioReport, totals: &PortfolioTotals) -> Vec<Advice> {
    let mut advice: Vec<Advice> = at_risk(report).into_iter().collect();
    advice.extend(report.metrics.iter().filter(|metric| metric.met == Some(false)).filter_map(|metric| missed(metric, totals)));
    advice.extend(commonest_signal(report));
    advice.extend(not_enough_data(report));
    advice
}

fn at_risk(report: &PortfolioReport) -> Option<Advice> {
    let Group { accounts, .. } = report.at_risk;
    let revenue = report.at_risk.arr();
    let revenue = if revenue.is_empty() { String::new() } else { format!(" ({})", money(&revenue)) };
    (accounts > 0).then(|| Advice {
        action: format!("Review the {} at risk{revenue}", some(accounts, "account")),
        reason: "Their standing gives reasons to expect a loss; each account says which.".to_owned(),
    })
}

/// What to do about a metric that misses its target; nothing where no more can be done.
fn missed(metric: &MetricValue, totals: &PortfolioTotals) -> Option<Advice> {
    let value = number(metric.value);
    let target = number(Some(metric.target));
    let accounts = totals.all.accounts;
    let (action, reason) = match metric.metric {
        PortfolioMetric::ExecutiveEngagementRate => {
            let more = above(metric.target / 100.0, accounts).min(accounts).saturating_sub(totals.sponsor_engaged);
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
                totals.retention.pairs_before.saturating_sub(totals.retention.pairs_kept),
                totals.retention.pairs_before
            ),
        ),
        PortfolioMetric::MultiThreadScore => (
            format!(
                "Bring {} into the conversation",
                some(above(metric.target, accounts).saturating_sub(totals.engaged_executives), "more executive")
            ),
            format!("On average {value} executives of an account are in touch; the target is more than {target}."),
        ),
    };
    Some(Advice { action, reason })
}

fn commonest_signal(report: &PortfolioReport) -> Option<Advice> {
    // The first of equals.
    let most = report.signals.iter().map(|count| count.accounts).max().filter(|most| *most > 0)?;
    let signal = report.signals.iter().find(|count| count.accounts == most)?.signal;
    let action = match signal {
        Signal::UnansweredOutreach => "Change the channel where nobody answers",
        Signal::CanceledMeetings => "Find new dates for canceled meetings",
        Signal::ResponseTimeDegrading => "Find out what slows the answers",
        Signal::QbrMissed => "Find new dates for missed business reviews",
        Signal::SponsorMissing => "Find sponsors, or wake those we have",
        Signal::UsageAndEngagementDecline => "Review the value with accounts whose use declines",
        Signal::SupportSurge => "Calm the accounts that ask for support far more than before",
    };
    let sign = capital(signal.in_words());
    let reason = format!("{sign}: the commonest warning sign, on {most} of {}.", some(report.all.accounts, "account"));
    Some(Advice { action: action.to_owned(), reason })
}

fn not_enough_data(report: &PortfolioReport) -> Option<Advice> {
    let unknown = report.distribution.iter().find(|share| share.pattern.is_none()).map_or(0, |share| share.group.accounts);
    (unknown > 0).then(|| Advice {
        action: format!("Bring in the data of {}", some(unknown, "account")),
        reason: "Less than half of what makes a score is known of them, so nobody can say how they are.".to_owned(),
    })
}

/// The smallest whole number above a multiple of another.
fn above(factor: f64, of: u64) -> u64 {
    (factor * of as f64 + 1e-9).floor() as u64 + 1
}

fn some(n: u64, noun: &str) -> String {
    count(u32::try_from(n).unwrap_or(u32::MAX), noun)
}
