//! One number for each tier of customers.

use serde::{Deserialize, Serialize};

use crate::vocabulary::AccountTier;

/// One value for each tier.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerTier {
    /// Enterprise.
    pub enterprise: f64,
    /// Mid-market.
    pub mid_market: f64,
    /// Small and medium business.
    pub smb: f64,
}

impl PerTier {
    pub(super) const fn new(enterprise: f64, mid_market: f64, smb: f64) -> Self {
        Self {
            enterprise,
            mid_market,
            smb,
        }
    }

    /// The value of a tier.
    pub const fn of(&self, tier: AccountTier) -> f64 {
        match tier {
            AccountTier::Enterprise => self.enterprise,
            AccountTier::MidMarket => self.mid_market,
            AccountTier::Smb => self.smb,
        }
    }
}
