//! Changes in the customer's organisation: recorded by hand, reviewed, listed. Imports write the same table.
//!
//! What a departure does is one function, whoever writes it (`departure`): here somebody says that it happened, or that what
//! seemed to have happened did.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use engagement::alert::{AlertRule, Subject};
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, AlertId, ContactId, MessageId, OrgChangeId, UserId};
use engagement::vocabulary::{AuditTarget, Certainty, ContactStatus, OrgChangeKind, OrgChangeSource};
use entity::org_change;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, IntoColumnRef};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::alert::StoredAlert;
use crate::alert::evaluation::RoundResult;
use crate::alert::joining;
use crate::alert::stored::{find, newest};
use crate::alert::within::follow_within;
use crate::audit::{self, Change, Values, difference, values};
use crate::clock::{Moment, instant};
use crate::contact::{self, Contact};
use crate::db::{Db, Tx};
use crate::dialect::id_in;
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::page::{Key, KeyKind, Ordering, Page, PageRequest, Place};
use crate::pages_by_account::{self, List};
use crate::rights::{Action, require};
use crate::settings::Settings;
use crate::shared_clock::shared_now;
use crate::spoken::{self, LINE, NOTE};
use crate::stored::parse;
use crate::{account, departure, idempotency, outbox, touched};

const TABLE: &str = "org_change";

/// A change in the customer's organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgChange {
    /// Its id.
    pub id: OrgChangeId,
    /// Whose.
    pub account_id: AccountId,
    /// What happened.
    pub kind: OrgChangeKind,
    /// The day it was observed; of a departure, the day they left.
    pub observed_on: NaiveDate,
    /// Whom it is about.
    pub contact_id: Option<ContactId>,
    /// One line.
    pub summary: String,
    /// How it is known.
    pub source: OrgChangeSource,
    /// How sure it is.
    pub certainty: Certainty,
    /// Where it can be read.
    pub url: Option<String>,
    /// What it means for us.
    pub impact: Option<String>,
    /// When a person looked at it.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// Who.
    pub reviewed_by: Option<UserId>,
    /// Who wrote it down; absent for an imported one.
    pub recorded_by: Option<UserId>,
}

/// A change to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrgChange {
    /// Whose; may be left to the contact.
    pub account: Option<AccountId>,
    /// Whom it is about.
    pub contact: Option<ContactId>,
    /// What happened.
    pub kind: OrgChangeKind,
    /// When.
    pub observed_on: NaiveDate,
    /// How it is known.
    pub source: OrgChangeSource,
    /// How sure it is; by its source unless said.
    pub certainty: Option<Certainty>,
    /// One line.
    pub summary: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// What it means for us.
    pub impact: Option<String>,
}

/// What recording or reviewing a change led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Consequences {
    /// The change.
    pub change: OrgChange,
    /// The alert about the departure, where it led to one.
    pub alert: Option<StoredAlert>,
    /// Whom that was escalated to just now.
    pub escalated_to: Vec<EmailAddress>,
}

/// How sure a change is when nobody says so: what people and their own systems say happened; what the world says, seems to
/// have.
pub(crate) const fn usual_certainty(source: OrgChangeSource) -> Certainty {
    match source {
        OrgChangeSource::Manual | OrgChangeSource::Crm => Certainty::Confirmed,
        OrgChangeSource::Linkedin | OrgChangeSource::News | OrgChangeSource::EmailBounce => Certainty::Suspected,
    }
}

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
async fn subject_of(tx: &Tx, access: &Access, new: &NewOrgChange) -> Result<(AccountId, Option<Contact>), ServiceError> {
    let Some(id) = new.contact else {
        if new.kind == OrgChangeKind::Departure {
            return Err(ServiceError::bad_input("contactId", "a departure says who left"));
        }
        let Some(account) = new.account else {
            return Err(ServiceError::bad_input("accountId", "a change that is about no contact says whose it is"));
        };
        return Ok((account::hold(tx, access, "accountId", account).await?.id, None));
    };
    let found = contact::expect(tx, access, "contactId", id).await?;
    if new.account.is_some_and(|account| account != found.account_id) {
        return Err(ServiceError::bad_input("contactId", "the contact belongs to another account"));
    }
    account::hold(tx, access, "contactId", found.account_id).await?;
    // Read again: somebody else may just have recorded their departure.
    let found = contact::expect(tx, access, "contactId", id).await?;
    Ok((found.account_id, Some(found)))
}

