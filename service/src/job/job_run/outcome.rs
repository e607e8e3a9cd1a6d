//! What became of a run, and what it counted.

use std::collections::BTreeMap;

use crate::error::ServiceError;

/// What a run counted, by name.
pub type RunCounts = BTreeMap<String, u64>;

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunOutcome {
    /// It is under way, or waits for somebody to go on with it.
    Running,
    /// It did its work.
    Done,
    /// It did its work but for what its error names.
    Partial,
    /// It could not.
    Failed,
    /// Its slot was too long ago to be made up for.
    Missed,
}

impl RunOutcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [
        Self::Running,
        Self::Done,
        Self::Partial,
        Self::Failed,
        Self::Missed,
    ];

    /// As the column holds it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Done => "DONE",
            Self::Partial => "PARTIAL",
            Self::Failed => "FAILED",
            Self::Missed => "MISSED",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, ServiceError> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or_else(|| ServiceError::Stored {
                table: "job_run",
                column: "outcome",
                value: text.to_owned(),
            })
    }
}
