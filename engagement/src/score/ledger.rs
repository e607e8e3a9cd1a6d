//! A score is the sum of rows that a person can read, and so is the difference between two scores.

use serde::Serialize;

use super::assessment::Assessment;
use crate::vocabulary::{Component, Dimension};

/// One row of the difference between two scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct LedgerChange {
    /// The dimension of the component.
    pub dimension: Dimension,
    /// The component.
    pub component: Component,
    /// Points it contributed then; null where it was not measured.
    pub before: Option<f64>,
    /// Points it contributes now; null where it is not measured.
    pub after: Option<f64>,
    /// Points gained or lost. All changes sum to the difference of the unrounded overall scores.
    pub change: f64,
}

/// The same ledger subtracted, row by row, largest change first; rows without change are left out.
pub fn subtract(before: &Assessment, after: &Assessment) -> Vec<LedgerChange> {
    let mut rows: Vec<LedgerChange> = before
        .ledger()
        .zip(after.ledger())
        .map(|((dimension, then), (_, now))| LedgerChange {
            dimension,
            component: now.component,
            before: then.contribution,
            after: now.contribution,
            change: now.contribution.unwrap_or(0.0) - then.contribution.unwrap_or(0.0),
        })
        .filter(|row| row.before != row.after)
        .collect();
    // A stable sort: of equal changes the order of the ledger decides.
    rows.sort_by(|a, b| b.change.abs().total_cmp(&a.change.abs()));
    rows
}
