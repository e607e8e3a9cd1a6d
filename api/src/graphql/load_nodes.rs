//! Batches of single things and of short lists: by their id, or by their account.

use std::collections::HashMap;
use std::hash::Hash;

use async_graphql::dataloader::Loader;
use engagement::id::{AccountId, ContactId, InteractionId, UserId};
use service::error::ServiceError;
use service::interaction::Participant;
use service::metric::Metric;
use service::team::TeamMember;
use service::token::Token;

use super::account::Account;
use super::contact::Contact;
use super::interaction::Interaction;
use super::loaders::Batches;
use super::user::User;

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

/// The team of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TeamOf(pub AccountId);

/// The bearer tokens of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokensOf(pub UserId);

/// The metrics of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MetricsOf {
    /// Whose.
    pub account: AccountId,
    /// Which; all unless given.
    pub names: Option<Vec<String>>,
}

/// The customer's people on an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ParticipantsOf {
    /// Of which account.
    pub account: AccountId,
    /// On which interaction.
    pub interaction: InteractionId,
}

/// Loads by a key that wraps what `service` asks for.
macro_rules! load_by {
    ($key:ident => $value:ty, $service:path, $wrap:expr) => {
        impl Loader<$key> for Batches {
            type Value = $value;
            type Error = ServiceError;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $value>, ServiceError> {
                let inner: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
                let found = $service(&self.0.state.db, &self.0.access, &inner).await?;
                Ok(found.into_iter().map(|(key, value)| ($key(key), $wrap(value))).collect())
            }
        }
    };
}
pub(super) use load_by;

load_by!(AccountById => Account, service::account::by_ids, Account);
load_by!(AccountByExternalId => Account, service::account::by_external_ids, Account);
load_by!(ContactById => Contact, service::contact::by_ids, Contact);
load_by!(InteractionById => Interaction, service::interaction::by_ids, Interaction);
load_by!(UserById => User, service::user::by_ids, User);
load_by!(TeamOf => Vec<TeamMember>, service::team::teams_of, std::convert::identity);
load_by!(TokensOf => Vec<Token>, service::token::tokens_of, std::convert::identity);

impl Loader<MetricsOf> for Batches {
    type Value = Vec<Metric>;
    type Error = ServiceError;

    async fn load(&self, keys: &[MetricsOf]) -> Result<HashMap<MetricsOf, Vec<Metric>>, ServiceError> {
        let mut all = HashMap::new();
        for (names, keys) in group_by(keys, |key| key.names.clone()) {
            let accounts: Vec<AccountId> = keys.iter().map(|key| key.account).collect();
            let mut found =
                service::metric::latest_of(&self.0.state.db, &self.0.access, &accounts, names.as_deref(), self.0.today()).await?;
            all.extend(keys.into_iter().map(|key| (key.clone(), found.remove(&key.account).unwrap_or_default())));
        }
        Ok(all)
    }
}

impl Loader<ParticipantsOf> for Batches {
    type Value = Vec<Participant>;
    type Error = ServiceError;

    async fn load(&self, keys: &[ParticipantsOf]) -> Result<HashMap<ParticipantsOf, Vec<Participant>>, ServiceError> {
        let of: Vec<(AccountId, InteractionId)> = keys.iter().map(|key| (key.account, key.interaction)).collect();
        let mut found = service::interaction::participants_of(&self.0.state.db, &self.0.access, &of).await?;
        Ok(keys.iter().map(|key| (*key, found.remove(&key.interaction).unwrap_or_default())).collect())
    }
}

/// Keys that ask for the same thing of different accounts: one statement each.
pub(super) fn group_by<K, G: Eq + Hash>(keys: &[K], group: impl Fn(&K) -> G) -> HashMap<G, Vec<&K>> {
    let mut groups: HashMap<G, Vec<&K>> = HashMap::new();
    for key in keys {
        groups.entry(group(key)).or_default().push(key);
    }
    groups
}
