//! Planned outreach: made and called off by hand, checked against the guardrails, told to the account's team.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use engagement::guardrail::outreach::{OpenPlan, OutreachPlan, Refusal, check_outreach};
use engagement::id::{AccountId, ContactId, OutreachId, UserId};
use engagement::vocabulary::{
    AuditTarget, ContactRole, ContactStatus, InteractionKind, MessageKind, OutreachStatus, Purpose,
};
use entity::{app_user, contact as contact_table, outreach};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, IntoColumnRef};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use crate::access::audit::{self, Change, Values, difference, values};
use crate::access::idempotency;
use crate::access::rights::{Action, require};
use crate::access::{Access, visible_accounts};
use crate::alert::recipients::Directories;
use crate::clock::{Moment, instant};
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::outbox::{NewMessage, OutboxContext, OutreachPlannedContext, cancel as cancel_messages, enqueue};
use crate::record::account;
use crate::record::contact::{self, Contact, has_role};
use crate::record::pages_by_account::{self, List};
use crate::record::spoken;
use crate::record::user;
use crate::settings::Settings;
use crate::sql::dialect::id_in;
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place};
use crate::sql::stored::{parse, parse_json};

const TABLE: &str = "outreach";

/// A planned outreach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outreach {
    /// Its id.
    pub id: OutreachId,
    /// Of which account.
    pub account_id: AccountId,
    /// To whom.
    pub contact_id: ContactId,
    /// What it is.
    pub kind: InteractionKind,
    /// What for.
    pub purpose: Purpose,
    /// When.
    pub planned_for: DateTime<Utc>,
    /// One line.
    pub subject: String,
    /// Whose plan it is; absent where they have been removed.
    pub planned_by: Option<UserId>,
    /// The members it was coordinated with.
    pub coordinated_with: Vec<UserId>,
    /// Whether it stands.
    pub status: OutreachStatus,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was called off.
    pub canceled_at: Option<DateTime<Utc>>,
    /// By whom.
    pub canceled_by: Option<UserId>,
}

/// A plan to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOutreach {
    /// To whom.
    pub contact: ContactId,
    /// What it is.
    pub kind: InteractionKind,
    /// What for.
    pub purpose: Purpose,
    /// When.
    pub planned_for: DateTime<Utc>,
    /// One line.
    pub subject: String,
    /// The members it was coordinated with.
    pub coordinated_with: Vec<UserId>,
}

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

