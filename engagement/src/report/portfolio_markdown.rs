//! The portfolio report as Markdown, for leaders: how the book stands, against which targets, what moved, what to do. Every
//! number in it is a field of the report.

use std::fmt::Write;

use super::portfolio::{MetricValue, PortfolioLabels, PortfolioReport};
use crate::markdown::{NOT_MEASURED, count, days, money, number, table, text};
use crate::portfolio::{Group, Mover, PortfolioDays};
use crate::vocabulary::{MetricUnit, Pattern, Period, PortfolioMetric, Signal};

/// `writeln!` to a string cannot fail; the result is dropped here once.
macro_rules! line {
    ($out:expr) => { let _ = writeln!($out); };
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

pub(super) fn write(report: &PortfolioReport, labels: &PortfolioLabels) -> String {
    let mut out = String::with_capacity(4 * 1024);
    heading(&mut out, report, labels);
    headline(&mut out, report);
    metrics(&mut out, report);
    distribution(&mut out, report);
    movers(&mut out, report, labels);
    signals(&mut out, report);
    advice(&mut out, report);
    footer(&mut out, report, labels);
    out
}

fn heading(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
    line!(out, "# Portfolio report\n");
    let period = match report.period {
        Period::Monthly => "month",
        Period::Quarterly => "quarter",
    };
    let PortfolioDays { start, ending_on, stands_on, .. } = report.days;
    let stands = if stands_on == ending_on { String::new() } else { format!(" It stands on the scores of {stands_on}.") };
    line!(out, "{}, {period} from {start} to {ending_on}.{stands}\n", text(&labels.scope));
}

fn headline(out: &mut String, report: &PortfolioReport) {
    line!(out, "## Headline\n");
    let average = report.average_overall.map_or_else(
        || "no score that is not provisional".to_owned(),
        |average| format!("{} of 100 (over {})", number(Some(average)), count(report.scored, "account")),
    );
    let part = |accounts: u64| share(accounts, report.all.accounts);
    table(
        out,
        &["", ""],
        [
            vec!["Accounts".to_owned(), report.all.accounts.to_string()],
            vec!["ARR".to_owned(), revenue(&report.all)],
            vec!["**Average engagement**".to_owned(), format!("**{average}**")],
            vec!["Provisional scores".to_owned(), format!("{}{}", report.provisional, part(u64::from(report.provisional)))],
            vec!["Accounts at risk".to_owned(), format!("{}{}", report.at_risk.accounts, part(report.at_risk.accounts))],
            vec!["**ARR at risk**".to_owned(), format!("**{}**", revenue(&report.at_risk))],
        ],
    );
    line!(out, "\nAt risk are accounts whose standing says so: there are reasons to expect a loss.\n");
}

fn metrics(out: &mut String, report: &PortfolioReport) {
    line!(out, "## Executive metrics\n");
    table(
        out,
        &["Metric", "Value", "Target", ""],
        report.metrics.iter().map(|metric| {
            let value = metric.value.map_or_else(|| NOT_MEASURED.to_owned(), |value| in_unit(value, metric.unit));
            let side = if metric.metric.is_better_below() { "<" } else { ">" };
            let met = match metric.met {
                Some(true) => "✓ met",
                Some(false) => "✗ missed",
                None => "–",
            };
            vec![name(metric).to_owned(), value, format!("{side} {}", in_unit(metric.target, metric.unit)), met.to_owned()]
        }),
    );
    line!(out);
}

fn distribution(out: &mut String, report: &PortfolioReport) {
    line!(out, "## Distribution by pattern\n");
    table(
        out,
        &["Pattern", "Accounts", "Share", "ARR"],
        report.distribution.iter().map(|part| {
            let share = share(part.group.accounts, report.all.accounts);
            let share = share.trim_matches([' ', '(', ')']).to_owned();
            vec![pattern(part.pattern).to_owned(), part.group.accounts.to_string(), share, revenue(&part.group)]
        }),
    );
    line!(out);
}

fn movers(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
    line!(out, "## Movers\n");
    if report.improved.is_empty() && report.declined.is_empty() {
        line!(out, "No score moved against the previous window.\n");
        return;
    }
    let mut rows = |title: &str, movers: &[Mover]| {
        if movers.is_empty() {
            return;
        }
        line!(out, "**{title}**\n");
        table(
            out,
            &["Account", "Change", "Overall"],
            movers.iter().map(|mover| {
                let name = labels.accounts.get(&mover.account).unwrap_or(&mover.external_id);
                let overall = mover.overall.map_or_else(|| "no score".to_owned(), |overall| overall.to_string());
                vec![text(name), format!("{:+}", mover.change).replace('-', "−"), overall]
            }),
        );
        line!(out);
    };
    rows("Improved most", &report.improved);
    rows("Declined most", &report.declined);
}

fn signals(out: &mut String, report: &PortfolioReport) {
    line!(out, "## Warning signs\n");
    let mut raised: Vec<_> = report.signals.iter().filter(|count| count.accounts > 0).collect();
    if raised.is_empty() {
        line!(out, "No warning sign is raised on any account.\n");
        return;
    }
    raised.sort_by_key(|count| std::cmp::Reverse(count.accounts));
    table(
        out,
        &["Warning sign", "Accounts"],
        raised.iter().map(|count| {
            let accounts = u64::from(count.accounts);
            vec![signal(count.signal).to_owned(), format!("{accounts}{}", share(accounts, report.all.accounts))]
        }),
    );
    line!(out);
}

fn advice(out: &mut String, report: &PortfolioReport) {
    line!(out, "## What to do\n");
    if report.advice.is_empty() {
        let words = if report.all.accounts == 0 {
            "There are no accounts to look at."
        } else {
            "Nothing stands out: every metric that could be measured meets its target."
        };
        line!(out, "{words}\n");
        return;
    }
    for (place, advice) in report.advice.iter().enumerate() {
        line!(out, "{}. **{}.** {}", place + 1, advice.action, advice.reason);
    }
    line!(out);
}

fn footer(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
    let through = labels.data_through.map_or_else(|| "no data has come in".to_owned(), |day| format!("data through {day}"));
    let stands = if report.days.stored { "stored scores" } else { "scores computed for this report" };
    line!(out, "---\n");
    line!(
        out,
        "*As of {}; {stands} of {}; {through}; policy {}. Tier, revenue, seniority, departments, the feature list and departures without a \
         date are read as they stand today.*",
        labels.as_of.format("%Y-%m-%d %H:%M UTC"),
        report.days.stands_on,
        labels.policy_hash
    );
}

/// " (12 %)"; nothing where there is no whole.
fn share(part: u64, whole: u64) -> String {
    if whole == 0 { String::new() } else { format!(" ({:.0} %)", 100.0 * part as f64 / whole as f64) }
}

/// The revenue of a group.
fn revenue(group: &Group) -> String {
    let amounts = group.arr();
    if amounts.is_empty() { "–".to_owned() } else { money(&amounts) }
}

pub(super) fn in_unit(value: f64, unit: MetricUnit) -> String {
    match unit {
        MetricUnit::Percent => format!("{} %", number(Some(value))),
        MetricUnit::Days => days(value),
        MetricUnit::Executives => format!("{} executives", number(Some(value))),
    }
}

pub(super) const fn name(metric: &MetricValue) -> &'static str {
    match metric.metric {
        PortfolioMetric::ExecutiveEngagementRate => "Accounts with an engaged sponsor",
        PortfolioMetric::ExecutiveTouchpointCadence => "Days between contacts with executives",
        PortfolioMetric::QbrExecutiveAttendance => "Business reviews with an executive",
        PortfolioMetric::SponsorRetention => "Sponsors of a year ago who stayed",
        PortfolioMetric::MultiThreadScore => "Executives in touch per account",
    }
}

const fn pattern(pattern: Option<Pattern>) -> &'static str {
    match pattern {
        Some(Pattern::HighlyEngaged) => "Highly engaged",
        Some(Pattern::ModeratelyEngaged) => "Moderately engaged",
        Some(Pattern::LowEngaged) => "Low engaged",
        Some(Pattern::Disengaged) => "Disengaged",
        None => "Not enough data",
    }
}

const fn signal(signal: Signal) -> &'static str {
    match signal {
        Signal::UnansweredOutreach => "Unanswered outreach",
        Signal::CanceledMeetings => "Canceled meetings",
        Signal::ResponseTimeDegrading => "Response time degrading",
        Signal::QbrMissed => "QBR missed",
        Signal::SponsorMissing => "Sponsor missing",
        Signal::UsageAndEngagementDecline => "Usage and engagement decline",
        Signal::SupportSurge => "Support surge",
    }
}
