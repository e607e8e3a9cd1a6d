//! Reads what claimed messages speak of: in at most seven statements, whatever their number.

use std::collections::{HashMap, HashSet};

use chrono_tz::Tz;
use engagement::id::{AlertId, ContactId, OutreachId, UserId};
use engagement::report::digest::Digest;
use engagement::vocabulary::{AlertStatus, Certainty, OrgChangeKind};
use entity::{account, alert, app_user, contact, org_change, outreach};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::alert::Succession;
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::outbox::{Claimed, OutboxContext};
use crate::sql::dialect::id_in;

#[derive(FromQueryResult)]
pub(super) struct AccountRow {
    pub(super) id: Uuid,
    pub(super) external_id: String,
    pub(super) name: String,
}

#[derive(FromQueryResult)]
pub(super) struct PersonRow {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) title: Option<String>,
}

/// Everything that some messages speak of.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) zone: Tz,
    pub(super) alerts: HashMap<Uuid, alert::Model>,
    pub(super) outreach: HashMap<Uuid, outreach::Model>,
    pub(super) accounts: HashMap<Uuid, AccountRow>,
    pub(super) contacts: HashMap<Uuid, PersonRow>,
    pub(super) users: HashMap<Uuid, PersonRow>,
    /// What is open on accounts that a sponsor has left.
    pub(super) others: HashMap<Uuid, Vec<alert::Model>>,
    /// Confirmed departures of contacts of those accounts, the earliest first: it is the one that counts.
    pub(super) departures: HashMap<Uuid, org_change::Model>,
}

impl Rows {
    pub(super) async fn read(db: &Db, claimed: &[Claimed]) -> Result<Self, ServiceError> {
        let alerts: HashSet<Uuid> = claimed.iter().flat_map(alerts_of).map(AlertId::uuid).collect();
        let outreach: HashSet<Uuid> = claimed
            .iter()
            .filter_map(outreach_of)
            .map(OutreachId::uuid)
            .collect();
        let mut rows = Self::default();
        if !alerts.is_empty() {
            let found = alert::Entity::find()
                .filter(id_in(db.backend(), alert::Column::Id, alerts))
                .all(db.read())
                .await;
            rows.alerts = found
                .during("reading alerts to tell of")?
                .into_iter()
                .map(|row| (row.id, row))
                .collect();
        }
        if !outreach.is_empty() {
            let found = outreach::Entity::find()
                .filter(id_in(db.backend(), outreach::Column::Id, outreach))
                .all(db.read())
                .await;
            rows.outreach = found
                .during("reading plans to tell of")?
                .into_iter()
                .map(|row| (row.id, row))
                .collect();
        }
        let departed = claimed
            .iter()
            .filter_map(departed_in)
            .filter_map(|alert| rows.alerts.get(&alert.uuid())?.account_id);
        let departed: HashSet<Uuid> = departed.collect();
        if !departed.is_empty() {
            let standing = [AlertStatus::Open, AlertStatus::Acknowledged].map(AlertStatus::as_str);
            let others = alert::Entity::find()
                .filter(id_in(
                    db.backend(),
                    alert::Column::AccountKey,
                    departed.iter().copied(),
                ))
                .filter(alert::Column::Status.is_in(standing))
                .all(db.read())
                .await
                .during("reading what else is wrong")?;
            for other in others {
                rows.others.entry(other.account_key).or_default().push(other);
            }
            rows.read_departures(db, claimed, departed).await?;
        }
        let accounts: HashSet<Uuid> = rows
            .alerts
            .values()
            .filter_map(|row| row.account_id)
            .chain(rows.outreach.values().map(|row| row.account_id))
            .collect();
        if !accounts.is_empty() {
            rows.accounts = by_id(
                account::Entity::find()
                    .select_only()
                    .columns([
                        account::Column::Id,
                        account::Column::ExternalId,
                        account::Column::Name,
                    ])
                    .filter(id_in(db.backend(), account::Column::Id, accounts))
                    .into_model::<AccountRow>()
                    .all(db.read())
                    .await
                    .during("reading accounts to tell of")?,
                |row| row.id,
            );
        }
        rows.read_people(db, claimed).await?;
        Ok(rows)
    }

