//! Makes identifiers: UUID version 7, from the injected clock and the system's randomness. Rows made one after the other
//! get ids in nearly that order, so that they lie side by side in an index.

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// A new id for something that comes to be at `now`.
pub fn new_id(now: DateTime<Utc>) -> Uuid {
    // Ids cannot say "before 1970": such a clock is wrong, the id is unique all the same.
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        seconds,
        now.timestamp_subsec_nanos(),
    ))
}

/// Ids for rows that come to be together: each greater than the one before, so that such rows are appended to an index
/// rather than scattered over it.
pub(crate) struct NewIds {
    next: u128,
}

impl NewIds {
    /// Ids for something that comes to be at `now`.
    pub(crate) fn at(now: DateTime<Utc>) -> Self {
        // Room for 2^61 more before the count would run into the bits that say which kind of id this is.
        const ROOM: u128 = !(1 << 61);
        Self {
            next: new_id(now).as_u128() & ROOM,
        }
    }

    /// The next id.
    pub(crate) fn next(&mut self) -> Uuid {
        let id = Uuid::from_u128(self.next);
        self.next += 1;
        id
    }
}

/// A number from 0 to 1, drawn from the system's randomness, for what should not happen to everybody at once.
pub fn chance() -> f64 {
    // Without randomness everything happens at once, which is worse, and harmless.
    f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::instant;

    #[test]
    fn ids_are_of_version_7_and_sort_by_time() {
        let (earlier, later) = (
            new_id(instant(1_700_000_000_000_000)),
            new_id(instant(1_700_000_000_001_000)),
        );
        assert_eq!(earlier.get_version_num(), 7);
        assert!(earlier < later);
        assert_ne!(new_id(instant(0)), new_id(instant(0)));
        assert_eq!(new_id(instant(-1)).get_version_num(), 7);
    }

    #[test]
    fn ids_made_together_rise_and_share_nothing_with_those_of_another_time() {
        let mut ids = NewIds::at(instant(1_700_000_000_000_000));
        let made: Vec<Uuid> = (0..1000).map(|_| ids.next()).collect();
        assert!(made.is_sorted_by(|a, b| a < b));
        assert!(
            made.iter()
                .all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122)
        );
        assert!(!made.contains(&NewIds::at(instant(1_700_000_000_000_000)).next()));
    }
}
