//! The part of the report that says the score: the four dimensions, and the components that their points come from.
//!
//! The points of the rows add up to the overall score.

use super::report::EngagementReport;
use super::words::{component_name, provisional};
use crate::dimension::Unit;
use crate::markdown::{NOT_MEASURED, NOTHING, line, number, percent, signed_whole, table};
use crate::score::{ComponentScore, round};
use crate::vocabulary::{Pattern, Trend};

pub(super) fn summary(out: &mut String, report: &EngagementReport) {
    let a = &report.evaluation.assessment;
    line!(out, "## Engagement score summary\n");
    match a.rounded() {
        Some(overall) => {
            let pattern = a.pattern.map_or("not enough data", Pattern::in_words);
            line!(
                out,
                "**Overall: {overall} of 100, {pattern}**{}\n",
                change(report)
            );
        }
        None => {
            line!(
                out,
                "**Overall: no score.** Nothing could be measured for this account.\n"
            );
        }
    }
    if let Some(reason) = a.provisional {
        line!(out, "*Provisional: {}.*\n", provisional(reason, report));
    }
    table(
        out,
        &["Dimension", "Score", "Weight", "What it is made of"],
        EngagementReport::dimension_names()
            .into_iter()
            .filter_map(|(dimension, name)| {
                let d = a.dimension(dimension)?;
                let score = d
                    .score
                    .map_or_else(|| NOT_MEASURED.to_owned(), |s| round(s).to_string());
                let parts = match &d.note {
                    Some(note) => note.clone(),
                    None => d.components.iter().map(part).collect::<Vec<_>>().join("; "),
                };
                Some(vec![
                    name.to_owned(),
                    score,
                    format!("{:.0} %", 100.0 * d.weight),
                    parts,
                ])
            }),
    );
    line!(
        out,
        "\nWhere the points come from; the rows add up to the overall score:\n"
    );
    table(
        out,
        &["Component", "Value", "Benchmark", "Score", "Points"],
        a.ledger().map(|(_, c)| {
            let score = c
                .score
                .map_or_else(|| c.note.clone().unwrap_or_default(), |s| number(Some(s)));
            let points = c
                .contribution
                .map_or_else(|| NOTHING.to_owned(), |p| format!("{p:.1}"));
            vec![
                component_name(c.component).to_owned(),
                value(c),
                benchmark(c),
                score,
                points,
            ]
        }),
    );
    line!(out);
}

fn part(c: &ComponentScore) -> String {
    let score = c
        .score
        .map_or_else(|| NOT_MEASURED.to_owned(), |s| round(s).to_string());
    format!("{} {score}", component_name(c.component).to_lowercase())
}

fn value(c: &ComponentScore) -> String {
    match (c.measured, c.value) {
        (false, _) => NOTHING.to_owned(),
        (true, None) => "none".to_owned(),
        (true, Some(v)) => in_unit(v, c.unit),
    }
}

fn benchmark(c: &ComponentScore) -> String {
    in_unit(c.benchmark, c.unit)
}

fn in_unit(v: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => percent(Some(v)),
        Unit::Hours => format!("{} h", number(Some(v))),
        Unit::PointsPer30Days => format!("{} points per 30 days", number(Some(v))),
        Unit::Contacts | Unit::Departments | Unit::Executives | Unit::Features | Unit::Users => {
            number(Some(v))
        }
    }
}

fn change(report: &EngagementReport) -> String {
    match (report.evaluation.change, report.evaluation.trend) {
        (Some(change), Some(trend)) => {
            format!(
                " ({} against the previous window, {})",
                signed_whole(change),
                trend.as_str().to_lowercase()
            )
        }
        (None, Some(Trend::New)) => " (new)".to_owned(),
        _ => String::new(),
    }
}
