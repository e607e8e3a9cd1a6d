//! What messages can tell of: an account with a contact, an alert about it and a plan to reach out to them, written past
//! everything that would decide about them. And messages that tell of these.

use chrono::{DateTime, Utc};
use engagement::id::{AlertId, OutreachId};
use entity::{account, alert, contact, outreach};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait};
use service::db::Db;
use service::outbox::{EscalationContext, NewMessage, OutboxContext, OutreachPlannedContext};
use uuid::Uuid;

/// The account: Harlan & Voss, `harlan & voss/7`.
pub const ACCOUNT: Uuid = Uuid::from_u128(1);
/// The alert, CRITICAL.
pub const ALERT: Uuid = Uuid::from_u128(2);
/// The plan, for a week later.
pub const OUTREACH: Uuid = Uuid::from_u128(3);
/// The contact: Dana Whitfield.
pub const CONTACT: Uuid = Uuid::from_u128(4);

/// Writes them, unless they are there.
///
/// # Panics
/// When the database does not take them.
pub async fn plant(db: &Db, now: DateTime<Utc>) {
    if account::Entity::find_by_id(ACCOUNT)
        .one(db.read())
        .await
        .expect("accounts")
        .is_some()
    {
        return;
    }
    let at = now.timestamp_micros();
    db.write_tx(async |tx| {
        let written = async {
            account::ActiveModel {
                id: Set(ACCOUNT),
                external_id: Set("harlan & voss/7".to_owned()),
                name: Set("Harlan & Voss".to_owned()),
                tier: Set("ENTERPRISE".to_owned()),
                status: Set("ACTIVE".to_owned()),
                created_at: Set(at),
                updated_at: Set(at),
                ..Default::default()
            }
            .insert(tx)
            .await?;
            contact::ActiveModel {
                account_id: Set(ACCOUNT),
                id: Set(CONTACT),
                external_id: Set("dana".to_owned()),
                name: Set("Dana Whitfield".to_owned()),
                title: Set(Some("Chief Operating Officer".to_owned())),
                status: Set("ACTIVE".to_owned()),
                ..Default::default()
            }
            .insert(tx)
            .await?;
            outreach::ActiveModel {
                account_id: Set(ACCOUNT),
                id: Set(OUTREACH),
                contact_id: Set(CONTACT),
                kind: Set("STRATEGIC_CHECK_IN".to_owned()),
                purpose: Set("STRATEGIC".to_owned()),
                planned_for: Set(at + 7 * 86_400_000_000),
                subject: Set("Roadmap preview: second half".to_owned()),
                status: Set("PLANNED".to_owned()),
                created_at: Set(at),
                ..Default::default()
            }
            .insert(tx)
            .await?;
            let row = alert::ActiveModel {
                id: Set(ALERT),
                account_id: Set(Some(ACCOUNT)),
                rule: Set("signal.sponsor_missing".to_owned()),
                subject_kind: Set("NONE".to_owned()),
                subject: Set(String::new()),
                severity: Set("CRITICAL".to_owned()),
                status: Set("OPEN".to_owned()),
                baseline: Set(false),
                message: Set("The primary sponsor has not been in contact for 98 days; the limit for the tier is 60.8.".to_owned()),
                opened_at: Set(at),
                last_seen_on: Set(now.date_naive()),
                cleared_since: Set(false),
                ..Default::default()
            };
            alert::Entity::insert(row).exec_without_returning(tx).await
        };
        written.await.expect("the rows are written");
        Ok(())
    })
    .await
    .expect("the rows are written");
}

/// A message to somebody.
///
/// # Panics
/// When that is no address.
pub fn message(natural_key: &str, to: &str, context: OutboxContext, due_at: DateTime<Utc>) -> NewMessage {
    let alert = matches!(
        context,
        OutboxContext::Alert(_) | OutboxContext::SponsorDeparted(_)
    )
    .then_some(AlertId::from(ALERT));
    NewMessage {
        natural_key: natural_key.to_owned(),
        recipient: to.parse().expect("an address"),
        user: None,
        account: None,
        alert,
        context,
        due_at: Some(due_at),
    }
}

/// Tells of the alert.
pub fn of_alert() -> OutboxContext {
    OutboxContext::Alert(EscalationContext {
        rung: Some(1),
        ..EscalationContext::default()
    })
}

/// Tells of the plan.
pub fn of_outreach() -> OutboxContext {
    OutboxContext::OutreachPlanned(OutreachPlannedContext {
        outreach: OutreachId::from(OUTREACH),
    })
}
