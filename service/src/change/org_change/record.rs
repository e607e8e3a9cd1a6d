//! Records a change of an organisation by hand.

use engagement::id::{AccountId, ContactId, OrgChangeId, UserId};
use engagement::vocabulary::{AuditTarget, Certainty, ContactStatus, OrgChangeKind};
use entity::org_change;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::conclude::{conclude, is_confirmed_departure, settle_suspicions, told_before};
use super::model::{Consequences, NewOrgChange, OrgChange, usual_certainty};
use crate::access::audit::Change;
use crate::access::rights::{Action, require};
use crate::access::{Access, idempotency};
use crate::clock::Moment;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::record::account;
use crate::record::contact::{self, Contact};
use crate::record::spoken::{self, LINE, NOTE};
use crate::settings::Settings;

/// Records a change. A confirmed departure settles the suspicions of it.
///
/// # Errors
/// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`]; [`ServiceError::BadInput`] for a day in the future, a departure
/// of nobody, and a contact of another account; [`ServiceError::Conflict`] for what is recorded already, for the departure of
/// somebody who has left, and for a key that was used for another change.
pub async fn record(
    db: &Db,
    access: &Access,
    settings: &Settings,
    moment: Moment,
    new: NewOrgChange,
) -> Result<Consequences, ServiceError> {
    db.write_tx(async |tx| {
        // First of all: what is asked for again is not judged again.
        if let Some(made) = idempotency::done_before(tx, access, Action::RecordOrgChange, moment.now).await? {
            return told_before(tx, access, made).await;
        }
        let summary = spoken::line("summary", &new.summary)?;
        let url = spoken::optional("url", new.url.clone(), LINE)?;
        let impact = spoken::optional("impact", new.impact.clone(), NOTE)?;
        if new.observed_on > moment.today {
            let message = format!("{} is in the future; today is {}", new.observed_on, moment.today);
            return Err(ServiceError::bad_input("observedOn", message));
        }
        let (account, contact) = subject_of(tx, access, &new).await?;
        require(access, Action::RecordOrgChange)?;
        let change = OrgChange {
            id: new_id(moment.now).into(),
            account_id: account,
            kind: new.kind,
            observed_on: new.observed_on,
            contact_id: new.contact,
            summary,
            source: new.source,
            certainty: new.certainty.unwrap_or(usual_certainty(new.source)),
            url,
            impact,
            reviewed_at: None,
            reviewed_by: None,
            recorded_by: access.user(),
        };
        refuse_known(tx, &change, contact.as_ref()).await?;
        insert(tx, &change).await?;
        if let Some(contact) = contact.filter(|_| is_confirmed_departure(&change)) {
            settle_suspicions(tx, access, moment, contact.id, account).await?;
        }
        let log = Change {
            action: Action::RecordOrgChange,
            target: AuditTarget::OrgChange,
            id: Some(change.id.uuid()),
            account: Some(account),
            before: None,
            after: Some(change.values()),
        };
        conclude(tx, access, settings, moment, change, log).await
    })
    .await
}

/// The account of a change, held, and whom it is about.
async fn subject_of(
    tx: &Tx,
    access: &Access,
    new: &NewOrgChange,
) -> Result<(AccountId, Option<Contact>), ServiceError> {
    let Some(id) = new.contact else {
        if new.kind == OrgChangeKind::Departure {
            return Err(ServiceError::bad_input("contactId", "a departure says who left"));
        }
        let Some(account) = new.account else {
            return Err(ServiceError::bad_input(
                "accountId",
                "a change that is about no contact says whose it is",
            ));
        };
        return Ok((account::hold(tx, access, "accountId", account).await?.id, None));
    };
    let found = contact::expect(tx, access, "contactId", id).await?;
    if new.account.is_some_and(|account| account != found.account_id) {
        return Err(ServiceError::bad_input(
            "contactId",
            "the contact belongs to another account",
        ));
    }
    account::hold(tx, access, "contactId", found.account_id).await?;
    // Read again: somebody else may just have recorded their departure.
    let found = contact::expect(tx, access, "contactId", id).await?;
    Ok((found.account_id, Some(found)))
}

/// Refuses what is recorded already, and the departure of somebody who has left.
async fn refuse_known(tx: &Tx, change: &OrgChange, contact: Option<&Contact>) -> Result<(), ServiceError> {
    use org_change::Column;
    if let Some(contact) = contact.filter(|contact| {
        change.kind == OrgChangeKind::Departure && contact.status == ContactStatus::Departed
    }) {
        let when = contact
            .departed_on
            .map_or_else(String::new, |day| format!(" on {day}"));
        return Err(ServiceError::Conflict(format!(
            "{} has left already{when}",
            contact.name
        )));
    }
    let of_account = Condition::all().add(Column::AccountId.eq(change.account_id.uuid()));
    let about = Column::ContactKey.eq(change.contact_id.map_or(Uuid::nil(), ContactId::uuid));
    let same = Condition::all()
        .add(Column::ObservedOn.eq(change.observed_on))
        .add(Column::Summary.eq(change.summary.as_str()));
    let suspicion = change.kind == OrgChangeKind::Departure && change.certainty == Certainty::Suspected;
    let known = if suspicion {
        Condition::any().add(same).add(Column::ReviewedAt.is_null())
    } else {
        same
    };
    let found = org_change::Entity::find()
        .filter(
            of_account
                .add(Column::Kind.eq(change.kind.as_str()))
                .add(about)
                .add(known),
        )
        .one(tx)
        .await
        .during("looking for a change that is recorded already")?;
    found.map_or(Ok(()), |row| {
        let known = OrgChangeId::from(row.id);
        Err(ServiceError::Conflict(format!(
            "it is recorded already: {known}, observed on {} (“{}”)",
            row.observed_on, row.summary
        )))
    })
}

async fn insert(tx: &Tx, change: &OrgChange) -> Result<(), ServiceError> {
    let row = org_change::ActiveModel {
        account_id: Set(change.account_id.uuid()),
        id: Set(change.id.uuid()),
        kind: Set(change.kind.as_str().to_owned()),
        observed_on: Set(change.observed_on),
        contact_id: Set(change.contact_id.map(ContactId::uuid)),
        contact_key: NotSet,
        summary: Set(change.summary.clone()),
        source: Set(change.source.as_str().to_owned()),
        certainty: Set(change.certainty.as_str().to_owned()),
        url: Set(change.url.clone()),
        impact: Set(change.impact.clone()),
        reviewed_at: Set(None),
        reviewed_by: Set(None),
        recorded_by: Set(change.recorded_by.map(UserId::uuid)),
    };
    org_change::Entity::insert(row)
        .exec_without_returning(tx)
        .await
        .map(drop)
        .during("recording an organisational change")
}
