//! The portfolio report as Markdown, for leaders: how the book stands, against which targets, what moved, what to do. Every
//! number in it is a field of the report.

use std::fmt::Write;

use super::label::PortfolioLabels;
use super::metric::{in_unit, name};
use super::report::PortfolioReport;
use crate::markdown::{NOT_MEASURED, capital, count, money, number, signed, table, text};
use crate::portfolio::{Group, Mover, NamedAccount, PortfolioDays};
use crate::standing::SHOWN_REASONS;
use crate::vocabulary::id::ContactId;
use crate::vocabulary::{Dimension, Pattern, Period, StandingState};

/// `writeln!` to a string cannot fail; the result is dropped here once.
macro_rules! line {
    ($out:expr) => { let _ = writeln!($out); };
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

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

fn heading(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
    line!(out, "# Portfolio report\n");
    line!(out, "**{}**\n", standing_sentence(report));
    let period = match report.period {
        Period::Monthly => "month",
        Period::Quarterly => "quarter",
    };
    let PortfolioDays {
        start,
        ending_on,
        stands_on,
        ..
    } = report.days;
    let stands = if stands_on == ending_on {
        String::new()
    } else {
        format!(" It stands on the scores of {stands_on}.")
    };
    line!(
        out,
        "{}, {period} from {start} to {ending_on}.{stands}\n",
        text(&labels.scope)
    );
}

/// How the book stands: the worst first, with the revenue that is at risk.
fn standing_sentence(report: &PortfolioReport) -> String {
    let all = report.all.accounts;
    if all == 0 {
        return "There are no accounts to report on.".to_owned();
    }
    let of_revenue = || {
        // One currency after the other: what is at risk of what there is.
        let all = report.all.arr();
        let parts = report.at_risk.arr().into_iter().filter_map(|risk| {
            let whole = all.iter().find(|sum| sum.currency() == risk.currency())?;
            Some(format!(
                "{} of {}",
                money(std::slice::from_ref(&risk)),
                money(std::slice::from_ref(whole))
            ))
        });
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() {
            String::new()
        } else {
            format!(" ({} a year)", parts.join(" and "))
        }
    };
    let parts: Vec<String> = report
        .standings
        .iter()
        .filter(|share| share.group.accounts > 0)
        .map(|share| {
            let n = share.group.accounts;
            let is = if n == 1 { "is" } else { "are" };
            match share.state {
                Some(state @ StandingState::AtRisk) => {
                    format!("{n} {is} {}{}", state.in_words(), of_revenue())
                }
                Some(state) => format!("{n} {is} {}", state.in_words()),
                None => format!("{n} {} no standing yet", if n == 1 { "has" } else { "have" }),
            }
        })
        .collect();
    let parts = match parts.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        parts => parts.concat(),
    };
    format!(
        "Of {}, {parts}.",
        count(u32::try_from(all).unwrap_or(u32::MAX), "account")
    )
}

fn headline(out: &mut String, report: &PortfolioReport) {
    line!(out, "## Headline\n");
    let average = report.average_overall.map_or_else(
        || "no score that is not provisional".to_owned(),
        |average| {
            format!(
                "{} of 100 (over {})",
                number(Some(average)),
                count(report.scored, "account")
            )
        },
    );
    let part = |accounts: u64| share(accounts, report.all.accounts);
    table(
        out,
        &["", ""],
        [
            vec!["Accounts".to_owned(), report.all.accounts.to_string()],
            vec!["ARR".to_owned(), revenue(&report.all)],
            vec!["**Average engagement**".to_owned(), format!("**{average}**")],
            vec![
                "Provisional scores".to_owned(),
                format!("{}{}", report.provisional, part(u64::from(report.provisional))),
            ],
            vec![
                "Accounts at risk".to_owned(),
                format!("{}{}", report.at_risk.accounts, part(report.at_risk.accounts)),
            ],
            vec![
                "**ARR at risk**".to_owned(),
                format!("**{}**", revenue(&report.at_risk)),
            ],
        ],
    );
    line!(
        out,
        "\nAt risk are accounts whose standing says so: there are reasons to expect a loss.\n"
    );
    if let Some(note) = &report.money_note {
        line!(out, "{note}\n");
    }
}

/// How many are not shown.
fn more(out: &mut String, group: &Group, shown: usize) {
    let more = group.accounts.saturating_sub(shown as u64);
    if more > 0 {
        line!(out, "And {more} more.");
    }
    line!(out);
}

fn at_risk(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
    line!(out, "## Accounts at risk\n");
    if report.at_risk_accounts.is_empty() {
        line!(out, "No account is at risk.\n");
        return;
    }
    table(
        out,
        &["Account", "ARR", "CSM", "Renewal", "Why", "Next"],
        report.at_risk_accounts.iter().map(|named| {
            let csm = labels
                .csms
                .get(&named.account)
                .map_or_else(|| "nobody".to_owned(), |csm| text(csm));
            let reasons = named
                .reasons
                .iter()
                .take(SHOWN_REASONS)
                .map(|reason| text(&reason.message(contact(reason.contact, labels))));
            let reasons: Vec<String> = reasons.collect();
            let next = named.next.as_ref().map_or_else(
                || "–".to_owned(),
                |next| text(&next.message(contact(next.contact, labels))),
            );
            let why = if reasons.is_empty() {
                format!("The score: {}.", score_of(named))
            } else {
                reasons.join(" ")
            };
            vec![
                name_of(named, labels),
                arr_of(named),
                csm,
                renewal_of(named),
                why,
                next,
            ]
        }),
    );
    more(out, &report.at_risk, report.at_risk_accounts.len());
}

