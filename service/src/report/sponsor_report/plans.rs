//! What is planned with a batch of accounts: interactions that are SCHEDULED, and outreach that somebody has announced.

use std::collections::HashMap;

use engagement::id::{AccountId, InteractionId};
use engagement::report::sponsor::{PlannedOutreach, Scheduled};
use engagement::vocabulary::InteractionStatus;
use engagement::windows::Windows;
use entity::{app_user, interaction, outreach};
use sea_orm::sea_query::IntoColumnRef;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::clock::instant;
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::record::interaction::participants_of;
use crate::sql::dialect::id_in;
use crate::sql::stored::{parse, parse_optional};

/// The status of outreach that has not been called off.
const PLANNED: &str = "PLANNED";

/// What is planned with one account.
#[derive(Debug, Default)]
pub(super) struct Plans {
    pub(super) scheduled: Vec<Scheduled>,
    pub(super) outreach: Vec<PlannedOutreach>,
}

/// Everything planned from the instant of the report on.
pub(super) async fn read(
    db: &Db,
    access: &Access,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Plans>, ServiceError> {
    let from = windows.at.timestamp_micros();
    let batch = || accounts.iter().map(|id| id.uuid());
    let interactions = interaction::Entity::find()
        .filter(id_in(db.backend(), interaction::Column::AccountId, batch()))
        .filter(visible_accounts(
            access,
            interaction::Column::AccountId.into_column_ref(),
        ))
        .filter(interaction::Column::OccurredAt.gte(from))
        .filter(interaction::Column::Status.eq(InteractionStatus::Scheduled.as_str()))
        .all(db.read())
        .await
        .during("reading what is scheduled")?;
    let outreaches = outreach::Entity::find()
        .filter(id_in(db.backend(), outreach::Column::AccountId, batch()))
        .filter(visible_accounts(
            access,
            outreach::Column::AccountId.into_column_ref(),
        ))
        .filter(outreach::Column::PlannedFor.gte(from))
        .filter(outreach::Column::Status.eq(PLANNED))
        .all(db.read())
        .await
        .during("reading planned outreach")?;
    let of: Vec<(AccountId, InteractionId)> = interactions
        .iter()
        .map(|row| (row.account_id.into(), row.id.into()))
        .collect();
    let mut people = participants_of(db, access, &of).await?;
    let ours = interactions
        .iter()
        .filter_map(|row| row.owner_id)
        .chain(outreaches.iter().filter_map(|row| row.planned_by));
    let names = names(db, ours).await?;
    let name = |id: Option<Uuid>| id.and_then(|id| names.get(&id).cloned());

    let mut plans: HashMap<AccountId, Plans> = HashMap::new();
    for row in interactions {
        let contacts = people.remove(&row.id.into()).unwrap_or_default();
        plans
            .entry(row.account_id.into())
            .or_default()
            .scheduled
            .push(Scheduled {
                kind: parse("interaction", "kind", &row.kind)?,
                at: instant(row.occurred_at),
                subject: row.subject,
                purpose: parse_optional("interaction", "purpose", row.purpose.as_deref())?,
                contacts: contacts
                    .into_iter()
                    .map(|participant| participant.contact_id)
                    .collect(),
                owner: name(row.owner_id),
            });
    }
    for row in outreaches {
        plans
            .entry(row.account_id.into())
            .or_default()
            .outreach
            .push(PlannedOutreach {
                contact: row.contact_id.into(),
                kind: parse("outreach", "kind", &row.kind)?,
                purpose: parse("outreach", "purpose", &row.purpose)?,
                at: instant(row.planned_for),
                subject: row.subject,
                planned_by: name(row.planned_by),
            });
    }
    Ok(plans)
}

/// Names of users who plan something with an account that may be seen.
async fn names(db: &Db, users: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, String>, ServiceError> {
    use app_user::Column;
    let names: Vec<(Uuid, String)> = app_user::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(id_in(db.backend(), Column::Id, users))
        .into_tuple()
        .all(db.read())
        .await
        .during("reading who plans what")?;
    Ok(names.into_iter().collect())
}
