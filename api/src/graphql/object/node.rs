//! Anything that has a global id and can be read by it: what `node` and `nodes` answer.

use async_graphql::{ID, Interface};

use super::account::Account;
use super::alert::Alert;
use super::contact::Contact;
use super::interaction::Interaction;
use super::org_change::OrgChange;
use super::outreach::Outreach;
use super::user::User;

/// Anything that has a global id and can be read by it.
#[derive(Clone, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id."))]
pub enum Node {
    /// A customer account.
    Account(Account),
    /// A person at the customer.
    Contact(Contact),
    /// Something that happened, or is planned, between us and the customer.
    Interaction(Interaction),
    /// A user of Rapport.
    User(User),
    /// Something that is wrong.
    Alert(Alert),
    /// A change in the customer's organisation.
    OrgChange(OrgChange),
    /// A plan of ours to reach out to a contact.
    Outreach(Outreach),
}
