//! The numbers of the breadth dimension: how many people, departments and executives (docs/scoring.md § 3).

use serde::{Deserialize, Serialize};

use super::range::{Bounded, Range};
use super::tier::PerTier;

/// Stakeholders, departments, executives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreadthPolicy {
    /// Weight of STAKEHOLDERS.
    pub stakeholders_weight: f64,
    /// Weight of DEPARTMENTS.
    pub departments_weight: f64,
    /// Weight of EXECUTIVES.
    pub executives_weight: f64,
    /// Engaged contacts that score 100.
    pub stakeholders: PerTier,
    /// Departments that score 100.
    pub departments: PerTier,
    /// Engaged executives that score 100.
    pub executives: PerTier,
}

impl Default for BreadthPolicy {
    fn default() -> Self {
        Self {
            stakeholders_weight: 0.40,
            departments_weight: 0.30,
            executives_weight: 0.30,
            stakeholders: PerTier::new(8.0, 5.0, 2.0),
            departments: PerTier::new(4.0, 3.0, 1.0),
            executives: PerTier::new(2.0, 1.0, 1.0),
        }
    }
}

impl BreadthPolicy {
    /// Every number with what it may hold; those by tier are told apart.
    pub(super) fn ranges(&self) -> [Bounded; 3] {
        use Range::Weight;
        [
            ("breadth.stakeholders_weight", self.stakeholders_weight, Weight),
            ("breadth.departments_weight", self.departments_weight, Weight),
            ("breadth.executives_weight", self.executives_weight, Weight),
        ]
    }

    /// Every number by tier with what it may hold.
    pub(super) fn tiers(&self) -> [[Bounded; 3]; 3] {
        [
            Range::Positive.of_tiers(
                [
                    "breadth.stakeholders.enterprise",
                    "breadth.stakeholders.mid_market",
                    "breadth.stakeholders.smb",
                ],
                &self.stakeholders,
            ),
            Range::Positive.of_tiers(
                [
                    "breadth.departments.enterprise",
                    "breadth.departments.mid_market",
                    "breadth.departments.smb",
                ],
                &self.departments,
            ),
            Range::Positive.of_tiers(
                [
                    "breadth.executives.enterprise",
                    "breadth.executives.mid_market",
                    "breadth.executives.smb",
                ],
                &self.executives,
            ),
        ]
    }

    /// What the weights of the components sum to.
    pub(super) fn weight_sum(&self) -> f64 {
        self.stakeholders_weight + self.departments_weight + self.executives_weight
    }
}
