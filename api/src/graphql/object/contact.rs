//! People at the customer.
//!
//! How much a contact and we are in touch is read from the account's report of the standard period: one report serves all its contacts.

use async_graphql::{Context, Error, ID, Object, SimpleObject};
use engagement::email_address::EmailAddress;
use engagement::vocabulary::{ContactStatus, Seniority};
use service::report::Naming;

use super::account::Account;
use crate::graphql::bounds::limits;
use crate::graphql::context::RequestContext;
use crate::graphql::load::ask::load_one;
use crate::graphql::load::batches::loaders;
use crate::graphql::load::nodes::AccountById;
use crate::graphql::load::reports::ReportOf;
use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::time::Date;

connection!(
    ContactConnection,
    ContactEdge,
    Contact,
    "contacts",
    service::record::contact::Contact
);

/// A person at the customer.
#[derive(Clone)]
pub struct Contact(pub service::record::contact::Contact);

impl From<service::record::contact::Contact> for Contact {
    fn from(contact: service::record::contact::Contact) -> Self {
        Self(contact)
    }
}

/// How much a contact and we are in touch.
#[derive(SimpleObject)]
pub struct ContactActivity {
    /// Direct contacts in the standard period that ends today.
    touches: u32,
    /// The day of the last direct contact in two years.
    last_touch_on: Option<Date>,
}

/// A person at the customer.
#[Object]
impl Contact {
    /// The global id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The key in the customer's own systems, unique within the account.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Their name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Their e-mail address.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_ref().map(EmailAddress::expose)
    }

    /// Their job title.
    async fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// Their department.
    async fn department(&self) -> Option<&str> {
        self.0.department.as_deref()
    }

    /// Their level, where known.
    async fn seniority(&self) -> Option<Seniority> {
        self.0.seniority
    }

    /// Since when they have this role.
    async fn role_started_on(&self) -> Option<Date> {
        self.0.role_started_on.map(Date)
    }

    /// Whether they still work there.
    async fn status(&self) -> ContactStatus {
        self.0.status
    }

    /// The day they left, where known.
    async fn departed_on(&self) -> Option<Date> {
        self.0.departed_on.map(Date)
    }

    /// How they like to be reached.
    async fn communication_preference(&self) -> Option<&str> {
        self.0.communication_preference.as_deref()
    }

    /// What matters to them; at most 20.
    async fn priorities(&self) -> Vec<&str> {
        limits::CONTACT_PRIORITIES.cut(self.0.priorities.iter().map(String::as_str))
    }

    /// How much matters to them, also beyond the 20 of `priorities`.
    async fn priorities_count(&self) -> usize {
        self.0.priorities.len()
    }

    /// The account they belong to.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account, Error>> {
        load_one(ctx, AccountById(self.0.account_id)).await
    }

    /// How much they and we are in touch.
    async fn activity(&self, ctx: &Context<'_>) -> Result<ContactActivity, Error> {
        let context = RequestContext::of(ctx);
        let key = ReportOf {
            account: self.0.account_id,
            period: context.state.policy.standard_period,
            ending_on: context.ending_on("endingOn", None)?,
            evidence: false,
            naming: Naming::NoNames,
        };
        let report = loaders(ctx).load_one(key).await.map_err(|e| Error::from(&e))?;
        let own = report
            .as_ref()
            .and_then(|r| r.report.stakeholders.iter().find(|s| s.contact == self.0.id));
        Ok(ContactActivity {
            touches: own.map_or(0, |s| s.touches),
            last_touch_on: own.and_then(|s| s.last_touch_on).map(Date),
        })
    }
}
