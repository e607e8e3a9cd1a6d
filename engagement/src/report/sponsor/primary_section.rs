//! The section of the sponsor report about the primary sponsor. Without one it has the same parts and says what is missing.

use super::cell::{list, name, or_nothing, tenure};
use super::context::SponsorContext;
use super::executive::PrimarySponsor;
use super::report::SponsorReport;
use crate::markdown::{NOTHING, capital, line, number, table, text};
use crate::vocabulary::SponsorFactor;

pub(super) fn sponsor(
    out: &mut String,
    primary: &PrimarySponsor,
    report: &SponsorReport,
    context: &SponsorContext,
) {
    let title = context
        .contacts
        .get(&primary.contact)
        .and_then(|person| person.title.as_deref());
    line!(out, "### Primary Sponsor: {}\n", name(context, primary.contact));
    line!(out, "**Profile**\n");
    line!(out, "- **Title**: {}", or_nothing(title));
    line!(out, "- **Tenure**: {}", tenure(primary.tenure_months));
    line!(out, "- **Priorities**: {}", list(&primary.priorities));
    line!(
        out,
        "- **Communication Preference**: {}\n",
        or_nothing(primary.communication_preference.as_deref())
    );

    timeline(out, report, context);
    line!(out, "**Engagement Score Breakdown**\n");
    table(
        out,
        &["Factor", "Score", "Notes"],
        primary.factors.iter().map(|factor| {
            let score = factor
                .score
                .map_or_else(|| NOTHING.to_owned(), |score| number(Some(score)));
            vec![
                factor_name(factor.factor).to_owned(),
                format!("{score}/{:.0}", factor.out_of),
                text(&factor.note),
            ]
        }),
    );
    line!(out);
}

/// What happened with the sponsor, or with all executives, who are named then.
fn timeline(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    line!(out, "**Engagement Timeline**\n");
    let whom = if report.primary.is_some() {
        "them"
    } else {
        "any executive of theirs"
    };
    if report.timeline.is_empty() {
        line!(
            out,
            "Nothing has happened with {whom} in the last twelve months.\n"
        );
        return;
    }
    table(
        out,
        &["Date", "Interaction", "Topics", "Outcome"],
        report.timeline.iter().map(|entry| {
            let kind = capital(entry.kind.in_words());
            let with: Vec<String> = entry.with.iter().map(|contact| name(context, *contact)).collect();
            let interaction = if report.primary.is_some() {
                kind
            } else {
                format!("{kind} with {}", with.join(", "))
            };
            vec![
                entry.on.to_string(),
                interaction,
                list(&entry.topics),
                text(&entry.outcome),
            ]
        }),
    );
    line!(out);
}

/// The same parts, with what is missing.
pub(super) fn no_sponsor(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    line!(out, "### Primary Sponsor: none\n");
    let first = report.approach.as_ref().map(|approach| match approach.contact {
        Some(contact) => format!(
            " Whom to approach first: **{}**. {}",
            name(context, contact),
            text(&approach.reason)
        ),
        None => format!(" {}", text(&approach.reason)),
    });
    line!(
        out,
        "Nobody holds the seat of the primary sponsor.{}",
        first.unwrap_or_default()
    );
    line!(
        out,
        "\n**Profile**\n\nMissing: name, title, tenure, priorities and communication preference of a sponsor."
    );
    line!(out);
    timeline(out, report, context);
    line!(out, "**Engagement Score Breakdown**\n\nNo sponsor, no score.\n");
}

const fn factor_name(factor: SponsorFactor) -> &'static str {
    match factor {
        SponsorFactor::MeetingFrequency => "Meeting Frequency",
        SponsorFactor::Responsiveness => "Responsiveness",
        SponsorFactor::QbrAttendance => "QBR Attendance",
        SponsorFactor::StrategicAlignment => "Strategic Alignment",
    }
}