/// Refuses what is recorded already, and the departure of somebody who has left.
async fn refuse_known(tx: &Tx, change: &OrgChange, contact: Option<&Contact>) -> Result<(), ServiceError> {
    use org_change::Column;
    if let Some(contact) = contact.filter(|contact| change.kind == OrgChangeKind::Departure && contact.status == ContactStatus::Departed) {
        let when = contact.departed_on.map_or_else(String::new, |day| format!(" on {day}"));
        return Err(ServiceError::Conflict(format!("{} has left already{when}", contact.name)));
    }
    let of_account = Condition::all().add(Column::AccountId.eq(change.account_id.uuid()));
    let about = Column::ContactKey.eq(change.contact_id.map_or(Uuid::nil(), ContactId::uuid));
    let same = Condition::all().add(Column::ObservedOn.eq(change.observed_on)).add(Column::Summary.eq(change.summary.as_str()));
    let suspicion = change.kind == OrgChangeKind::Departure && change.certainty == Certainty::Suspected;
    let known = if suspicion { Condition::any().add(same).add(Column::ReviewedAt.is_null()) } else { same };
    let found = org_change::Entity::find()
        .filter(of_account.add(Column::Kind.eq(change.kind.as_str())).add(about).add(known))
        .one(tx)
        .await
        .during("looking for a change that is recorded already")?;
    found.map_or(Ok(()), |row| {
        let known = OrgChangeId::from(row.id);
        Err(ServiceError::Conflict(format!("it is recorded already: {known}, observed on {} (“{}”)", row.observed_on, row.summary)))
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
    org_change::Entity::insert(row).exec_without_returning(tx).await.map(drop).during("recording an organisational change")
}

/// Whoever says that somebody left has looked at the suspicions that they did.
async fn settle_suspicions(tx: &Tx, access: &Access, moment: Moment, contact: ContactId, account: AccountId) -> Result<(), ServiceError> {
    use org_change::Column;
    org_change::Entity::update_many()
        .col_expr(Column::ReviewedAt, Expr::value(moment.now.timestamp_micros()))
        .col_expr(Column::ReviewedBy, Expr::value(access.user().map(UserId::uuid)))
        .filter(Column::AccountId.eq(account.uuid()))
        .filter(Column::ContactId.eq(contact.uuid()))
        .filter(Column::Kind.eq(OrgChangeKind::Departure.as_str()))
        .filter(Column::Certainty.eq(Certainty::Suspected.as_str()))
        .filter(Column::ReviewedAt.is_null())
        .exec(tx)
        .await
        .map(drop)
        .during("settling suspected departures")
}

/// Says that a person has looked at a change: what it means for us, and whether what seemed to have happened did.
///
/// # Errors
/// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`]; [`ServiceError::Conflict`] for one that was reviewed already;
/// [`ServiceError::BadInput`] for a doubt about what is confirmed.
pub async fn review(
    db: &Db,
    access: &Access,
    settings: &Settings,
    moment: Moment,
    id: OrgChangeId,
    impact: Option<String>,
    confirm: Option<bool>,
) -> Result<Consequences, ServiceError> {
    db.write_tx(async |tx| {
        if let Some(made) = idempotency::done_before(tx, access, Action::ReviewOrgChange, moment.now).await? {
            return told_before(tx, access, made).await;
        }
        let impact = spoken::optional("impact", impact.clone(), NOTE)?;
        let found = expect(tx, access, id).await?;
        account::hold(tx, access, "orgChangeId", found.account_id).await?;
        require(access, Action::ReviewOrgChange)?;
        // Read again: somebody else may just have reviewed it.
        let before = expect(tx, access, id).await?;
        if let Some(at) = before.reviewed_at {
            let day = settings.day_of(at);
            return Err(ServiceError::Conflict(format!("the change was reviewed already, on {day}")));
        }
        if before.certainty == Certainty::Confirmed && confirm == Some(false) {
            return Err(ServiceError::bad_input("confirm", "the change is confirmed; only a suspected one can be doubted"));
        }
        let after = OrgChange {
            certainty: if confirm == Some(true) { Certainty::Confirmed } else { before.certainty },
            impact: impact.or_else(|| before.impact.clone()),
            reviewed_at: Some(moment.now),
            reviewed_by: access.user(),
            ..before.clone()
        };
        update(tx, &after).await?;
        let (old, new) = difference(&before.values(), &after.values());
        let log = Change {
            action: Action::ReviewOrgChange,
            target: AuditTarget::OrgChange,
            id: Some(id.uuid()),
            account: Some(after.account_id),
            before: Some(old),
            after: Some(new),
        };
        conclude(tx, access, settings, moment, after, log).await
    })
    .await
}

async fn expect(tx: &Tx, access: &Access, id: OrgChangeId) -> Result<OrgChange, ServiceError> {
    let row = org_change::Entity::find()
        .filter(org_change::Column::Id.eq(id.uuid()))
        .filter(visible_accounts(access, org_change::Column::AccountId.into_column_ref()))
        .one(tx)
        .await
        .during("looking for an organisational change")?;
    row.map_or_else(|| Err(ServiceError::not_found("orgChangeId", "organisational change")), from_row)
}

async fn update(tx: &Tx, change: &OrgChange) -> Result<(), ServiceError> {
    use org_change::Column;
    org_change::Entity::update_many()
        .col_expr(Column::Certainty, Expr::value(change.certainty.as_str()))
        .col_expr(Column::Impact, Expr::value(change.impact.clone()))
        .col_expr(Column::ReviewedAt, Expr::value(change.reviewed_at.map(|at| at.timestamp_micros())))
        .col_expr(Column::ReviewedBy, Expr::value(change.reviewed_by.map(UserId::uuid)))
        .filter(Column::AccountId.eq(change.account_id.uuid()))
        .filter(Column::Id.eq(change.id.uuid()))
        .exec(tx)
        .await
        .map(drop)
        .during("reviewing an organisational change")
}

/// The rules that ask a person to look at a change.
const REVIEWS: &[AlertRule] = &[AlertRule::OrgChangeUnreviewed, AlertRule::SponsorDepartureSuspected];
/// These, and the rule about departures.
const REVIEWED_DEPARTURE: &[AlertRule] =
    &[AlertRule::OrgChangeUnreviewed, AlertRule::SponsorDepartureSuspected, AlertRule::SponsorDeparted];

/// Lets the departure and the alerts follow, notes the account, and writes the log.
async fn conclude(
    tx: &Tx,
    access: &Access,
    settings: &Settings,
    moment: Moment,
    change: OrgChange,
    log: Change,
) -> Result<Consequences, ServiceError> {
    let account = change.account_id;
    let departure_of = change.contact_id.filter(|_| change.kind == OrgChangeKind::Departure);
    let mut concerned = match departure_of {
        Some(contact) => departure::bring_up_to_date(tx, settings, moment, &[(account.uuid(), contact.uuid())]).await?,
        None => Vec::new(),
    };
    let rules = match (departure_of, change.reviewed_at) {
        (_, None) => departure::RULES,
        (None, Some(_)) => REVIEWS,
        (Some(_), Some(_)) => REVIEWED_DEPARTURE,
    };
    if change.reviewed_at.is_some() {
        concerned = vec![account];
    }
    let RoundResult { messages, mut told, .. } = follow_within(tx, settings, moment, &concerned, rules).await?;
    joining::queue(tx, moment.now, messages).await?;
    let alert = match departure_of {
        Some(contact) => {
            let rules = [AlertRule::SponsorDeparted, AlertRule::SponsorDepartureSuspected];
            newest(tx, account, &rules, &Subject::Contact(contact)).await?
        }
        None => None,
    };
    touched::touch(tx, &[account], moment.now).await?;
    let action = log.action;
    audit::record(tx, access, moment.now, vec![log]).await?;
    let escalated_to = alert.as_ref().and_then(|alert| told.remove(&alert.id)).unwrap_or_default();
    let done = Consequences { change, alert, escalated_to };
    if access.once().is_some() {
        idempotency::note(tx, access, action, &Done::of(tx, moment, &done).await?).await?;
    }
    Ok(done)
}

/// What recording or reviewing a change led to, by ids: whom it was escalated to say the messages.
#[derive(Serialize, Deserialize)]
struct Done {
    change: OrgChangeId,
    alert: Option<AlertId>,
    messages: Vec<MessageId>,
}

impl Done {
    async fn of(tx: &Tx, moment: Moment, done: &Consequences) -> Result<Self, ServiceError> {
        let alert = done.alert.as_ref().map(|alert| alert.id);
        let messages = match alert {
            Some(alert) => outbox::telling(tx, alert, &done.escalated_to, shared_now(tx, moment.now).await?).await?,
            None => Vec::new(),
        };
        Ok(Self { change: done.change.id, alert, messages })
    }
}

/// The same answer again, as its rows stand now.
async fn told_before(tx: &Tx, access: &Access, done: Done) -> Result<Consequences, ServiceError> {
    let change = expect(tx, access, done.change).await?;
    let alert = match done.alert {
        Some(alert) => find(tx, alert).await?,
        None => None,
    };
    Ok(Consequences { change, alert, escalated_to: outbox::recipients_of(tx, &done.messages).await? })
}

fn is_confirmed_departure(change: &OrgChange) -> bool {
    change.kind == OrgChangeKind::Departure && change.certainty == Certainty::Confirmed
}

impl OrgChange {
    fn values(&self) -> Values {
        values([
            ("kind", json!(self.kind)),
            ("observed_on", json!(self.observed_on)),
            ("contact", json!(self.contact_id)),
            ("summary", json!(self.summary)),
            ("source", json!(self.source)),
            ("certainty", json!(self.certainty)),
            ("url", json!(self.url)),
            ("impact", json!(self.impact)),
            ("reviewed_at", json!(self.reviewed_at)),
        ])
    }
}

/// Changes by id; those that do not exist or may not be seen are absent.
///
/// # Errors
/// Those of the database.
pub async fn by_ids(db: &Db, access: &Access, ids: &[OrgChangeId]) -> Result<HashMap<OrgChangeId, OrgChange>, ServiceError> {
    let rows = org_change::Entity::find()
        .filter(id_in(db.backend(), org_change::Column::Id, ids.iter().map(|id| id.uuid())))
        .filter(visible_accounts(access, org_change::Column::AccountId.into_column_ref()))
        .order_by_asc(org_change::Column::Id)
        .all(db.read())
        .await
        .during("reading organisational changes")?;
    rows.into_iter().map(|row| from_row(row).map(|change| (change.id, change))).collect()
}

/// A page of the changes of each account, the latest observed first.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn pages_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    reviewed: Option<bool>,
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<AccountId, Page<OrgChange>>, ServiceError> {
    use org_change::{Column, Entity};
    let matching = reviewed.map_or_else(Condition::all, |reviewed| {
        let reviewed = if reviewed { Column::ReviewedAt.is_not_null() } else { Column::ReviewedAt.is_null() };
        Condition::all().add(reviewed)
    });
    let list = List::<Entity> {
        operation: "listing organisational changes",
        account: Column::AccountId,
        matching,
        ordering: Ordering {
            key: Expr::col((Entity, Column::ObservedOn)),
            kind: KeyKind::Day,
            descending: true,
            id: Expr::col((Entity, Column::Id)),
        },
    };
    pages_by_account::read(db, access, accounts, list, page, with_total, |row: org_change::Model, observed_on: NaiveDate| {
        Ok((Place { key: Key::Day(observed_on), id: row.id }, from_row(row)?))
    })
    .await
}

fn from_row(row: org_change::Model) -> Result<OrgChange, ServiceError> {
    Ok(OrgChange {
        id: row.id.into(),
        account_id: row.account_id.into(),
        kind: parse(TABLE, "kind", &row.kind)?,
        observed_on: row.observed_on,
        contact_id: row.contact_id.map(Into::into),
        summary: row.summary,
        source: parse(TABLE, "source", &row.source)?,
        certainty: parse(TABLE, "certainty", &row.certainty)?,
        url: row.url,
        impact: row.impact,
        reviewed_at: row.reviewed_at.map(instant),
        reviewed_by: row.reviewed_by.map(Into::into),
        recorded_by: row.recorded_by.map(Into::into),
    })
}
