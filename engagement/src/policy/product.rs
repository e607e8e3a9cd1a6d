//! The numbers of the product dimension: how much of the catalogue is in use, and by how many (docs/scoring.md § 3).

use serde::{Deserialize, Serialize};

use super::range::{Bounded, Range};
use super::tier::PerTier;

/// Features and power users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductPolicy {
    /// Weight of FEATURE_ADOPTION.
    pub feature_adoption_weight: f64,
    /// Weight of POWER_USERS.
    pub power_users_weight: f64,
    /// Share of the catalogue that scores 100.
    pub adoption_share: f64,
    /// Power users that score 100.
    pub power_users: PerTier,
    /// Days of use per 30 days that make a power user.
    pub power_user_days: f64,
    /// Features (at most the catalogue) that make a power user.
    pub power_user_features: u32,
}

impl Default for ProductPolicy {
    fn default() -> Self {
        Self {
            feature_adoption_weight: 0.60,
            power_users_weight: 0.40,
            adoption_share: 0.6,
            power_users: PerTier::new(5.0, 3.0, 1.0),
            power_user_days: 12.0,
            power_user_features: 5,
        }
    }
}

impl ProductPolicy {
    /// Every number with what it may hold; those by tier are told apart.
    pub(super) fn ranges(&self) -> [Bounded; 5] {
        use Range::{Count, Positive, Weight};
        [
            (
                "product.feature_adoption_weight",
                self.feature_adoption_weight,
                Weight,
            ),
            ("product.power_users_weight", self.power_users_weight, Weight),
            ("product.adoption_share", self.adoption_share, Positive),
            ("product.power_user_days", self.power_user_days, Positive),
            (
                "product.power_user_features",
                f64::from(self.power_user_features),
                Count,
            ),
        ]
    }

    /// Every number by tier with what it may hold.
    pub(super) fn tiers(&self) -> [[Bounded; 3]; 1] {
        [Range::Positive.of_tiers(
            [
                "product.power_users.enterprise",
                "product.power_users.mid_market",
                "product.power_users.smb",
            ],
            &self.power_users,
        )]
    }

    /// What the weights of the components sum to.
    pub(super) fn weight_sum(&self) -> f64 {
        self.feature_adoption_weight + self.power_users_weight
    }
}
