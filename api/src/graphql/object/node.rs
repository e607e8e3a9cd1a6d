//! Anything that has a global id and can be read by it: what `node` and `nodes` answer.

use async_graphql::{Context, Error, ID, Interface};
use engagement::id::AnyId;

use super::account::Account;
use super::alert::Alert;
use super::contact::Contact;
use super::interaction::Interaction;
use super::org_change::OrgChange;
use super::outreach::Outreach;
use super::user::User;
use crate::graphql::load::alerts::{AlertById, OrgChangeById, OutreachById};
use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::{AccountById, ContactById, InteractionById, UserById};

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

impl Node {
    /// What an id stands for; nothing where there is no such thing, or not for the asker.
    pub async fn load(ctx: &Context<'_>, id: AnyId) -> Option<Result<Self, Error>> {
        match id {
            AnyId::AccountId(id) => as_node(load_one(ctx, AccountById(id)).await, Self::Account),
            AnyId::ContactId(id) => as_node(load_one(ctx, ContactById(id)).await, Self::Contact),
            AnyId::InteractionId(id) => as_node(load_one(ctx, InteractionById(id)).await, Self::Interaction),
            AnyId::UserId(id) => as_node(load_one(ctx, UserById(id)).await, Self::User),
            AnyId::AlertId(id) => as_node(load_one(ctx, AlertById(id)).await, Self::Alert),
            AnyId::OrgChangeId(id) => as_node(load_one(ctx, OrgChangeById(id)).await, Self::OrgChange),
            AnyId::OutreachId(id) => as_node(load_one(ctx, OutreachById(id)).await, Self::Outreach),
            // Ids of what is no node of this schema.
            AnyId::SponsorshipId(_)
            | AnyId::InitiativeId(_)
            | AnyId::GoalId(_)
            | AnyId::TokenId(_)
            | AnyId::AuditEntryId(_)
            | AnyId::MessageId(_) => None,
        }
    }
}

/// What was found, as a node.
fn as_node<O>(found: Option<Result<O, Error>>, make: impl FnOnce(O) -> Node) -> Option<Result<Node, Error>> {
    found.map(|found| found.map(make))
}
