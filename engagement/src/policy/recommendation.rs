//! The numbers of recommendations (docs/scoring.md § 6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::range::{Bounded, MOST, PolicyError, Range};

/// When an action is called for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecommendationPolicy {
    /// Days ahead of a renewal from which it is to be agreed on.
    pub renewal_days: u32,
    /// Days before the renewal by which it should be.
    pub agree_days: u32,
    /// Share of the activity benchmark from which fewer touches are recommended.
    pub reduce_from: f64,
    /// Share of the activity that has to come from us for that.
    pub outbound_share: f64,
    /// Days as a sponsor from which somebody may be asked to speak for us.
    pub advocate_days: u32,
    /// Score of the weakest dimension below which something is done about it.
    pub weak_dimension: f64,
    /// Annual recurring revenue from which a small customer is escalated: whole units by currency, such as `EUR = 50000`;
    /// none unless said. Amounts of different currencies are never compared.
    pub escalate_from: BTreeMap<String, f64>,
}

impl Default for RecommendationPolicy {
    fn default() -> Self {
        Self {
            renewal_days: 90,
            agree_days: 45,
            reduce_from: 1.20,
            outbound_share: 0.60,
            advocate_days: 180,
            weak_dimension: 60.0,
            escalate_from: BTreeMap::new(),
        }
    }
}

impl RecommendationPolicy {
    /// Every number with what it may hold; amounts are checked apart.
    pub(super) fn ranges(&self) -> [Bounded; 6] {
        use Range::{Points, Positive, Share, Weight};
        [
            (
                "recommendations.renewal_days",
                f64::from(self.renewal_days),
                Weight,
            ),
            ("recommendations.agree_days", f64::from(self.agree_days), Weight),
            ("recommendations.reduce_from", self.reduce_from, Positive),
            ("recommendations.outbound_share", self.outbound_share, Share),
            (
                "recommendations.advocate_days",
                f64::from(self.advocate_days),
                Weight,
            ),
            ("recommendations.weak_dimension", self.weak_dimension, Points),
        ]
    }

    /// Checks the amounts.
    pub(super) fn check_amounts(&self) -> Result<(), PolicyError> {
        let limit = MOST * MOST;
        let refused = self
            .escalate_from
            .values()
            .find(|amount| !(0.0..=limit).contains(*amount));
        let rule = "an amount of 0 or more for each currency";
        refused.map_or(Ok(()), |amount| {
            Err(PolicyError {
                field: "recommendations.escalate_from",
                value: *amount,
                rule,
            })
        })
    }
}
