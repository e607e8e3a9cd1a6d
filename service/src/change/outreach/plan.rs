//! Plans to reach out to a contact: what speaks against it is refused, and the team is told.

use std::collections::HashMap;

use engagement::guardrail::outreach::{OpenPlan, OutreachPlan, Refusal, check_outreach};
use engagement::id::UserId;
use engagement::vocabulary::{ContactRole, ContactStatus, InteractionKind, OutreachStatus};
use entity::{app_user, contact as contact_table, outreach};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::list::expect;
use super::model::{NewOutreach, Outreach, TABLE, message_key, record};
use crate::access::rights::{Action, require};
use crate::access::{Access, idempotency};
use crate::alert::recipients::Directories;
use crate::clock::{Moment, instant};
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::outbox::{NewMessage, OutboxContext, OutreachPlannedContext, enqueue};
use crate::record::contact::{self, Contact, has_role};
use crate::record::{account, spoken, user};
use crate::settings::Settings;
use crate::sql::dialect::id_in;
use crate::sql::stored::parse;

/// Plans to reach out to a contact; the account's team is told.
///
/// # Errors
/// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`]; [`ServiceError::BadInput`] for a time that is not to come, a kind
/// that nobody reaches out by, and a contact who has left; [`ServiceError::Guardrail`] for what must not be done to an
/// executive, and for one whom somebody else reaches for at the same time; [`ServiceError::Conflict`] for a key that was used
/// for another plan.
pub async fn plan(
    db: &Db,
    access: &Access,
    settings: &Settings,
    moment: Moment,
    new: NewOutreach,
) -> Result<Outreach, ServiceError> {
    db.write_tx(async |tx| {
        // First of all: what is asked for again is not judged again.
        if let Some(made) = idempotency::done_before(tx, access, Action::PlanOutreach, moment.now).await? {
            return expect(tx, access, made).await;
        }
        let subject = spoken::line("subject", &new.subject)?;
        check(&new, moment)?;
        let contact = contact::expect(tx, access, "contactId", new.contact).await?;
        // Held, so that of two who plan at the same moment the second finds the first one's plan.
        account::hold(tx, access, "contactId", contact.account_id).await?;
        require(access, Action::PlanOutreach)?;
        let planner = access.user().ok_or_else(|| {
            ServiceError::Forbidden("a plan is somebody's: the system makes none".to_owned())
        })?;
        if contact.status == ContactStatus::Departed
            && contact
                .departed_on
                .is_none_or(|day| day <= settings.day_of(new.planned_for))
        {
            let when = contact
                .departed_on
                .map_or_else(String::new, |day| format!(" on {day}"));
            return Err(ServiceError::bad_input(
                "contactId",
                format!("{} left{when}", contact.name),
            ));
        }
        for member in &new.coordinated_with {
            user::expect(tx, access, "coordinatedWith", *member).await?;
        }
        let plan = OutreachPlan {
            contact: contact.id,
            executive: is_executive(tx, moment, &contact).await?,
            purpose: new.purpose,
            planned_on: settings.day_of(new.planned_for),
            planned_by: planner,
            coordinated_with: &new.coordinated_with,
        };
        check_outreach(
            &plan,
            &open_plans(tx, settings, &contact).await?,
            &settings.policy,
        )
        .map_err(refusal)?;
        let made = Outreach {
            id: new_id(moment.now).into(),
            account_id: contact.account_id,
            contact_id: contact.id,
            kind: new.kind,
            purpose: new.purpose,
            planned_for: crate::clock::truncate(new.planned_for),
            subject,
            planned_by: Some(planner),
            coordinated_with: new.coordinated_with.clone(),
            status: OutreachStatus::Planned,
            created_at: moment.now,
            canceled_at: None,
            canceled_by: None,
        };
        insert(tx, &made).await?;
        tell_team(tx, settings, moment, &made).await?;
        record(
            tx,
            access,
            moment,
            Action::PlanOutreach,
            &made,
            (None, Some(made.values())),
        )
        .await?;
        idempotency::note(tx, access, Action::PlanOutreach, &made.id).await?;
        Ok(made)
    })
    .await
}

fn check(new: &NewOutreach, moment: Moment) -> Result<(), ServiceError> {
    if new.planned_for <= moment.now {
        return Err(ServiceError::bad_input(
            "plannedFor",
            format!(
                "{} is not in the future",
                new.planned_for.format("%Y-%m-%dT%H:%M:%SZ")
            ),
        ));
    }
    if !(matches!(new.kind, InteractionKind::Email | InteractionKind::Call) || new.kind.is_meeting()) {
        let message = format!("{} is no outreach: plan an EMAIL, a CALL or a meeting", new.kind);
        return Err(ServiceError::bad_input("kind", message));
    }
    Ok(())
}

