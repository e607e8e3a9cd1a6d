//! Revokes tokens, each with the tokens that were made with it, in one transaction.

use chrono::{DateTime, Utc};
use engagement::id::{TokenId, UserId};
use engagement::vocabulary::AuditTarget;
use entity::api_token;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement};

use super::list::seen;
use super::model::{Token, from_row};
use crate::access::Access;
use crate::access::audit::{self, Change, Values, difference};
use crate::access::rights::{Action, require_for};
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::record::user;
use crate::sql::dialect::id_in;

/// Revokes a token, and every token that came of it. One that is revoked already stays as it is.
///
/// # Errors
/// [`ServiceError::NotFound`] for a token that is not there or not the asker's to see.
pub async fn revoke(db: &Db, clock: &Clock, access: &Access, id: TokenId) -> Result<Token, ServiceError> {
    let now = clock.now();
    db.write_tx(async |tx| {
        let row = api_token::Entity::find_by_id(id.uuid())
            .filter(seen(access))
            .one(tx)
            .await
            .during("looking for a token")?;
        let token = from_row(row.ok_or_else(|| ServiceError::not_found("tokenId", "token"))?);
        require_for(access, Action::RevokeApiToken, token.user_id)?;
        let ended = end(tx, access, now, Action::RevokeApiToken, "id = $1", id.uuid()).await?;
        Ok(ended.into_iter().find(|ended| ended.id == id).unwrap_or(token))
    })
    .await
}

/// Revokes every token of a user, and every token that came of one of them; the tokens that it ended.
///
/// # Errors
/// [`ServiceError::NotFound`] for a user who is not there or not to be seen; [`ServiceError::Forbidden`] for another's.
pub async fn revoke_all(
    db: &Db,
    clock: &Clock,
    access: &Access,
    user: UserId,
) -> Result<Vec<Token>, ServiceError> {
    let now = clock.now();
    db.write_tx(async |tx| {
        let owner = user::expect(tx, access, "userId", user).await?;
        require_for(access, Action::RevokeApiTokens, owner.id)?;
        end(
            tx,
            access,
            now,
            Action::RevokeApiTokens,
            "user_id = $1",
            user.uuid(),
        )
        .await
    })
    .await
}

/// Ends the living tokens of a family: those that meet a condition ($1), and whatever came of tokens that do.
///
/// Looks again until there are none: while it waited for a token with which somebody was making one, that one came to be
/// ([`super::create::hold_living`]). What is ended can make no more.
pub(super) async fn end(
    tx: &Tx,
    access: &Access,
    now: DateTime<Utc>,
    action: Action,
    roots: &'static str,
    parameter: uuid::Uuid,
) -> Result<Vec<Token>, ServiceError> {
    let operation = "revoking tokens";
    let backend = tx.get_database_backend();
    let family = format!(
        "WITH RECURSIVE family (id, revoked_at) AS (
            SELECT id, revoked_at FROM api_token WHERE {roots}
            UNION SELECT t.id, t.revoked_at FROM api_token t JOIN family f ON t.parent_id = f.id)
         SELECT id FROM family WHERE revoked_at IS NULL"
    );
    let mut all = Vec::new();
    loop {
        let rows = tx
            .query_all_raw(Statement::from_sql_and_values(
                backend,
                family.as_str(),
                [parameter.into()],
            ))
            .await
            .during(operation)?;
        if rows.is_empty() {
            return Ok(all);
        }
        let ids: Vec<uuid::Uuid> = rows
            .iter()
            .map(|row| row.try_get_by_index(0))
            .collect::<Result<_, _>>()
            .during(operation)?;
        let living = api_token::Entity::find()
            .filter(id_in(backend, api_token::Column::Id, ids))
            .filter(api_token::Column::RevokedAt.is_null())
            .order_by_asc(api_token::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(tx)
            .await
            .during(operation)?;
        let before: Vec<Token> = living.into_iter().map(from_row).collect();
        api_token::Entity::update_many()
            .col_expr(api_token::Column::RevokedAt, Expr::value(now.timestamp_micros()))
            .filter(id_in(
                backend,
                api_token::Column::Id,
                before.iter().map(|token| token.id.uuid()),
            ))
            .exec(tx)
            .await
            .during(operation)?;
        let mut changes = Vec::with_capacity(before.len());
        for before in before {
            let after = Token {
                revoked_at: Some(now),
                ..before.clone()
            };
            let (old, new) = difference(&before.values(), &after.values());
            changes.push((after.clone(), Some(old), Some(new)));
            all.push(after);
        }
        record(tx, access, now, action, changes).await?;
    }
}

pub(super) async fn record(
    tx: &Tx,
    access: &Access,
    now: DateTime<Utc>,
    action: Action,
    changes: Vec<(Token, Option<Values>, Option<Values>)>,
) -> Result<(), ServiceError> {
    let changes = changes.into_iter().map(|(token, before, after)| Change {
        action,
        target: AuditTarget::Token,
        id: Some(token.id.uuid()),
        account: None,
        before,
        after,
    });
    audit::record(tx, access, now, changes.collect()).await
}
