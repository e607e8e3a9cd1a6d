//! Batches of accounts: one that cannot be read is found by halves, and keeps no other out.

use engagement::id::AccountId;

use crate::error::ServiceError;

/// Accounts whose rows are in memory at once.
pub(super) const BATCH: usize = 500;

/// Accounts, batch by batch. One that cannot be read or scored is found by halves, named in the log, and set aside: it keeps no
/// reader from hearing of the others.
pub(super) struct Batches<'a>(Vec<&'a [AccountId]>);

impl<'a> Batches<'a> {
    pub(super) fn of(ids: &'a [AccountId]) -> Self {
        Self(ids.chunks(BATCH).rev().collect())
    }

    pub(super) fn next(&mut self) -> Option<&'a [AccountId]> {
        self.0.pop()
    }

    /// What there is to read of a batch; nothing of one that failed, which comes back by halves.
    pub(super) fn or_halve<T>(
        &mut self,
        some: &'a [AccountId],
        read: Result<Vec<T>, ServiceError>,
    ) -> Result<Vec<T>, ServiceError> {
        let Err(error) = read else { return read };
        if error.is_passing() {
            return Err(error);
        }
        if let [account] = some {
            tracing::error!(%account, error = &error as &dyn std::error::Error, "digests leave out an account that cannot be scored");
        } else {
            let (one, other) = some.split_at(some.len() / 2);
            self.0.extend([other, one]);
        }
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn whoever_cannot_be_read_is_found_and_the_others_are_read_once() {
        let ids: Vec<AccountId> = (0..1_200).map(|n| Uuid::from_u128(n).into()).collect();
        let bad = [ids[3], ids[499], ids[1_199]];
        let (mut read, mut looks, mut batches) = (Vec::new(), 0, Batches::of(&ids));
        while let Some(some) = batches.next() {
            looks += 1;
            let outcome = if some.iter().any(|id| bad.contains(id)) {
                Err(ServiceError::internal("scoring", "it broke"))
            } else {
                Ok(some.to_vec())
            };
            read.extend(batches.or_halve(some, outcome).unwrap());
        }
        assert_eq!(
            read,
            ids.iter()
                .copied()
                .filter(|id| !bad.contains(id))
                .collect::<Vec<_>>()
        );
        assert!(looks < 60, "{looks} looks");
    }
}
