//! `metrics`: measurements of the customer, one per metric and day.

use crate::ingest::target::column::{Column, Kind, Spec};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::Metrics,
    table: "metric",
    columns: &[
        Column::key("account_external_id", Kind::Account).to("account_id"),
        Column::key("metric", Kind::Name),
        Column::key("observed_on", Kind::Day),
        // The table's check is strictly below the largest double, so that it refuses infinity on both databases.
        Column::required("value", Kind::Number(-1e300, 1e300)),
    ],
    stamps: &[],
};