fn refusal(refusal: Refusal) -> ServiceError {
    ServiceError::Guardrail {
        rule: refusal.rule,
        message: refusal.message,
        other: refusal.other,
    }
}

/// Whether the contact is an executive today (docs/scoring.md § 2): by their level, or because they sponsor us.
async fn is_executive(tx: &Tx, moment: Moment, contact: &Contact) -> Result<bool, ServiceError> {
    let found = contact_table::Entity::find()
        .filter(contact_table::Column::AccountId.eq(contact.account_id.uuid()))
        .filter(contact_table::Column::Id.eq(contact.id.uuid()))
        .filter(has_role(&[ContactRole::Executive], moment.today))
        .count(tx)
        .await
        .during("asking whether a contact is an executive")?;
    Ok(found > 0)
}

/// The plans for a contact that were not called off. One whose maker is gone asks for no coordination.
async fn open_plans(tx: &Tx, settings: &Settings, contact: &Contact) -> Result<Vec<OpenPlan>, ServiceError> {
    use outreach::Column;
    let operation = "reading the plans for a contact";
    let rows = outreach::Entity::find()
        .filter(Column::AccountId.eq(contact.account_id.uuid()))
        .filter(Column::ContactId.eq(contact.id.uuid()))
        .filter(Column::Status.eq(OutreachStatus::Planned.as_str()))
        .all(tx)
        .await
        .during(operation)?;
    let planners = rows.iter().filter_map(|row| row.planned_by);
    let names: HashMap<Uuid, String> = app_user::Entity::find()
        .select_only()
        .columns([app_user::Column::Id, app_user::Column::Name])
        .filter(id_in(tx.get_database_backend(), app_user::Column::Id, planners))
        .into_tuple::<(Uuid, String)>()
        .all(tx)
        .await
        .during(operation)?
        .into_iter()
        .collect();
    let mut plans = Vec::new();
    for row in rows {
        let Some((planner, name)) = row
            .planned_by
            .and_then(|planner| Some((planner, names.get(&planner)?)))
        else {
            continue;
        };
        plans.push(OpenPlan {
            id: row.id.into(),
            contact: contact.id,
            kind: parse(TABLE, "kind", &row.kind)?,
            planned_on: settings.day_of(instant(row.planned_for)),
            planned_by: planner.into(),
            planned_by_name: name.clone(),
        });
    }
    Ok(plans)
}

async fn insert(tx: &Tx, plan: &Outreach) -> Result<(), ServiceError> {
    let row = outreach::ActiveModel {
        account_id: Set(plan.account_id.uuid()),
        id: Set(plan.id.uuid()),
        contact_id: Set(plan.contact_id.uuid()),
        kind: Set(plan.kind.as_str().to_owned()),
        purpose: Set(plan.purpose.as_str().to_owned()),
        planned_for: Set(plan.planned_for.timestamp_micros()),
        subject: Set(plan.subject.clone()),
        planned_by: Set(plan.planned_by.map(UserId::uuid)),
        coordinated_with: Set(json!(plan.coordinated_with).to_string()),
        status: Set(plan.status.as_str().to_owned()),
        created_at: Set(plan.created_at.timestamp_micros()),
        canceled_at: Set(None),
        canceled_by: Set(None),
    };
    outreach::Entity::insert(row)
        .exec_without_returning(tx)
        .await
        .map(drop)
        .during("writing a plan")
}

/// Everybody in the account's team hears of a plan, whoever made it included: it is how they know that it stands.
async fn tell_team(
    tx: &Tx,
    settings: &Settings,
    moment: Moment,
    plan: &Outreach,
) -> Result<(), ServiceError> {
    let directories = Directories::read(tx, settings, &[plan.account_id]).await?;
    let members = directories
        .of(Some(plan.account_id))
        .team
        .iter()
        .filter(|member| member.reachable);
    let messages = members.map(|member| NewMessage {
        natural_key: format!("{}{}", message_key(plan.id), member.email.expose()),
        recipient: member.email.clone(),
        user: directories.user(&member.email),
        account: Some(plan.account_id),
        alert: None,
        context: OutboxContext::OutreachPlanned(OutreachPlannedContext { outreach: plan.id }),
        due_at: None,
    });
    enqueue(tx, moment.now, messages.collect()).await.map(drop)
}
