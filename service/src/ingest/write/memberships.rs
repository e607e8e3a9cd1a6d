//! Memberships that go with a removed user or account: the database removes them by itself, so they are read before, and each has
//! its entry in the audit log as if its own row had been removed.

use engagement::id::{AccountId, UserId};
use engagement::vocabulary::AuditTarget;
use entity::{app_user, team_member};
use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::context::Context;
use super::merged::MergedRow;
use crate::access::audit::{self, Change, values};
use crate::access::rights::Action;
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::ingest::summary::RowOutcome;
use crate::ingest::target::column::Spec;
use crate::ingest::target::file::Target;
use crate::sql::dialect::id_in;

/// The memberships of the users or accounts that a batch is about to remove; nobody adds to them any more.
pub(super) async fn of_removed(
    tx: &Tx,
    spec: &Spec,
    rows: &[MergedRow],
) -> Result<Vec<team_member::Model>, ServiceError> {
    let of = match spec.target {
        Target::Users => team_member::Column::UserId,
        Target::Accounts => team_member::Column::AccountId,
        _ => return Ok(Vec::new()),
    };
    let removed: Vec<Uuid> = rows
        .iter()
        .filter(|row| row.outcome == RowOutcome::Deleted)
        .filter_map(|row| row.id)
        .collect();
    if removed.is_empty() {
        return Ok(Vec::new());
    }
    let backend = tx.get_database_backend();
    if spec.target == Target::Users {
        // Whoever puts one of them into a team has done so or finds nobody; accounts are held already (`held`).
        app_user::Entity::find()
            .select_only()
            .column(app_user::Column::Id)
            .filter(id_in(backend, app_user::Column::Id, removed.iter().copied()))
            .order_by_asc(app_user::Column::Id)
            .lock(LockType::Update)
            .into_tuple::<Uuid>()
            .all(tx)
            .await
            .during("holding removed users")?;
    }
    team_member::Entity::find()
        .filter(id_in(backend, of, removed))
        .order_by_asc(team_member::Column::AccountId)
        .order_by_asc(team_member::Column::UserId)
        .all(tx)
        .await
        .during("reading the memberships of what is removed")
}

/// Writes their entries.
pub(super) async fn record(
    tx: &Tx,
    context: &Context<'_>,
    left: Vec<team_member::Model>,
) -> Result<(), ServiceError> {
    let change = |member: team_member::Model| {
        let (account, user) = (AccountId::from(member.account_id), UserId::from(member.user_id));
        let before = values([
            ("account_external_id", json!(account)),
            ("user_email", json!(user)),
            ("team_role", json!(member.team_role)),
        ]);
        Change {
            action: context.action.unwrap_or(Action::Import),
            target: AuditTarget::TeamMember,
            id: Some(member.user_id),
            account: Some(account),
            before: Some(before),
            after: None,
        }
    };
    audit::record(
        tx,
        context.access,
        context.now,
        left.into_iter().map(change).collect(),
    )
    .await
}
