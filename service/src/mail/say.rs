//! Says what messages say, from the rows that they speak of.

use std::collections::HashMap;
use std::str::FromStr;

use chrono_tz::Tz;
use engagement::id::{AlertId, ContactId, MessageId};
use engagement::report::digest::{Digest, NamedAccount, PersonName};
use engagement::report::escalation::{DepartureFacts, DepartureNotice, next_step, waiting};
use engagement::vocabulary::{AlertStatus, Severity, SubjectKind};
use engagement::windows::day_of;
use entity::alert;
use uuid::Uuid;

use super::content::{
    AlertContent, AlertNote, Audience, ContactNote, Content, OutreachPlannedContent, Saying,
};
use super::rows::{Rows, alerts_of, colleagues, succession_of};
use crate::clock::instant;
use crate::db::Db;
use crate::error::ServiceError;
use crate::outbox::{Claimed, EscalationContext, OutboxContext, OutreachPlannedContext};

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

impl Rows {
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

fn word<T: FromStr>(what: &str, text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("this binary does not know the {what} {text:?}"))
}
