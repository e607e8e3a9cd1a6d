//! The part of the report about time: this window beside the previous one, and the scores stored before.
//!
//! It marks every stored score that must not be compared with this report.

use super::label::Labels;
use super::report::EngagementReport;
use crate::markdown::{NOT_MEASURED, NOTHING, line, signed_whole, table};
use crate::score::round;
use crate::vocabulary::{Pattern, Trend};

/// How many stored scores the trend shows.
const MOST_HISTORY: usize = 12;

pub(super) fn trending(out: &mut String, report: &EngagementReport, labels: &Labels) {
    let e = &report.evaluation;
    line!(out, "## Engagement trending\n");
    let previous = e.windows.previous();
    let rounded =
        |score: Option<f64>| score.map_or_else(|| NOT_MEASURED.to_owned(), |s| round(s).to_string());
    let row = |name: &str, now: Option<f64>, before: Option<f64>| {
        let difference = now
            .zip(before)
            .map_or_else(|| NOTHING.to_owned(), |(n, b)| signed_whole(round(n) - round(b)));
        vec![name.to_owned(), rounded(now), rounded(before), difference]
    };
    let before = |score: Option<f64>| score.filter(|_| e.previous_overall.is_some());
    let mut rows = vec![row(
        "**Overall**",
        e.assessment.overall,
        before(e.previous_assessment.overall),
    )];
    for (dimension, name) in EngagementReport::dimension_names() {
        let score = |a: &crate::score::Assessment| a.dimension(dimension).and_then(|d| d.score);
        rows.push(row(
            name,
            score(&e.assessment),
            before(score(&e.previous_assessment)),
        ));
    }
    let header = format!("Previous ({} to {})", previous.start_day, previous.ending_on);
    table(out, &["", "This window", &header, "Change"], rows);
    let words = match e.trend {
        Some(Trend::Improving) => "The trend is improving.",
        Some(Trend::Declining) => "The trend is declining.",
        Some(Trend::Stable) => "The trend is stable.",
        Some(Trend::New) => "The account is new: there is no previous window to compare with.",
        None => "There is no trend: the two windows cannot be compared.",
    };
    line!(out, "\n{words}");
    if e.coverage_changed && e.trend != Some(Trend::New) && e.assessment.overall.is_some() {
        line!(
            out,
            "The two windows measured different dimensions, so the change compares unlike things."
        );
    }
    if !labels.history.is_empty() {
        line!(out, "\nStored scores:\n");
        let skip = labels.history.len().saturating_sub(MOST_HISTORY);
        table(
            out,
            &["Day", "Overall", "Pattern"],
            labels.history.iter().skip(skip).map(|point| {
                let overall = point
                    .overall
                    .map_or_else(|| "no score".to_owned(), |o| o.to_string());
                let mark = if point.comparable { "" } else { " \\*" };
                vec![
                    point.day.to_string(),
                    overall,
                    format!(
                        "{}{mark}",
                        point.pattern.map_or("not enough data", Pattern::in_words)
                    ),
                ]
            }),
        );
        if labels.history.iter().skip(skip).any(|point| !point.comparable) {
            line!(
                out,
                "\n\\* Made by other definitions or another policy than this report: not to be compared with it."
            );
        }
    }
    line!(out);
}
