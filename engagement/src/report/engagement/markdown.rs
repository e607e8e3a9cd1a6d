//! The engagement report as Markdown: a preface, then the eight parts of the seed's output format, in its order, for a person
//! who will forward it. Every number in it is a field of the report; every text from outside is escaped.

use super::activity_table::activity;
use super::label::Labels;
use super::report::EngagementReport;
use super::stakeholder_map::stakeholders;
use super::summary::summary;
use super::trend::trending;
use super::warning::warnings;
use super::{advice, preface};
use crate::markdown::{capital, data_through, line, text};
use crate::vocabulary::Pattern;

impl EngagementReport {
    /// The report as Markdown: a preface, then the eight parts of the seed's output format, in its order.
    pub fn markdown(&self, labels: &Labels) -> String {
        write(self, labels)
    }
}

fn write(report: &EngagementReport, labels: &Labels) -> String {
    let mut out = String::with_capacity(8 * 1024);
    line!(out, "# Engagement report: {}\n", text(&labels.account));
    preface::write(&mut out, report, labels);
    summary(&mut out, report);
    activity(&mut out, report);
    stakeholders(&mut out, report, labels);
    trending(&mut out, report, labels);
    warnings(&mut out, report);
    classification(&mut out, report);
    advice::recommendations(&mut out, report, labels);
    advice::target(&mut out, report);
    footer(&mut out, report, labels);
    out
}

fn classification(out: &mut String, report: &EngagementReport) {
    line!(out, "## Engagement pattern classification\n");
    let a = &report.evaluation.assessment;
    let words = match a.pattern {
        Some(Pattern::HighlyEngaged) => "proactive, multi-threaded",
        Some(Pattern::ModeratelyEngaged) => "responsive, tactical",
        Some(Pattern::LowEngaged) => "declining, single-threaded",
        Some(Pattern::Disengaged) => "unresponsive, at risk",
        None => "",
    };
    let words = match a.pattern.zip(report.pattern_range) {
        Some((pattern, (from, to))) => {
            format!(
                "**{}** ({from} to {to}); such accounts are typically {words}.",
                capital(pattern.in_words())
            )
        }
        None => "**Not enough data** for a pattern.".to_owned(),
    };
    line!(
        out,
        "{words} {:.0} % of the score's weight was measured.\n",
        a.coverage
    );
}

fn footer(out: &mut String, report: &EngagementReport, labels: &Labels) {
    let through = data_through(labels.data_through);
    line!(out, "---\n");
    line!(
        out,
        "*As of {}; {through}; policy {}. Read as they stand today, because no row dates them: tier, renewal date, who serves the account, seniority, departments, initiatives, goals, the feature list, departures without a date, and whether an organisational change is confirmed.*",
        report.evaluation.windows.at.format("%Y-%m-%d %H:%M UTC"),
        labels.policy_hash
    );
}
