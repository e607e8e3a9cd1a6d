//! The rows behind each number: which interactions a component or a signal was made of.
//!
//! Kept only when asked for. What is counted always stays whole; of the ids the newest [`EVIDENCE_IDS`] are shown.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::row::Interaction;
use crate::vocabulary::id::InteractionId;
use crate::vocabulary::{Component, Signal};

/// Whether the ids behind each number are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collect {
    /// Numbers only: what the nightly job stores.
    Numbers,
    /// The interactions behind each component and signal as well: what a report shows.
    Evidence,
}

/// How many ids one piece of evidence names at most.
pub const EVIDENCE_IDS: usize = 20;

/// The rows behind one number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Evidence {
    /// How many rows there are (interactions, or usage rows where that is what counts).
    pub count: u32,
    /// The newest of the interactions.
    pub interactions: Vec<InteractionId>,
}

type Row = (DateTime<Utc>, InteractionId);

/// The rows behind every number of one evaluation.
#[derive(Debug, Clone)]
pub struct EvidenceRows {
    collect: Collect,
    components: [Vec<Row>; Component::ALL.len()],
    signals: [Vec<Row>; Signal::ALL.len()],
    usage_rows: [u32; Component::ALL.len()],
}

impl EvidenceRows {
    pub(super) fn new(collect: Collect) -> Self {
        Self {
            collect,
            components: std::array::from_fn(|_| Vec::new()),
            signals: std::array::from_fn(|_| Vec::new()),
            usage_rows: [0; Component::ALL.len()],
        }
    }

    pub(super) fn note(&mut self, component: Component, interaction: &Interaction) {
        if self.collect == Collect::Evidence {
            self.components[component as usize].push((interaction.occurred_at, interaction.id));
        }
    }

    pub(super) fn note_usage(&mut self, component: Component, rows: u32) {
        self.usage_rows[component as usize] = rows;
    }

    pub(super) fn note_signal(&mut self, signal: Signal, rows: impl IntoIterator<Item = Row>) {
        if self.collect == Collect::Evidence {
            self.signals[signal as usize].extend(rows);
        }
    }

    /// Whether rows were kept at all.
    pub fn is_collected(&self) -> bool {
        self.collect == Collect::Evidence
    }

    /// The rows behind a component.
    pub fn of_component(&self, component: Component) -> Evidence {
        newest(
            &self.components[component as usize],
            self.usage_rows[component as usize],
        )
    }

    /// The rows behind a signal.
    pub fn of_signal(&self, signal: Signal) -> Evidence {
        // Use of the product is behind it as well.
        let usage = if signal == Signal::UsageAndEngagementDecline {
            self.usage_rows[Component::FeatureAdoption as usize]
        } else {
            0
        };
        newest(&self.signals[signal as usize], usage)
    }
}

fn newest(rows: &[Row], usage_rows: u32) -> Evidence {
    let mut rows = rows.to_vec();
    rows.sort_unstable_by(|a, b| b.cmp(a));
    rows.dedup();
    Evidence {
        count: rows.len() as u32 + usage_rows,
        interactions: rows.into_iter().take(EVIDENCE_IDS).map(|(_, id)| id).collect(),
    }
}