    /// How each departure is known, in one statement.
    async fn read_departures(
        &mut self,
        db: &Db,
        claimed: &[Claimed],
        accounts: HashSet<Uuid>,
    ) -> Result<(), ServiceError> {
        let departed = claimed
            .iter()
            .filter_map(departed_in)
            .filter_map(|alert| succession_of(self.alerts.get(&alert.uuid())?));
        let departed: HashSet<Uuid> = departed.map(|known| known.picture.departed.uuid()).collect();
        let found = org_change::Entity::find()
            .filter(id_in(db.backend(), org_change::Column::AccountId, accounts))
            .filter(id_in(db.backend(), org_change::Column::ContactKey, departed))
            .filter(org_change::Column::Kind.eq(OrgChangeKind::Departure.as_str()))
            .filter(org_change::Column::Certainty.eq(Certainty::Confirmed.as_str()))
            .order_by_asc(org_change::Column::ObservedOn)
            .order_by_asc(org_change::Column::Id)
            .all(db.read())
            .await;
        for change in found.during("reading how departures are known")? {
            self.departures.entry(change.contact_key).or_insert(change);
        }
        Ok(())
    }

    async fn read_people(&mut self, db: &Db, claimed: &[Claimed]) -> Result<(), ServiceError> {
        let operation = "reading people to tell of";
        let of_departures = claimed
            .iter()
            .filter_map(departed_in)
            .filter_map(|alert| succession_of(self.alerts.get(&alert.uuid())?));
        let of_departures: Vec<Uuid> = of_departures
            .flat_map(|known| known.people())
            .map(ContactId::uuid)
            .collect();
        let of_digests = claimed
            .iter()
            .filter_map(digest_of)
            .flat_map(Digest::contacts)
            .map(ContactId::uuid);
        let contacts: HashSet<Uuid> = self
            .outreach
            .values()
            .map(|row| row.contact_id)
            .chain(of_digests)
            .chain(of_departures)
            .collect();
        let users = self.outreach.values().flat_map(|row| {
            colleagues(row)
                .into_iter()
                .map(UserId::uuid)
                .chain(row.planned_by)
        });
        let users: HashSet<Uuid> = users
            .chain(self.departures.values().filter_map(|change| change.recorded_by))
            .collect();
        if !contacts.is_empty() {
            let found = contact::Entity::find()
                .select_only()
                .columns([contact::Column::Id, contact::Column::Name, contact::Column::Title])
                .filter(id_in(db.backend(), contact::Column::Id, contacts))
                .into_model::<PersonRow>()
                .all(db.read())
                .await;
            self.contacts = by_id(found.during(operation)?, |row| row.id);
        }
        if !users.is_empty() {
            let found = app_user::Entity::find()
                .select_only()
                .columns([app_user::Column::Id, app_user::Column::Name])
                .expr_as(Expr::value(None::<String>), "title")
                .filter(id_in(db.backend(), app_user::Column::Id, users))
                .into_model::<PersonRow>()
                .all(db.read())
                .await;
            self.users = by_id(found.during(operation)?, |row| row.id);
        }
        Ok(())
    }
}

fn by_id<T>(rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> HashMap<Uuid, T> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

/// The alerts that a message tells of: those that were joined, or the one of its row.
pub(super) fn alerts_of(row: &Claimed) -> Vec<AlertId> {
    match &row.context {
        Ok(OutboxContext::SponsorDeparted(context) | OutboxContext::Alert(context))
            if !context.alerts.is_empty() =>
        {
            context.alerts.clone()
        }
        Ok(OutboxContext::SponsorDeparted(_) | OutboxContext::Alert(_)) => row.alert.into_iter().collect(),
        Ok(OutboxContext::WeeklyDigest(digest)) => digest.alerts.lines.iter().map(|line| line.id).collect(),
        _ => Vec::new(),
    }
}

/// The alert of a departure that a message is about alone.
fn departed_in(row: &Claimed) -> Option<AlertId> {
    match &row.context {
        Ok(OutboxContext::SponsorDeparted(context)) if context.alerts.is_empty() => row.alert,
        _ => None,
    }
}

/// The picture that was drawn when a sponsor left.
pub(super) fn succession_of(found: &alert::Model) -> Option<Succession> {
    serde_json::from_str(found.context.as_deref()?).ok()
}

fn digest_of(row: &Claimed) -> Option<&Digest> {
    match &row.context {
        Ok(OutboxContext::WeeklyDigest(digest)) => Some(digest),
        _ => None,
    }
}

fn outreach_of(row: &Claimed) -> Option<OutreachId> {
    match &row.context {
        Ok(OutboxContext::OutreachPlanned(context)) => Some(context.outreach),
        _ => None,
    }
}

/// The users with whom a plan is agreed. What is no list of ids names nobody.
pub(super) fn colleagues(plan: &outreach::Model) -> Vec<UserId> {
    let ids: Vec<String> = serde_json::from_str(&plan.coordinated_with).unwrap_or_default();
    ids.iter()
        .filter_map(|id| {
            id.parse::<UserId>()
                .ok()
                .or_else(|| id.parse::<Uuid>().ok().map(Into::into))
        })
        .collect()
}
