//! The accounts whose score moved most. Only so many are kept as a report lists, so memory does not grow with the book.

use std::cmp::Ordering;

use crate::vocabulary::id::AccountId;

/// An account whose score moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mover {
    pub account: AccountId,
    /// Its key.
    pub external_id: String,
    /// Rounded points against the previous window; a trend's or more.
    pub change: i32,
    /// The score it moved to.
    pub overall: Option<i32>,
}

impl Mover {
    /// The larger change first, whichever way; then the smaller external id.
    fn order(&self, other: &Self) -> Ordering {
        other
            .change
            .abs()
            .cmp(&self.change.abs())
            .then_with(|| self.external_id.cmp(&other.external_id))
    }
}

/// The largest movers of one direction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Movers(Vec<Mover>);

impl Movers {
    /// Takes one in; the `most` largest stay.
    pub fn insert(&mut self, mover: Mover, most: usize) {
        let place = self
            .0
            .partition_point(|known| known.order(&mover) != Ordering::Greater);
        self.0.insert(place, mover);
        self.0.truncate(most);
    }

    /// The largest change first; ties by external id.
    pub fn as_slice(&self) -> &[Mover] {
        &self.0
    }
}
