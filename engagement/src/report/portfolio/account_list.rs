//! The accounts that the portfolio report lists: those at risk, those that renew soon, and those that moved most.
//!
//! A list that leaves accounts out says how many.

use super::cell::{name_of, revenue, standing};
use super::label::PortfolioLabels;
use super::report::PortfolioReport;
use crate::markdown::{NOTHING, count, line, money, signed_whole, table, text};
use crate::portfolio::{Group, Mover, NamedAccount, RENEWAL_DAYS};
use crate::standing::SHOWN_REASONS;
use crate::vocabulary::id::ContactId;

/// How many are not shown.
fn more(out: &mut String, group: &Group, shown: usize) {
    let more = group.accounts.saturating_sub(shown as u64);
    if more > 0 {
        line!(out, "And {more} more.");
    }
    line!(out);
}

pub(super) fn at_risk(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
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
                || NOTHING.to_owned(),
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

pub(super) fn renewals(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
    line!(out, "## Renewals in the next {RENEWAL_DAYS} days\n");
    if report.renewing.is_empty() {
        line!(out, "No account renews in the next {RENEWAL_DAYS} days.\n");
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

fn contact(contact: Option<ContactId>, labels: &PortfolioLabels) -> Option<&str> {
    labels.contacts.get(&contact?).map(String::as_str)
}

fn arr_of(named: &NamedAccount) -> String {
    named
        .arr
        .as_ref()
        .map_or_else(|| NOTHING.to_owned(), |arr| money(std::slice::from_ref(arr)))
}

fn renewal_of(named: &NamedAccount) -> String {
    named
        .renewal_on
        .map_or_else(|| NOTHING.to_owned(), |day| day.to_string())
}

fn score_of(named: &NamedAccount) -> String {
    named
        .overall
        .map_or_else(|| "no score".to_owned(), |overall| overall.to_string())
}

pub(super) fn movers(out: &mut String, report: &PortfolioReport, labels: &PortfolioLabels) {
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
                vec![text(name), signed_whole(mover.change), overall]
            }),
        );
        line!(out);
    };
    rows("Improved most", &report.improved);
    rows("Declined most", &report.declined);
}
