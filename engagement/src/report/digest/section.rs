//! Lines of a digest, and how many were left out. A section that counts more than it shows says so.

use serde::{Deserialize, Serialize};

/// Lines, and how many were left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section<T> {
    /// What matters most.
    pub lines: Vec<T>,
    /// How many more there are.
    pub more: u32,
}

impl<T> Default for Section<T> {
    fn default() -> Self {
        Self {
            lines: vec![],
            more: 0,
        }
    }
}

impl<T> Section<T> {
    /// There is nothing, shown or not.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.more == 0
    }

    /// How many there are, shown or not.
    pub fn total(&self) -> u32 {
        u32::try_from(self.lines.len())
            .unwrap_or(u32::MAX)
            .saturating_add(self.more)
    }

    /// The first of a list that is in order.
    pub(super) fn first<S>(list: &[S], most: usize, line: impl Fn(&S) -> T) -> Self {
        let lines: Vec<T> = list.iter().take(most).map(line).collect();
        let more = u32::try_from(list.len() - lines.len()).unwrap_or(u32::MAX);
        Self { lines, more }
    }
}
