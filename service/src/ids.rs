//! Makes identifiers: UUID version 7, from the injected clock and the system's randomness. Rows made one after the other
//! get ids in nearly that order, so that they lie side by side in an index.

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// A new id for something that comes to be at `now`.
pub fn new_id(now: DateTime<Utc>) -> Uuid {
    // Ids cannot say "before 1970": such a clock is wrong, the id is unique all the same.
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::instant;

    #[test]
    fn ids_are_of_version_7_and_sort_by_time() {
        let (earlier, later) = (new_id(instant(1_700_000_000_000_000)), new_id(instant(1_700_000_000_001_000)));
        assert_eq!(earlier.get_version_num(), 7);
        assert!(earlier < later);
        assert_ne!(new_id(instant(0)), new_id(instant(0)));
        assert_eq!(new_id(instant(-1)).get_version_num(), 7);
    }
}
