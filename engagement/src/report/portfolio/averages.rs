//! The numbers that the portfolio report compares: executive metrics with their targets, dimensions with the previous window.

use super::cell::share;
use super::metric::{in_unit, name};
use super::report::PortfolioReport;
use crate::markdown::{NOT_MEASURED, NOTHING, line, number, signed, table};
use crate::vocabulary::Dimension;

pub(super) fn dimensions(out: &mut String, report: &PortfolioReport) {
    line!(out, "## Dimensions\n");
    table(
        out,
        &["Dimension", "Average", "Previous window", "Change"],
        report.dimensions.iter().map(|part| {
            let change = part
                .average
                .zip(part.previous_average)
                .map_or_else(|| NOTHING.to_owned(), |(now, before)| signed(now - before));
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

pub(super) fn metrics(out: &mut String, report: &PortfolioReport) {
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
