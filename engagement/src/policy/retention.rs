//! How long what the product itself writes is kept (docs/operations.md, Jobs). No score and no alert depends on it, so it is no
//! part of the policy's hash.

use serde::{Deserialize, Serialize};

use super::range::{Bounded, Range};

/// Days for which things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionPolicy {
    /// Age up to which the stored score of every day is kept.
    pub daily_days: u32,
    /// Age up to which that of every Sunday is kept. Those of month ends always are.
    pub sunday_days: u32,
    /// Age from which the text of a sent mail is not kept; that it was sent, when and to whom, is.
    pub mail_body_days: u32,
    /// Age from which the row of a job's run is not kept.
    pub job_run_days: u32,
    /// Age from which it is not kept what became of a week's digest; that of each user's last one always is.
    pub digest_days: u32,
}

impl Default for RetentionPolicy {
    fn default() -> Self {
        Self {
            daily_days: 90,
            sunday_days: 730,
            mail_body_days: 90,
            job_run_days: 90,
            digest_days: 90,
        }
    }
}

/// Alerts and digests compare scores of days this far back, whatever the guardrails say.
const LEAST_DAILY_DAYS: u32 = 60;
/// Days around the two that `engagement.fell` compares.
const AROUND_FALL: u32 = 15;

impl RetentionPolicy {
    /// Every number with what it may hold. `fall_days` is how far back `engagement.fell` looks.
    pub(super) fn ranges(&self, fall_days: u32) -> [Bounded; 5] {
        let least = LEAST_DAILY_DAYS.max(fall_days.saturating_add(AROUND_FALL));
        [
            (
                "retention.daily_days",
                f64::from(self.daily_days),
                Range::Reach(f64::from(least)),
            ),
            (
                "retention.sunday_days",
                f64::from(self.sunday_days),
                Range::Weight,
            ),
            (
                "retention.mail_body_days",
                f64::from(self.mail_body_days),
                Range::Count,
            ),
            (
                "retention.job_run_days",
                f64::from(self.job_run_days),
                Range::Count,
            ),
            ("retention.digest_days", f64::from(self.digest_days), Range::Count),
        ]
    }
}
