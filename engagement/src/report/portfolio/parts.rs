//! How the portfolio report divides the book: by standing, by pattern, and by warning sign.

use super::cell::{revenue, share, standing};
use super::report::PortfolioReport;
use crate::markdown::{capital, line, table};
use crate::portfolio::Group;
use crate::vocabulary::Pattern;

pub(super) fn standings(out: &mut String, report: &PortfolioReport) {
    line!(out, "## Distribution by standing\n");
    let rows = report
        .standings
        .iter()
        .map(|part| (standing(part.state), &part.group));
    parts(out, "Standing", rows, report.all.accounts);
}

/// A table of parts of the book.
fn parts<'a>(out: &mut String, what: &str, rows: impl Iterator<Item = (String, &'a Group)>, all: u64) {
    table(
        out,
        &[what, "Accounts", "Share", "ARR"],
        rows.map(|(name, group)| {
            let share = share(group.accounts, all);
            vec![
                name,
                group.accounts.to_string(),
                share.trim_matches([' ', '(', ')']).to_owned(),
                revenue(group),
            ]
        }),
    );
    line!(out);
}

pub(super) fn distribution(out: &mut String, report: &PortfolioReport) {
    line!(out, "## Distribution by pattern\n");
    let rows = report
        .distribution
        .iter()
        .map(|part| (pattern(part.pattern).to_owned(), &part.group));
    parts(out, "Pattern", rows, report.all.accounts);
}

pub(super) fn signals(out: &mut String, report: &PortfolioReport) {
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
            vec![
                capital(count.signal.in_words()),
                format!("{accounts}{}", share(accounts, report.all.accounts)),
            ]
        }),
    );
    line!(out);
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