/// What the messages about a plan have in common.
fn message_key(id: OutreachId) -> String {
    format!("{}:{id}:", MessageKind::OutreachPlanned)
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

/// Calls a plan off. What was not sent of it yet is not sent.
///
/// # Errors
/// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`]; [`ServiceError::Conflict`] for one that was called off already.
pub async fn cancel(
    db: &Db,
    access: &Access,
    moment: Moment,
    id: OutreachId,
) -> Result<Outreach, ServiceError> {
    use outreach::Column;
    db.write_tx(async |tx| {
        let found = expect(tx, access, id).await?;
        account::hold(tx, access, "outreachId", found.account_id).await?;
        require(access, Action::CancelOutreach)?;
        // Read again: somebody else may just have called it off.
        let before = expect(tx, access, id).await?;
        if before.status == OutreachStatus::Canceled {
            return Err(ServiceError::Conflict(
                "the plan was called off already".to_owned(),
            ));
        }
        let after = Outreach {
            status: OutreachStatus::Canceled,
            canceled_at: Some(moment.now),
            canceled_by: access.user(),
            ..before.clone()
        };
        outreach::Entity::update_many()
            .col_expr(Column::Status, Expr::value(after.status.as_str()))
            .col_expr(Column::CanceledAt, Expr::value(moment.now.timestamp_micros()))
            .col_expr(Column::CanceledBy, Expr::value(access.user().map(UserId::uuid)))
            .filter(Column::AccountId.eq(after.account_id.uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .exec(tx)
            .await
            .during("calling a plan off")?;
        cancel_messages(tx, moment.now, after.account_id, &message_key(id)).await?;
        let (old, new) = difference(&before.values(), &after.values());
        record(
            tx,
            access,
            moment,
            Action::CancelOutreach,
            &after,
            (Some(old), Some(new)),
        )
        .await?;
        Ok(after)
    })
    .await
}

async fn expect(tx: &Tx, access: &Access, id: OutreachId) -> Result<Outreach, ServiceError> {
    let row = outreach::Entity::find()
        .filter(outreach::Column::Id.eq(id.uuid()))
        .filter(visible_accounts(
            access,
            outreach::Column::AccountId.into_column_ref(),
        ))
        .one(tx)
        .await
        .during("looking for a plan")?;
    row.map_or_else(
        || Err(ServiceError::not_found("outreachId", "planned outreach")),
        from_row,
    )
}

async fn record(
    tx: &Tx,
    access: &Access,
    moment: Moment,
    action: Action,
    of: &Outreach,
    (before, after): (Option<Values>, Option<Values>),
) -> Result<(), ServiceError> {
    let change = Change {
        action,
        target: AuditTarget::Outreach,
        id: Some(of.id.uuid()),
        account: Some(of.account_id),
        before,
        after,
    };
    audit::record(tx, access, moment.now, vec![change]).await
}

impl Outreach {
    fn values(&self) -> Values {
        values([
            ("contact", json!(self.contact_id)),
            ("kind", json!(self.kind)),
            ("purpose", json!(self.purpose)),
            ("planned_for", json!(self.planned_for)),
            ("subject", json!(self.subject)),
            ("coordinated_with", json!(self.coordinated_with)),
            ("status", json!(self.status)),
        ])
    }
}

/// Plans by id; those that do not exist or may not be seen are absent.
///
/// # Errors
/// Those of the database.
pub async fn by_ids(
    db: &Db,
    access: &Access,
    ids: &[OutreachId],
) -> Result<HashMap<OutreachId, Outreach>, ServiceError> {
    let rows = outreach::Entity::find()
        .filter(id_in(
            db.backend(),
            outreach::Column::Id,
            ids.iter().map(|id| id.uuid()),
        ))
        .filter(visible_accounts(
            access,
            outreach::Column::AccountId.into_column_ref(),
        ))
        .all(db.read())
        .await
        .during("reading plans")?;
    rows.into_iter()
        .map(|row| from_row(row).map(|plan| (plan.id, plan)))
        .collect()
}

/// A page of the plans of each account, the latest first.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn pages_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    statuses: Option<&[OutreachStatus]>,
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<AccountId, Page<Outreach>>, ServiceError> {
    use outreach::{Column, Entity};
    let matching = statuses.map_or_else(Condition::all, |statuses| {
        Condition::all().add(Column::Status.is_in(statuses.iter().map(|status| status.as_str())))
    });
    let list = List::<Entity> {
        operation: "listing plans",
        account: Column::AccountId,
        matching,
        ordering: Ordering {
            key: Expr::col((Entity, Column::PlannedFor)),
            kind: KeyKind::Whole,
            descending: true,
            id: Expr::col((Entity, Column::Id)),
        },
    };
    pages_by_account::read(
        db,
        access,
        accounts,
        list,
        page,
        with_total,
        |row: outreach::Model, planned_for: i64| {
            Ok((
                Place {
                    key: Key::Whole(planned_for),
                    id: row.id,
                },
                from_row(row)?,
            ))
        },
    )
    .await
}

fn from_row(row: outreach::Model) -> Result<Outreach, ServiceError> {
    let coordinated: Vec<String> = parse_json(TABLE, "coordinated_with", &row.coordinated_with)?;
    Ok(Outreach {
        id: row.id.into(),
        account_id: row.account_id.into(),
        contact_id: row.contact_id.into(),
        kind: parse(TABLE, "kind", &row.kind)?,
        purpose: parse(TABLE, "purpose", &row.purpose)?,
        planned_for: instant(row.planned_for),
        subject: row.subject,
        planned_by: row.planned_by.map(Into::into),
        coordinated_with: coordinated
            .iter()
            .map(|id| parse(TABLE, "coordinated_with", id))
            .collect::<Result<_, _>>()?,
        status: parse(TABLE, "status", &row.status)?,
        created_at: instant(row.created_at),
        canceled_at: row.canceled_at.map(instant),
        canceled_by: row.canceled_by.map(Into::into),
    })
}
