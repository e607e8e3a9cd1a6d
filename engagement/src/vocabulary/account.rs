//! Words about a customer: its tier, who serves it, whether it still is one.

use super::alert::Severity;
use super::word::vocabulary;

vocabulary! {
    /// How large a customer is: it decides benchmarks and cadences.
    AccountTier, "tier" {
        /// Enterprise.
        Enterprise = "ENTERPRISE",
        /// Mid-market.
        MidMarket = "MID_MARKET",
        /// Small and medium business.
        Smb = "SMB",
    }

    /// Who serves a customer: it decides whether silence towards us is silence.
    ServedBy, "served by" {
        /// We do.
        Direct = "DIRECT",
        /// A partner of ours does.
        Partner = "PARTNER",
        /// A pool of our people, for whoever asks: the product serves them.
        Pooled = "POOLED",
    }

    /// Whether an account is still a customer.
    AccountStatus, "account status" {
        /// A customer.
        Active = "ACTIVE",
        /// A customer no more.
        Churned = "CHURNED",
    }
}

impl ServedBy {
    /// How bad something about sponsors is at most: whom a partner or the pool serves has no sponsor of ours to lose
    /// (docs/scoring.md § 5).
    pub fn at_most(self, severity: Severity) -> Severity {
        if self == Self::Direct {
            severity
        } else {
            severity.min(Severity::Medium)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_lenient_and_writing_is_not() {
        for text in ["mid_market", "Mid-Market", "MID MARKET", " mid_market "] {
            assert_eq!(text.parse(), Ok(AccountTier::MidMarket), "{text}");
        }
        assert_eq!(AccountTier::MidMarket.to_string(), "MID_MARKET");
        assert!(
            "midmarket"
                .parse::<AccountTier>()
                .unwrap_err()
                .to_string()
                .contains("enterprise, mid_market, smb")
        );
    }
}
