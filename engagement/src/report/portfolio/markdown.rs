//! The portfolio report as Markdown, for leaders: how the book stands, against which targets, what moved, what to do. Every
//! number in it is a field of the report.

use super::account_list::{at_risk, movers, renewals};
use super::advice_list::advice;
use super::averages::{dimensions, metrics};
use super::headline::{heading, headline, standing_sentence};
use super::label::PortfolioLabels;
use super::parts::{distribution, signals, standings};
use super::report::PortfolioReport;
use crate::markdown::{data_through, line};

impl PortfolioReport {
    /// How the book stands, in one sentence.
    pub fn headline(&self) -> String {
        standing_sentence(self)
    }

    /// The report as Markdown.
    pub fn markdown(&self, labels: &PortfolioLabels) -> String {
        write(self, labels)
    }
}

fn write(report: &PortfolioReport, labels: &PortfolioLabels) -> String {
    let mut out = String::with_capacity(4 * 1024);
    heading(&mut out, report, labels);
    headline(&mut out, report);
    at_risk(&mut out, report, labels);
    renewals(&mut out, report, labels);
    metrics(&mut out, report);
    standings(&mut out, report);
    distribution(&mut out, report);
    dimensions(&mut out, report);
    movers(&mut out, report, labels);
    signals(&mut out, report);
    advice(&mut out, report, labels);
    footer(&mut out, report, labels);
    out
}

fn footer(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
    let through = data_through(labels.data_through);
    let stands = if report.days.stored {
        "stored scores"
    } else {
        "scores computed for this report"
    };
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
