//! The list of warning signs of the report, each with how many rows stand behind it.

use super::report::EngagementReport;
use super::words::severity_mark;
use crate::markdown::{capital, line};

pub(super) fn warnings(out: &mut String, report: &EngagementReport) {
    line!(out, "## Disengagement warnings\n");
    if report.told_signals.is_empty() {
        line!(out, "No warning sign is raised.\n");
        return;
    }
    for raised in &report.told_signals {
        let mark = severity_mark(raised.severity);
        let evidence = report.signal_evidence(raised);
        let rows = match evidence.count {
            0 => String::new(),
            1 => " (1 row of evidence)".to_owned(),
            count => format!(" ({count} rows of evidence)"),
        };
        line!(
            out,
            "- {mark} **{}, {}**: {}{rows}",
            capital(raised.signal.in_words()),
            raised.severity.as_str().to_lowercase(),
            raised.message
        );
    }
    line!(out);
}
