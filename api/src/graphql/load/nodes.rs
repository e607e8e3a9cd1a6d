//! Batches of single things, by their id. What is not there, or not for the caller, has no value in the answer.

use std::collections::HashMap;
use std::hash::Hash;

use async_graphql::dataloader::Loader;
use engagement::id::{AccountId, ContactId, InteractionId, UserId};
use service::error::ServiceError;

use super::batches::Batches;

/// An account by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountById(pub AccountId);

/// An account by its external id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountByExternalId(pub String);

/// A contact by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContactById(pub ContactId);

/// An interaction by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InteractionById(pub InteractionId);

/// A user by their id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserById(pub UserId);

/// Loads by a key that wraps what `service` asks for.
macro_rules! load_by {
    ($key:ident => $value:ty, $service:path) => {
        impl Loader<$key> for Batches {
            type Value = $value;
            type Error = ServiceError;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $value>, ServiceError> {
                let inner: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
                let found = $service(&self.0.state.db, &self.0.access, &inner).await?;
                Ok(found
                    .into_iter()
                    .map(|(key, value)| ($key(key), value))
                    .collect())
            }
        }
    };
}
pub(super) use load_by;

load_by!(AccountById => service::record::account::Account, service::record::account::by_ids);
load_by!(AccountByExternalId => service::record::account::Account, service::record::account::by_external_ids);
load_by!(ContactById => service::record::contact::Contact, service::record::contact::by_ids);
load_by!(InteractionById => service::record::interaction::Interaction, service::record::interaction::by_ids);
load_by!(UserById => service::record::user::User, service::record::user::by_ids);

/// Keys that ask for the same thing of different accounts: one statement each.
pub(super) fn group_by<K, G: Eq + Hash>(keys: &[K], group: impl Fn(&K) -> G) -> HashMap<G, Vec<&K>> {
    let mut groups: HashMap<G, Vec<&K>> = HashMap::new();
    for key in keys {
        groups.entry(group(key)).or_default().push(key);
    }
    groups
}
