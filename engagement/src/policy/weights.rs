//! The weights of the four dimensions in the overall score (docs/scoring.md § 3). They need not sum to 1.

use serde::{Deserialize, Serialize};

use super::range::{Bounded, Range};

/// Weights of the four dimensions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionWeights {
    /// Frequency.
    pub frequency: f64,
    /// Quality.
    pub quality: f64,
    /// Breadth.
    pub breadth: f64,
    /// Product.
    pub product: f64,
}

impl Default for DimensionWeights {
    fn default() -> Self {
        Self {
            frequency: 0.30,
            quality: 0.35,
            breadth: 0.20,
            product: 0.15,
        }
    }
}

impl DimensionWeights {
    /// Every number with what it may hold.
    pub(super) fn ranges(&self) -> [Bounded; 4] {
        use Range::Weight;
        [
            ("weights.frequency", self.frequency, Weight),
            ("weights.quality", self.quality, Weight),
            ("weights.breadth", self.breadth, Weight),
            ("weights.product", self.product, Weight),
        ]
    }

    /// What the weights sum to.
    pub(super) fn sum(&self) -> f64 {
        self.frequency + self.quality + self.breadth + self.product
    }
}
