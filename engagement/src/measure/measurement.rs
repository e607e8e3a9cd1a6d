//! What measuring an account gives: the numbers, and who stands behind them.

use super::contacts::ContactTouch;
use super::evidence::EvidenceRows;
use super::measures::Measures;

/// What [`super::measure`] gives: the numbers, and who stands behind them.
#[derive(Debug, Clone)]
pub struct Measurement {
    /// The numbers that scores are made of.
    pub measures: Measures,
    /// One for each contact, in the order of the rows.
    pub touches: Vec<ContactTouch>,
    /// The interactions behind them; empty unless asked for.
    pub evidence: EvidenceRows,
}
