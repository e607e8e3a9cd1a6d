//! What delivering did, in numbers, and the name under which the ledger of runs knows it.
//!
//! The courier counts, the ledger writes down what was counted: both import this file, and neither imports the other's types.

use service::job::job_run::RunCounts;

/// Its name in the ledger of runs and on the command line, where it stands among the jobs although it has no slots.
pub const NAME: &str = "deliver";

/// What delivering did, in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// The server took them.
    pub sent: u64,
    /// Tried in vain, to be tried again.
    pub retried: u64,
    /// Of these, those that the server may have taken.
    pub ambiguous: u64,
    /// Given up.
    pub failed: u64,
    /// Not wanted any more.
    pub canceled: u64,
    /// Handed back without an attempt of their own.
    pub handed_back: u64,
    /// Found to be another worker's by the time they were to be settled.
    pub fenced: u64,
}

impl Delivered {
    /// What has been delivered since an earlier state.
    pub(super) fn since(self, before: &Self) -> Self {
        Self {
            sent: self.sent - before.sent,
            retried: self.retried - before.retried,
            ambiguous: self.ambiguous - before.ambiguous,
            failed: self.failed - before.failed,
            canceled: self.canceled - before.canceled,
            handed_back: self.handed_back - before.handed_back,
            fenced: self.fenced - before.fenced,
        }
    }

    /// By name, without what is nothing.
    pub fn counts(self) -> RunCounts {
        let Self {
            sent,
            retried,
            ambiguous,
            failed,
            canceled,
            handed_back,
            fenced,
        } = self;
        let named = [
            ("sent", sent),
            ("retried", retried),
            ("ambiguous", ambiguous),
            ("failed", failed),
            ("canceled", canceled),
            ("handed_back", handed_back),
            ("fenced", fenced),
        ];
        named
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| (name.to_owned(), count))
            .collect()
    }
}
