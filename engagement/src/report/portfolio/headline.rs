//! The head of the portfolio report: how the book stands in one sentence, and the numbers of the whole book.

use super::cell::{revenue, share};
use super::label::PortfolioLabels;
use super::report::PortfolioReport;
use crate::markdown::{count, line, money, number, table, text};
use crate::portfolio::PortfolioDays;
use crate::vocabulary::{Period, StandingState};

pub(super) fn heading(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
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
pub(super) fn standing_sentence(report: &PortfolioReport) -> String {
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

pub(super) fn headline(out: &mut String, report: &PortfolioReport) {
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
