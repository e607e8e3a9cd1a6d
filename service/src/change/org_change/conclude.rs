//! What follows from a change that was recorded or reviewed.

use engagement::alert::{AlertRule, Subject};
use engagement::id::{AccountId, AlertId, ContactId, MessageId, OrgChangeId, UserId};
use engagement::vocabulary::{Certainty, OrgChangeKind};
use entity::org_change;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::list::expect;
use super::model::{Consequences, OrgChange};
use crate::access::audit::{self, Change};
use crate::access::{Access, idempotency};
use crate::alert::evaluation::RoundResult;
use crate::alert::joining;
use crate::alert::stored::{find, newest};
use crate::alert::within::follow_within;
use crate::change::departure;
use crate::clock::Moment;
use crate::db::Tx;
use crate::db::shared_clock::shared_now;
use crate::error::{During, ServiceError};
use crate::outbox;
use crate::scoring::touched;
use crate::settings::Settings;

/// Whoever says that somebody left has looked at the suspicions that they did.
pub(super) async fn settle_suspicions(
    tx: &Tx,
    access: &Access,
    moment: Moment,
    contact: ContactId,
    account: AccountId,
) -> Result<(), ServiceError> {
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

/// The rules that ask a person to look at a change.
const REVIEWS: &[AlertRule] = &[
    AlertRule::OrgChangeUnreviewed,
    AlertRule::SponsorDepartureSuspected,
];

/// These, and the rule about departures.
const REVIEWED_DEPARTURE: &[AlertRule] = &[
    AlertRule::OrgChangeUnreviewed,
    AlertRule::SponsorDepartureSuspected,
    AlertRule::SponsorDeparted,
];

/// Lets the departure and the alerts follow, notes the account, and writes the log.
pub(super) async fn conclude(
    tx: &Tx,
    access: &Access,
    settings: &Settings,
    moment: Moment,
    change: OrgChange,
    log: Change,
) -> Result<Consequences, ServiceError> {
    let account = change.account_id;
    let departure_of = change
        .contact_id
        .filter(|_| change.kind == OrgChangeKind::Departure);
    let mut concerned = match departure_of {
        Some(contact) => {
            departure::bring_up_to_date(tx, settings, moment, &[(account.uuid(), contact.uuid())]).await?
        }
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
    let RoundResult {
        messages, mut told, ..
    } = follow_within(tx, settings, moment, &concerned, rules).await?;
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
    let escalated_to = alert
        .as_ref()
        .and_then(|alert| told.remove(&alert.id))
        .unwrap_or_default();
    let done = Consequences {
        change,
        alert,
        escalated_to,
    };
    if access.once().is_some() {
        idempotency::note(tx, access, action, &Done::of(tx, moment, &done).await?).await?;
    }
    Ok(done)
}

/// What recording or reviewing a change led to, by ids: whom it was escalated to say the messages.
#[derive(Serialize, Deserialize)]
pub(super) struct Done {
    change: OrgChangeId,
    alert: Option<AlertId>,
    messages: Vec<MessageId>,
}

impl Done {
    async fn of(tx: &Tx, moment: Moment, done: &Consequences) -> Result<Self, ServiceError> {
        let alert = done.alert.as_ref().map(|alert| alert.id);
        let messages = match alert {
            Some(alert) => {
                outbox::telling(tx, alert, &done.escalated_to, shared_now(tx, moment.now).await?).await?
            }
            None => Vec::new(),
        };
        Ok(Self {
            change: done.change.id,
            alert,
            messages,
        })
    }
}

/// The same answer again, as its rows stand now.
pub(super) async fn told_before(tx: &Tx, access: &Access, done: Done) -> Result<Consequences, ServiceError> {
    let change = expect(tx, access, done.change).await?;
    let alert = match done.alert {
        Some(alert) => find(tx, alert).await?,
        None => None,
    };
    Ok(Consequences {
        change,
        alert,
        escalated_to: outbox::recipients_of(tx, &done.messages).await?,
    })
}

pub(super) fn is_confirmed_departure(change: &OrgChange) -> bool {
    change.kind == OrgChangeKind::Departure && change.certainty == Certainty::Confirmed
}
