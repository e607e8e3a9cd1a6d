//! What is done to one contact by hand: a person is erased.

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};

use crate::graphql::context::RequestContext;
use crate::graphql::error::from_service;
use crate::graphql::object::contact::Contact;
use crate::graphql::scalar::node_id::parse_id;

/// What `eraseContact` takes.
#[derive(InputObject)]
pub struct EraseContactInput {
    /// The contact.
    contact_id: ID,
}

/// What `eraseContact` did.
#[derive(SimpleObject)]
pub struct EraseContactPayload {
    /// What is left of the contact.
    contact: Contact,
}

/// What is done to one contact by hand.
#[derive(Default)]
pub struct ContactMutations;

/// What is done to one contact by hand.
#[Object]
impl ContactMutations {
    /// Takes out who a contact was, for ever: name, address, title, preferences, external id, their name in texts about the
    /// account, and what the audit log held of them. That something happened stays, and so do scores.
    async fn erase_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: EraseContactInput,
    ) -> Option<Result<EraseContactPayload, Error>> {
        Some(erase(ctx, &input).await)
    }
}

async fn erase(ctx: &Context<'_>, input: &EraseContactInput) -> Result<EraseContactPayload, Error> {
    let context = RequestContext::of(ctx);
    let id = parse_id("contactId", &input.contact_id)?;
    let erased =
        service::change::erasure::erase(&context.state.db, &context.access, context.moment(), id).await;
    Ok(EraseContactPayload {
        contact: Contact(erased.map_err(|e| from_service(&e))?),
    })
}
