//! Reads what claimed messages speak of, and says it: in at most seven statements, whatever their number.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use chrono_tz::Tz;
use engagement::id::{AlertId, ContactId, MessageId, OutreachId, UserId};
use engagement::report::digest::{Digest, NamedAccount, PersonName};
use engagement::report::escalation::{DepartureFacts, DepartureNotice, next_step, waiting};
use engagement::vocabulary::{AlertStatus, Certainty, OrgChangeKind, Severity, SubjectKind};
use engagement::windows::day_of;
use entity::{account, alert, app_user, contact, org_change, outreach};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::content::{
    AlertContent, AlertNote, Audience, ContactNote, Content, OutreachPlannedContent, Saying,
};
use crate::alert::Succession;
use crate::clock::instant;
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::outbox::Claimed;
use crate::outbox::{EscalationContext, OutboxContext, OutreachPlannedContext};
use crate::sql::dialect::id_in;

impl Content {
    /// What claimed messages say, in at most seven statements whatever their number. Days are those of the organisation's zone.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn read(
        db: &Db,
        zone: Tz,
        claimed: &[Claimed],
    ) -> Result<HashMap<MessageId, Saying>, ServiceError> {
        let rows = Rows {
            zone,
            ..Rows::read(db, claimed).await?
        };
        Ok(claimed.iter().map(|row| (row.id, rows.say(row))).collect())
    }
}

#[derive(FromQueryResult)]
struct AccountRow {
    id: Uuid,
    external_id: String,
    name: String,
}

#[derive(FromQueryResult)]
struct PersonRow {
    id: Uuid,
    name: String,
    title: Option<String>,
}

/// Everything that some messages speak of.
#[derive(Default)]
struct Rows {
    zone: Tz,
    alerts: HashMap<Uuid, alert::Model>,
    outreach: HashMap<Uuid, outreach::Model>,
    accounts: HashMap<Uuid, AccountRow>,
    contacts: HashMap<Uuid, PersonRow>,
    users: HashMap<Uuid, PersonRow>,
    /// What is open on accounts that a sponsor has left.
    others: HashMap<Uuid, Vec<alert::Model>>,
    /// Confirmed departures of contacts of those accounts, the earliest first: it is the one that counts.
    departures: HashMap<Uuid, org_change::Model>,
}

