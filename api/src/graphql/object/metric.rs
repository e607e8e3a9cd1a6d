//! What an account gets from us, as the latest number of each name.

use async_graphql::SimpleObject;

use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::time::Date;

connection!(
    MetricConnection,
    MetricEdge,
    Metric,
    "numbers",
    service::record::metric::Metric
);

/// The latest observation of a number that tells what an account gets from us.
#[derive(Clone, SimpleObject)]
pub struct Metric {
    /// Which number, such as `roi`.
    name: String,
    /// Its value.
    value: f64,
    /// The day it was observed.
    observed_on: Date,
    /// Difference to the observation before; null for the first one.
    change: Option<f64>,
}

impl From<service::record::metric::Metric> for Metric {
    fn from(metric: service::record::metric::Metric) -> Self {
        Self {
            value: metric.value,
            observed_on: Date(metric.observed_on),
            change: metric.change(),
            name: metric.name,
        }
    }
}
