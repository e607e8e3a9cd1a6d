//! The sections of the sponsor report about the future: what to do by when, and what stands in the calendar.

use super::cell::list;
use super::report::SponsorReport;
use crate::markdown::{line, table, text};
use crate::vocabulary::Horizon;

pub(super) fn actions(out: &mut String, report: &SponsorReport) {
    line!(out, "### Recommended Actions\n");
    for (horizon, title) in [
        (Horizon::Immediate, "Immediate (This Week)"),
        (Horizon::ShortTerm, "Short-Term (This Quarter)"),
        (Horizon::Strategic, "Strategic (Long-Term)"),
    ] {
        line!(out, "**{title}**\n");
        let due: Vec<_> = report
            .recommendations
            .iter()
            .filter(|one| one.horizon == horizon)
            .collect();
        for (place, one) in due.iter().enumerate() {
            line!(out, "{}. {}: {}", place + 1, text(&one.action), text(&one.reason));
        }
        if due.is_empty() {
            line!(out, "Nothing.");
        }
        line!(out);
    }
}

pub(super) fn calendar(out: &mut String, report: &SponsorReport) {
    line!(out, "### Engagement Calendar\n");
    if report.calendar.is_empty() {
        let why = if report.ended.is_some() {
            "the account is a customer no more"
        } else {
            "nobody is known whom the cadence asks us to meet"
        };
        line!(out, "Nothing is planned: {why}.\n");
        return;
    }
    table(
        out,
        &["Date", "Event", "Attendees", "Objective"],
        report.calendar.iter().map(|entry| {
            vec![
                entry.on.to_string(),
                text(&entry.event),
                list(&entry.attendees),
                text(&entry.objective),
            ]
        }),
    );
    line!(out);
}
