//! What the portfolio report advises, in order, with the accounts to begin with.

use super::cell::name_of;
use super::label::PortfolioLabels;
use super::report::PortfolioReport;
use crate::markdown::line;

pub(super) fn advice(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
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
        let names: Vec<String> = advice
            .accounts
            .iter()
            .map(|named| name_of(named, labels))
            .collect();
        let begin = if names.is_empty() {
            String::new()
        } else {
            format!(" Begin with {}.", names.join(", "))
        };
        line!(
            out,
            "{}. **{}.** {}{begin}",
            place + 1,
            advice.action,
            advice.reason
        );
    }
    line!(out);
}
