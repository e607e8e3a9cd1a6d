//! The numbers of a report with the rows behind them: dimensions, their components, raised signals.

use std::sync::Arc;

use async_graphql::{ComplexObject, SimpleObject};
use engagement::score::{ComponentScore, DimensionScore};
use engagement::signal::RaisedSignal;

use crate::graphql::load::reports::ComputedReport;
use crate::graphql::scalar::evidence::Evidence;

/// A dimension in a report: its score and the components that it is made of.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct DimensionReport {
    /// The dimension.
    #[graphql(flatten)]
    score: DimensionScore,
    #[graphql(skip)]
    report: Arc<ComputedReport>,
}

impl DimensionReport {
    /// A dimension of this report.
    pub fn of(score: DimensionScore, report: Arc<ComputedReport>) -> Self {
        Self { score, report }
    }
}

#[ComplexObject]
impl DimensionReport {
    /// What it is made of, in fixed order.
    async fn components(&self) -> Vec<ComponentReport> {
        let one = |score: &ComponentScore| ComponentReport {
            score: score.clone(),
            report: Arc::clone(&self.report),
        };
        self.score.components.iter().map(one).collect()
    }
}

/// A component in a report: one row of the ledger and the rows behind it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ComponentReport {
    /// The row of the ledger.
    #[graphql(flatten)]
    score: ComponentScore,
    #[graphql(skip)]
    report: Arc<ComputedReport>,
}

#[ComplexObject]
impl ComponentReport {
    /// The rows that were counted.
    async fn evidence(&self) -> Evidence {
        self.report.report.component_evidence(self.score.component).into()
    }
}

/// A raised disengagement signal and the rows behind it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SignalReport {
    /// The signal.
    #[graphql(flatten)]
    raised: RaisedSignal,
    #[graphql(skip)]
    report: Arc<ComputedReport>,
}

impl SignalReport {
    /// A signal of this report.
    pub fn of(raised: RaisedSignal, report: Arc<ComputedReport>) -> Self {
        Self { raised, report }
    }
}

#[ComplexObject]
impl SignalReport {
    /// The rows that raised it.
    async fn evidence(&self) -> Evidence {
        self.report.report.signal_evidence(&self.raised).into()
    }
}