impl Rows {
    async fn read(db: &Db, claimed: &[Claimed]) -> Result<Self, ServiceError> {
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

    fn say(&self, row: &Claimed) -> Saying {
        let said = match &row.context {
            Err(error) => return Saying::Unreadable(error.clone()),
            Ok(OutboxContext::SponsorDeparted(context)) => match self.say_departure(row, context) {
                Some(notice) => Ok(Saying::Content(Box::new(Content::SponsorDeparted(Box::new(
                    notice,
                ))))),
                None => self.say_alerts(row, context),
            },
            Ok(OutboxContext::Alert(context)) => self.say_alerts(row, context),
            Ok(OutboxContext::OutreachPlanned(context)) => self.say_outreach(context),
            Ok(OutboxContext::WeeklyDigest(digest)) => Ok(self.say_digest(digest)),
        };
        said.unwrap_or_else(Saying::Unreadable)
    }

    fn say_alerts(&self, row: &Claimed, context: &EscalationContext) -> Result<Saying, String> {
        let mut alerts = Vec::new();
        let mut there = false;
        for found in alerts_of(row).iter().filter_map(|id| self.alerts.get(&id.uuid())) {
            there = true;
            if word::<AlertStatus>("status of an alert", &found.status)? != AlertStatus::Resolved {
                alerts.push(self.note(row, found)?);
            }
        }
        if alerts.is_empty() {
            return Ok(Saying::Over(if there {
                "what it tells of has been resolved"
            } else {
                "what it tells of is not there any more"
            }));
        }
        let audience = match context.rung {
            Some(0) => Audience::Admins,
            Some(1) => Audience::Team,
            // An alert that is about no account is about somebody whom they manage.
            Some(2) if alerts.iter().all(|alert| alert.account.is_none()) => Audience::UsersManager,
            Some(2) => Audience::Managers,
            Some(_) => Audience::Escalation,
            None => Audience::Joined,
        };
        let told = context
            .told
            .iter()
            .map(|address| address.expose().to_owned())
            .collect();
        Ok(Saying::Content(Box::new(Content::Alert(AlertContent::new(
            audience, alerts, told,
        )))))
    }

    fn note(&self, row: &Claimed, found: &alert::Model) -> Result<AlertNote, String> {
        let rule = word("rule", &found.rule)?;
        let since = found.escalating_since.unwrap_or(found.opened_at);
        Ok(AlertNote {
            id: found.id.into(),
            account: found.account_id.map(|id| self.account(id)).transpose()?,
            user: if found.subject_kind == SubjectKind::User.as_str() {
                found.subject.parse().ok()
            } else {
                None
            },
            rule,
            severity: word("severity", &found.severity)?,
            message: found.message.clone(),
            opened_at: instant(found.opened_at),
            waiting: if found.acknowledged_at.is_none() {
                waiting(instant(since), row.queued_at)
            } else {
                None
            },
            next_step: next_step(rule),
        })
    }

    fn say_outreach(&self, context: &OutreachPlannedContext) -> Result<Saying, String> {
        let Some(plan) = self.outreach.get(&context.outreach.uuid()) else {
            return Ok(Saying::Over("what it tells of is not there any more"));
        };
        if plan.canceled_at.is_some() {
            return Ok(Saying::Over("the plan was called off"));
        }
        let contact = self
            .contacts
            .get(&plan.contact_id)
            .ok_or("its contact is not there")?;
        let name = |user: Uuid| self.users.get(&user).map(|user| user.name.clone());
        Ok(Saying::Content(Box::new(Content::OutreachPlanned(
            OutreachPlannedContent {
                outreach: plan.id.into(),
                account: self.account(plan.account_id)?,
                contact: ContactNote {
                    id: contact.id.into(),
                    name: contact.name.clone(),
                    title: contact.title.clone(),
                },
                kind: word("kind", &plan.kind)?,
                purpose: word("purpose", &plan.purpose)?,
                planned_for: instant(plan.planned_for),
                subject: plan.subject.clone(),
                planned_by: plan.planned_by.and_then(name),
                coordinated_with: colleagues(plan)
                    .into_iter()
                    .filter_map(|user| name(user.uuid()))
                    .collect(),
            },
        ))))
    }

    /// The mail of a departure, where the picture of who could follow was drawn and the alert is not resolved.
    fn say_departure(&self, row: &Claimed, context: &EscalationContext) -> Option<DepartureNotice> {
        let found = self
            .alerts
            .get(&row.alert?.uuid())
            .filter(|found| found.status != AlertStatus::Resolved.as_str())?;
        let known = succession_of(found)?;
        let names = known.people().into_iter().filter_map(|id| {
            let found = self.contacts.get(&id.uuid())?;
            Some((
                id,
                PersonName {
                    name: found.name.clone(),
                    title: found.title.clone(),
                },
            ))
        });
        let others = self
            .others
            .get(&found.account_id?)
            .into_iter()
            .flatten()
            .filter(|other| other.id != found.id);
        let mut alerts: Vec<(Severity, String)> = others
            .filter_map(|other| Some((other.severity.parse().ok()?, other.message.clone())))
            .collect();
        alerts.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
        let account = self.account(found.account_id?).ok()?;
        // What was told of somebody else's departure, or of one that is taken back since, says nothing about this one.
        let change = self
            .departures
            .get(&known.picture.departed.uuid())
            .filter(|change| known.source.is_some() && change.account_id == account.id.uuid());
        Some(DepartureNotice::new(&DepartureFacts {
            alert: found.id.into(),
            account,
            picture: &known.picture,
            names: &names.collect(),
            source: known.source,
            recorded_by: change
                .and_then(|change| self.users.get(&change.recorded_by?))
                .map(|user| user.name.as_str()),
            summary: change.map(|change| change.summary.as_str()),
            arr: known.stakes.arr(),
            renewal_on: known.stakes.renewal_on,
            standing: known.standing.as_ref(),
            overall: known.overall,
            pattern: known.pattern,
            alerts: &alerts,
            day: day_of(row.queued_at, self.zone),
            told: context
                .told
                .iter()
                .map(|address| address.expose().to_owned())
                .collect(),
        }))
    }

    /// A digest with the names of contacts and the words of alerts as they are now; whoever is gone has none.
    fn say_digest(&self, digest: &Digest) -> Saying {
        let name = |id: ContactId| {
            self.contacts.get(&id.uuid()).map(|found| PersonName {
                name: found.name.clone(),
                title: found.title.clone(),
            })
        };
        let message = |id: AlertId| self.alerts.get(&id.uuid()).map(|found| found.message.clone());
        Saying::Content(Box::new(Content::WeeklyDigest(Box::new(
            digest.with_names(name, message),
        ))))
    }

    fn account(&self, id: Uuid) -> Result<NamedAccount, String> {
        let found = self.accounts.get(&id).ok_or("its account is not there")?;
        Ok(NamedAccount {
            id: found.id.into(),
            external_id: found.external_id.clone(),
            name: found.name.clone(),
        })
    }
}

fn by_id<T>(rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> HashMap<Uuid, T> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

/// The alerts that a message tells of: those that were joined, or the one of its row.
fn alerts_of(row: &Claimed) -> Vec<AlertId> {
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
fn succession_of(found: &alert::Model) -> Option<Succession> {
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
fn colleagues(plan: &outreach::Model) -> Vec<UserId> {
    let ids: Vec<String> = serde_json::from_str(&plan.coordinated_with).unwrap_or_default();
    ids.iter()
        .filter_map(|id| {
            id.parse::<UserId>()
                .ok()
                .or_else(|| id.parse::<Uuid>().ok().map(Into::into))
        })
        .collect()
}

fn word<T: FromStr>(what: &str, text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("this binary does not know the {what} {text:?}"))
}
