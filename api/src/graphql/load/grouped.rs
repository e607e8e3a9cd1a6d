//! Keys that ask the same of different owners share one call of `service`.

use std::collections::HashMap;
use std::hash::Hash;

use service::error::ServiceError;

/// Keys that ask for the same thing of different accounts: one statement each.
pub(super) fn group_by<K, G: Eq + Hash>(keys: &[K], group: impl Fn(&K) -> G) -> HashMap<G, Vec<&K>> {
    let mut groups: HashMap<G, Vec<&K>> = HashMap::new();
    for key in keys {
        groups.entry(group(key)).or_default().push(key);
    }
    groups
}

/// Reads the list of each key, or the page of one: `read` is called once for each list that is asked for, with all the owners of whom
/// it is. An owner without a list has an empty one.
///
/// # Errors
/// Those of `read`.
pub(super) async fn read_lists<K, L, O, P, F>(
    keys: &[K],
    list: impl Fn(&K) -> L,
    owner: impl Fn(&K) -> O,
    read: impl Fn(L, Vec<O>) -> F,
) -> Result<HashMap<K, P>, ServiceError>
where
    K: Clone + Eq + Hash,
    L: Eq + Hash,
    O: Eq + Hash,
    P: Default,
    F: Future<Output = Result<HashMap<O, P>, ServiceError>>,
{
    let mut all = HashMap::with_capacity(keys.len());
    for (list, keys) in group_by(keys, list) {
        let mut found = read(list, keys.iter().map(|key| owner(key)).collect()).await?;
        all.extend(
            keys.into_iter()
                .map(|key| (key.clone(), found.remove(&owner(key)).unwrap_or_default())),
        );
    }
    Ok(all)
}
