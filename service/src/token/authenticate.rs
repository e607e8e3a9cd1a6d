//! Who comes with a token.

use std::time::Duration;

use chrono::TimeDelta;
use entity::{api_token, app_user};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect};

use super::secret::is_well_formed;
use crate::access::{Access, hash};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::sql::stored::parse;

/// How old `last_used_at` may be: a write per request would make every query a write.
const LAST_USED_STEP: TimeDelta = TimeDelta::minutes(5);

/// How long a request waits to note that its token was used; then it goes on without.
const LAST_USED_PATIENCE: Duration = Duration::from_millis(250);

/// Who a bearer token stands for; nobody when it is unknown, expired or revoked.
///
/// # Errors
/// Those of the database.
pub async fn authenticate(db: &Db, clock: &Clock, secret: &str) -> Result<Option<Access>, ServiceError> {
    if !is_well_formed(secret) {
        return Ok(None);
    }
    let now = clock.now().timestamp_micros();
    let alive = Condition::all()
        .add(api_token::Column::TokenHash.eq(hash(secret)))
        .add(api_token::Column::RevokedAt.is_null())
        .add(
            Condition::any()
                .add(api_token::Column::ExpiresAt.is_null())
                .add(api_token::Column::ExpiresAt.gt(now)),
        );
    let owner = api_token::Entity::find()
        .select_only()
        .column(api_token::Column::Id)
        .column(api_token::Column::LastUsedAt)
        .column(api_token::Column::UserId)
        .column(app_user::Column::Role)
        .join(
            JoinType::InnerJoin,
            api_token::Entity::belongs_to(app_user::Entity)
                .from(api_token::Column::UserId)
                .to(app_user::Column::Id)
                .into(),
        )
        .filter(alive)
        .into_tuple::<(uuid::Uuid, Option<i64>, uuid::Uuid, String)>()
        .one(db.read())
        .await
        .during("looking up a token")?;
    let Some((token, last_used_at, user, role)) = owner else {
        return Ok(None);
    };
    let stale = now - LAST_USED_STEP.num_microseconds().unwrap_or(0);
    if last_used_at.is_none_or(|at| at < stale) {
        note_use(db, token, now).await;
    }
    Ok(Some(Access::by_token(
        user.into(),
        parse("app_user", "role", &role)?,
        token.into(),
    )))
}

/// Notes that a token was used. Knowing when is worth less than answering: a busy or read-only database changes nothing.
async fn note_use(db: &Db, token: uuid::Uuid, now: i64) {
    let write = db.write_tx(async |tx| {
        api_token::Entity::update_many()
            .col_expr(api_token::Column::LastUsedAt, Expr::value(now))
            .filter(api_token::Column::Id.eq(token))
            .exec(tx)
            .await
            .during("noting a token's use")
    });
    match tokio::time::timeout(LAST_USED_PATIENCE, write).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a token's use was not noted"),
        Err(_) => tracing::debug!("a token's use was not noted: the database is busy"),
    }
}
