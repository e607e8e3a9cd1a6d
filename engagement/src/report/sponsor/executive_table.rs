//! The table of executives of the sponsor report: sponsors, those who were, and others, each person once.

use super::cell::{name, or_nothing, score};
use super::context::SponsorContext;
use super::executive::ExecutiveLine;
use super::former::FormerSponsor;
use super::report::SponsorReport;
use crate::markdown::{NOTHING, line, table};
use crate::vocabulary::StatusMark;

pub(super) fn executives(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    line!(out, "### Executive Sponsors\n");
    if report.executives.is_empty() && report.former.is_empty() {
        line!(
            out,
            "No executive of theirs is known: no sponsor, no chief officer, no vice president.\n"
        );
        return;
    }
    // Who sponsored us and is an executive still stands there once, as what they were.
    let is_former = |executive: &ExecutiveLine| {
        report
            .former
            .iter()
            .any(|former| former.contact == executive.contact)
    };
    let (sponsors, others): (Vec<_>, Vec<_>) = report
        .executives
        .iter()
        .partition(|executive| executive.rank.is_some());
    let title = |contact| {
        or_nothing(
            context
                .contacts
                .get(&contact)
                .and_then(|person| person.title.as_deref()),
        )
    };
    let touch = |on: Option<chrono::NaiveDate>| on.map_or_else(|| "never".to_owned(), |day| day.to_string());
    let present = |executive: &ExecutiveLine| {
        vec![
            name(context, executive.contact),
            title(executive.contact),
            score(executive.level, executive.score),
            touch(executive.last_touch_on),
            executive.status.mark().to_owned(),
        ]
    };
    let gone = |former: &FormerSponsor| {
        let known = report
            .executives
            .iter()
            .find(|executive| executive.contact == former.contact);
        vec![
            name(context, former.contact),
            title(former.contact),
            known.map_or_else(
                || NOTHING.to_owned(),
                |executive| score(executive.level, executive.score),
            ),
            touch(former.last_touch_on),
            lost(former),
        ]
    };
    let rows = sponsors
        .into_iter()
        .map(present)
        .chain(report.former.iter().map(gone));
    let rows = rows.chain(
        others
            .into_iter()
            .filter(|executive| !is_former(executive))
            .map(present),
    );
    table(
        out,
        &["Name", "Title", "Engagement", "Last Touch", "Status"],
        rows,
    );
    line!(out);
}

/// That somebody sponsors us no more, and since when.
fn lost(former: &FormerSponsor) -> String {
    let mark = StatusMark::Bad.mark();
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(String::new, |day| format!(" {day}"));
    if former.departed {
        format!("{mark} left{}", day(former.left_on))
    } else {
        format!("{mark} sponsor until{}", day(former.ended_on))
    }
}