fn renewals(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
    line!(out, "## Renewals in the next 90 days\n");
    if report.renewing.is_empty() {
        line!(out, "No account renews in the next 90 days.\n");
        return;
    }
    let all = count(
        u32::try_from(report.renewals.accounts).unwrap_or(u32::MAX),
        "account",
    );
    line!(out, "{all}, ARR {}.\n", revenue(&report.renewals));
    table(
        out,
        &["Account", "Renewal", "Standing", "Overall", "ARR"],
        report.renewing.iter().map(|named| {
            vec![
                name_of(named, labels),
                renewal_of(named),
                standing(named.standing),
                score_of(named),
                arr_of(named),
            ]
        }),
    );
    more(out, &report.renewals, report.renewing.len());
}

fn name_of(named: &NamedAccount, labels: &PortfolioLabels) -> String {
    text(labels.accounts.get(&named.account).unwrap_or(&named.external_id))
}

fn contact(contact: Option<ContactId>, labels: &PortfolioLabels) -> Option<&str> {
    labels.contacts.get(&contact?).map(String::as_str)
}

fn arr_of(named: &NamedAccount) -> String {
    named
        .arr
        .as_ref()
        .map_or_else(|| "–".to_owned(), |arr| money(std::slice::from_ref(arr)))
}

fn renewal_of(named: &NamedAccount) -> String {
    named
        .renewal_on
        .map_or_else(|| "–".to_owned(), |day| day.to_string())
}

fn score_of(named: &NamedAccount) -> String {
    named
        .overall
        .map_or_else(|| "no score".to_owned(), |overall| overall.to_string())
}

fn standing(state: Option<StandingState>) -> String {
    state.map_or_else(|| "None yet".to_owned(), |state| capital(state.in_words()))
}

fn standings(out: &mut String, report: &PortfolioReport) {
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

fn dimensions(out: &mut String, report: &PortfolioReport) {
    line!(out, "## Dimensions\n");
    table(
        out,
        &["Dimension", "Average", "Previous window", "Change"],
        report.dimensions.iter().map(|part| {
            let change = part
                .average
                .zip(part.previous_average)
                .map_or_else(|| "–".to_owned(), |(now, before)| signed(now - before));
            vec![
                dimension(part.dimension).to_owned(),
                number(part.average),
                number(part.previous_average),
                change,
            ]
        }),
    );
    line!(
        out,
        "\nAverages are over the accounts where the dimension is measured and the score is not provisional.\n"
    );
}

const fn dimension(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Frequency => "Frequency",
        Dimension::Quality => "Quality",
        Dimension::Breadth => "Breadth",
        Dimension::Product => "Product",
    }
}

fn metrics(out: &mut String, report: &PortfolioReport) {
    line!(out, "## Executive metrics\n");
    table(
        out,
        &["Metric", "Value", "Target", ""],
        report.metrics.iter().map(|metric| {
            let value = metric
                .value
                .map_or_else(|| NOT_MEASURED.to_owned(), |value| in_unit(value, metric.unit));
            let side = if metric.metric.is_better_below() { "<" } else { ">" };
            let met = match metric.met {
                Some(true) => "✓ met",
                Some(false) => "✗ missed",
                None => "–",
            };
            vec![
                name(metric).to_owned(),
                value,
                format!("{side} {}", in_unit(metric.target, metric.unit)),
                met.to_owned(),
            ]
        }),
    );
    let (within, all) = (u64::from(report.within_cadence), report.all.accounts);
    if all > 0 {
        line!(
            out,
            "\nExecutive contact within the cadence of the account's tier: {within} of {all}{}.",
            share(within, all)
        );
    }
    line!(out);
}

fn distribution(out: &mut String, report: &PortfolioReport) {
    line!(out, "## Distribution by pattern\n");
    let rows = report
        .distribution
        .iter()
        .map(|part| (pattern(part.pattern).to_owned(), &part.group));
    parts(out, "Pattern", rows, report.all.accounts);
}

fn movers(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
    line!(out, "## Movers\n");
    if report.improved.is_empty() && report.declined.is_empty() {
        line!(
            out,
            "No score moved by {} points or more against the previous window.\n",
            report.mover_points
        );
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
                let overall = mover
                    .overall
                    .map_or_else(|| "no score".to_owned(), |overall| overall.to_string());
                vec![
                    text(name),
                    format!("{:+}", mover.change).replace('-', "−"),
                    overall,
                ]
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
            vec![
                capital(count.signal.in_words()),
                format!("{accounts}{}", share(accounts, report.all.accounts)),
            ]
        }),
    );
    line!(out);
}

fn advice(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
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

fn footer(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
    let through = labels.data_through.map_or_else(
        || "no data has come in".to_owned(),
        |day| format!("data through {day}"),
    );
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

/// " (12 %)"; nothing where there is no whole.
fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        String::new()
    } else {
        format!(" ({:.0} %)", 100.0 * part as f64 / whole as f64)
    }
}

/// The revenue of a group.
fn revenue(group: &Group) -> String {
    let amounts = group.arr();
    if amounts.is_empty() {
        "–".to_owned()
    } else {
        money(&amounts)
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
