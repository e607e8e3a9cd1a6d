//! What digests know of accounts, for all the accounts of a batch of readers at once: a fixed number of statements, and for
//! each five hundred accounts those of [`crate::engagement_rows::load()`].

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use engagement::id::{AccountId, ContactId};
use engagement::policy::Policy;
use engagement::report::digest::{AccountFacts, AccountLabel, PersonName};

use super::reading::{Reading, Span};
use crate::access::Access;
use crate::db::Db;
use crate::error::ServiceError;
use crate::record::{account, contact};

/// What digests know.
pub(super) struct Facts {
    pub(super) accounts: HashMap<AccountId, AccountFacts>,
    pub(super) names: HashMap<ContactId, PersonName>,
    pub(super) planned: HashMap<ContactId, NaiveDate>,
}

/// Reads and scores the accounts of a batch. They were chosen from what each reader may see, so they are read as the system.
pub(super) async fn read(
    db: &Db,
    policy: &Arc<Policy>,
    zone: Tz,
    span: Span,
    ids: &[AccountId],
) -> Result<Facts, ServiceError> {
    let reading = Reading {
        db,
        policy,
        zone,
        span,
        access: Access::system(),
    };
    let mut past = reading.past(ids).await?;
    let mut alerts = reading.alerts(ids).await?;
    let labels = account::by_ids(db, &reading.access, ids).await?;
    let labels = labels.into_iter().map(|(id, account)| {
        let account::Account {
            external_id,
            name,
            arr,
            renewal_date,
            ..
        } = account;
        (
            id,
            AccountLabel {
                external_id,
                name,
                arr,
                renewal_on: renewal_date,
            },
        )
    });
    let mut accounts = reading.score(labels.collect(), ids).await?;
    for (id, facts) in accounts.iter_mut().filter(|(_, facts)| facts.customer) {
        let (scores, standings) = past.remove(id).unwrap_or_default();
        facts.look_back((&scores, &standings), span.since, span.today, policy);
        facts.alerts = alerts.remove(id).unwrap_or_default();
    }
    reading.explain(&mut accounts).await?;
    let due: Vec<ContactId> = accounts
        .values()
        .flat_map(|facts| facts.due_contacts(span.today))
        .collect();
    let named: Vec<ContactId> = accounts
        .values()
        .flat_map(|facts| facts.named_contacts(span.today))
        .collect();
    let names = contact::by_ids(db, &reading.access, &named).await?;
    let names = names
        .into_iter()
        .map(|(id, contact)| {
            (
                id,
                PersonName {
                    name: contact.name,
                    title: contact.title,
                },
            )
        })
        .collect();
    let planned = reading.planned(&due).await?;
    Ok(Facts {
        accounts,
        names,
        planned,
    })
}
