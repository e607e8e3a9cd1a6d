//! Batches of single things, by their id. What is not there, or not for the caller, has no value in the answer.

use engagement::id::{AccountId, ContactId, InteractionId, UserId};

use super::by_id::load_by;

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

load_by!(AccountById => service::record::account::Account, service::record::account::by_ids);
load_by!(AccountByExternalId => service::record::account::Account, service::record::account::by_external_ids);
load_by!(ContactById => service::record::contact::Contact, service::record::contact::by_ids);
load_by!(InteractionById => service::record::interaction::Interaction, service::record::interaction::by_ids);
load_by!(UserById => service::record::user::User, service::record::user::by_ids);
