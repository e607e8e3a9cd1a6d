//! The table of the sponsor report that says what would be left of the account without somebody.

use super::cell::{level, name};
use super::context::SponsorContext;
use super::report::SponsorReport;
use crate::markdown::{NOTHING, and_more, line, signed_whole, table};

/// How many of those who would be missed are shown.
const MOST_LEAVERS: usize = 10;

pub(super) fn bus_factor(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    line!(out, "### Bus Factor\n");
    if report.bus_factor.is_empty() {
        line!(out, "Nobody is engaged whom the account could lose.\n");
        return;
    }
    line!(out, "What would be left of the account if somebody left:\n");
    table(
        out,
        &["Without", "Overall", "Change", "Exec Engagement"],
        report.bus_factor.iter().take(MOST_LEAVERS).map(|leaver| {
            let change = leaver.change.map_or_else(|| NOTHING.to_owned(), signed_whole);
            vec![
                name(context, leaver.contact),
                leaver
                    .overall_without
                    .map_or_else(|| "no score".to_owned(), |overall| overall.to_string()),
                change,
                level(leaver.level_without),
            ]
        }),
    );
    and_more(out, report.bus_factor.len(), MOST_LEAVERS);
    line!(out);
}
