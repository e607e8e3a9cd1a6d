//! Bearer tokens: shown once, kept as their SHA-256 (they are random enough to need no more), found by it.
//!
//! A token that was made with a token is that one's child and ends with it, and so do its own children: it may not be made
//! to last longer, whoever revokes a token revokes what came of it in the same transaction, and a removed user takes theirs
//! along. So whether a token is good stands in its own row.

mod secret;

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::{TokenId, UserId};
use engagement::vocabulary::AuditTarget;
use entity::{api_token, app_user};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, Iterable, JoinType, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};
use serde_json::json;

use crate::access::Access;
use crate::audit::{self, Change, Values, difference, values};
use crate::clock::{Clock, instant};
use crate::db::{Db, Tx};
use crate::dialect::id_in;
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::page::{Key, KeyKind, Ordering, Page, PageRequest, Place};
use crate::pages_by_account::{self, Rows};
use crate::rights::{Action, Right, require_for, right_of};
use crate::stored::parse;
use crate::{idempotency, user};
pub(crate) use secret::hash;
pub use secret::is_well_formed;
use secret::new_secret;

/// How long a token lives unless somebody says otherwise.
pub const DEFAULT_LIFE: TimeDelta = TimeDelta::days(90);
/// How long a token may live.
pub const LONGEST_LIFE: TimeDelta = TimeDelta::days(365);
/// Longest name of a token, in characters.
const LONGEST_NAME: usize = 100;
/// How old `last_used_at` may be: a write per request would make every query a write.
const LAST_USED_STEP: TimeDelta = TimeDelta::minutes(5);
/// How long a request waits to note that its token was used; then it goes on without.
const LAST_USED_PATIENCE: Duration = Duration::from_millis(250);

/// A token as it is made: the only time its text exists outside its owner's hands.
#[derive(Clone)]
pub struct NewToken {
    /// Its id.
    pub id: TokenId,
    /// The bearer token.
    pub secret: String,
    /// All but the secret.
    pub token: Token,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewToken").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A token as its owner may see it again: all but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// Its last four characters.
    pub last4: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// From when on it is refused.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to within five minutes.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The token that it was made with; absent for one of the command line.
    pub parent: Option<TokenId>,
}

impl Token {
    fn values(&self) -> Values {
        let at = |at: Option<DateTime<Utc>>| json!(at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
        values([
            ("user_id", json!(self.user_id)),
            ("name", json!(self.name)),
            ("last4", json!(self.last4)),
            ("expires_at", at(self.expires_at)),
            ("revoked_at", at(self.revoked_at)),
            ("parent", json!(self.parent)),
        ])
    }
}

/// Makes a token for a user. The system's may last for ever; a user's lasts [`DEFAULT_LIFE`] unless said, at most
/// [`LONGEST_LIFE`], and no longer than the token that it is made with.
///
/// # Errors
/// [`ServiceError::NotFound`] for a user who is not there or not to be seen; [`ServiceError::Forbidden`] for another's, and
/// with a token that has just ended; [`ServiceError::BadInput`] for a name or a life that is too short or too long;
/// [`ServiceError::Conflict`] under a key that has made one already: its secret is shown once.
pub async fn create(
    db: &Db,
    clock: &Clock,
    access: &Access,
    user: UserId,
    name: &str,
    expires_at: Option<DateTime<Utc>>,
) -> Result<NewToken, ServiceError> {
    let now = clock.now();
    let name = name.trim();
    let secret = new_secret()?;
    let token = db
        .write_tx(async |tx| {
            if let Some(made) = idempotency::done_before(tx, access, Action::CreateApiToken, now).await? {
                return Err(made_before(tx, made).await?);
            }
            let owner = user::expect(tx, access, "userId", user).await?;
            require_for(access, Action::CreateApiToken, owner.id)?;
            if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
                return Err(ServiceError::bad_input("name", format!("a token has a name of 1 to {LONGEST_NAME} characters, on one line")));
            }
            let parent = match access.token() {
                Some(id) => Some(hold_living(tx, id, now).await?),
                None => None,
            };
            let row = api_token::ActiveModel {
                id: Set(new_id(now)),
                user_id: Set(user.uuid()),
                name: Set(name.to_owned()),
                token_hash: Set(hash(&secret)),
                last4: Set(secret.chars().skip(secret.len() - 4).collect()),
                created_at: Set(now.timestamp_micros()),
                expires_at: Set(end_of_life(access, now, expires_at, parent.as_ref())?.map(|at| at.timestamp_micros())),
                last_used_at: Set(None),
                revoked_at: Set(None),
                parent_id: Set(parent.map(|parent| parent.id.uuid())),
            };
            let row = api_token::Entity::insert(row).exec_with_returning(tx).await.during("creating a token")?;
            let token = from_row(row);
            record(tx, access, now, Action::CreateApiToken, vec![(token.clone(), None, Some(token.values()))]).await?;
            idempotency::note(tx, access, Action::CreateApiToken, &token.id).await?;
            Ok(token)
        })
        .await?;
    Ok(NewToken { id: token.id, secret, token })
}

/// Says which token a key has made: its secret is nowhere any more.
async fn made_before(tx: &Tx, id: TokenId) -> Result<ServiceError, ServiceError> {
    let row = api_token::Entity::find_by_id(id.uuid()).one(tx).await.during("looking for the token that a key has made")?;
    let name = row.map_or_else(String::new, |row| format!(" (“{}”)", row.name));
    let message = format!(
        "this idempotencyKey has made {id}{name}, whose secret was shown only then: end that one with revokeApiToken, and make another under another key"
    );
    Ok(ServiceError::Conflict(message))
}

/// The token that the asker came with, which nobody revokes until the transaction is over.
async fn hold_living(tx: &Tx, id: TokenId, now: DateTime<Utc>) -> Result<Token, ServiceError> {
    let row = api_token::Entity::find_by_id(id.uuid()).lock(LockType::Share).one(tx).await.during("looking for the token of a request")?;
    let living = row.map(from_row).filter(|token| token.revoked_at.is_none() && token.expires_at.is_none_or(|at| at > now));
    living.ok_or_else(|| ServiceError::Forbidden("the token that you came with has ended".to_owned()))
}

/// When a new token ends.
fn end_of_life(
    access: &Access,
    now: DateTime<Utc>,
    asked: Option<DateTime<Utc>>,
    parent: Option<&Token>,
) -> Result<Option<DateTime<Utc>>, ServiceError> {
    let latest = parent.and_then(|parent| parent.expires_at);
    let Some(asked) = asked else {
        let usual = access.user().map(|_| now + DEFAULT_LIFE);
        return Ok(usual.into_iter().chain(latest).min());
    };
    if asked <= now || asked > now + LONGEST_LIFE {
        let message = format!("a token ends between now and {} days from now", LONGEST_LIFE.num_days());
        return Err(ServiceError::bad_input("expiresAt", message));
    }
    if let Some(latest) = latest.filter(|latest| asked > *latest) {
        let latest = latest.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let message = format!("a token ends no later than the one that it is made with: {latest}");
        return Err(ServiceError::bad_input("expiresAt", message));
    }
    Ok(Some(asked))
}

/// All tokens of the installation, or of one user, that the asker sees, the newest first; each with its user's address.
///
/// # Errors
/// Those of the database.
pub async fn list(db: &Db, access: &Access, user: Option<UserId>) -> Result<Vec<(Token, EmailAddress)>, ServiceError> {
    let rows: Vec<(api_token::Model, Option<app_user::Model>)> = api_token::Entity::find()
        .join(
            JoinType::InnerJoin,
            api_token::Entity::belongs_to(app_user::Entity).from(api_token::Column::UserId).to(app_user::Column::Id).into(),
        )
        .select_also(app_user::Entity)
        .filter(seen(access))
        .filter(user.map_or_else(Condition::all, |user| Condition::all().add(api_token::Column::UserId.eq(user.uuid()))))
        .order_by_desc(api_token::Column::CreatedAt)
        .order_by_desc(api_token::Column::Id)
        .all(db.read())
        .await
        .during("listing tokens")?;
    rows.into_iter()
        .filter_map(|(token, user)| Some((from_row(token), user?.email)))
        .map(|(token, email)| Ok((token, parse("app_user", "email", &email)?)))
        .collect()
}

/// A page of the tokens of each user, the newest first: of oneself, or of anybody where the asker may revoke them. Those of others
/// are not there for the asker.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn pages_of(
    db: &Db,
    access: &Access,
    users: &[UserId],
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<UserId, Page<Token>>, ServiceError> {
    use api_token::{Column, Entity};
    let all = Query::select()
        .columns(Column::iter())
        .from(Entity)
        .and_where(id_in(db.backend(), Column::UserId, users.iter().map(|id| id.uuid())))
        .cond_where(seen(access))
        .to_owned();
    let operation = "listing tokens";
    let newest = Ordering { key: Expr::col(Column::CreatedAt), kind: KeyKind::Whole, descending: true, id: Expr::col(Column::Id) };
    let rows = Rows { operation, all, owner: Column::UserId, ordering: newest };
    pages_by_account::pages(db, rows, users, page, with_total, |row| {
        let row = api_token::Model::from_query_result(row, "").during(operation)?;
        Ok((Place { key: Key::Whole(row.created_at), id: row.id }, from_row(row)))
    })
    .await
}

/// Whether the asker may see a user's tokens and preferences: their own, or anybody's for whom may revoke them.
pub fn is_private_to(access: &Access, user: UserId) -> bool {
    require_for(access, Action::RevokeApiToken, user).is_ok()
}

/// Which tokens the asker sees.
fn seen(access: &Access) -> Condition {
    match (right_of(access, Action::RevokeApiToken), access.user()) {
        (Right::All | Right::Teams, _) => Condition::all(),
        (Right::Own, Some(own)) => Condition::all().add(api_token::Column::UserId.eq(own.uuid())),
        (Right::Own | Right::No, _) => Condition::all().add(Expr::val(1).eq(0)),
    }
}

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
        .add(Condition::any().add(api_token::Column::ExpiresAt.is_null()).add(api_token::Column::ExpiresAt.gt(now)));
    let owner = api_token::Entity::find()
        .select_only()
        .column(api_token::Column::Id)
        .column(api_token::Column::LastUsedAt)
        .column(api_token::Column::UserId)
        .column(app_user::Column::Role)
        .join(
            JoinType::InnerJoin,
            api_token::Entity::belongs_to(app_user::Entity).from(api_token::Column::UserId).to(app_user::Column::Id).into(),
        )
        .filter(alive)
        .into_tuple::<(uuid::Uuid, Option<i64>, uuid::Uuid, String)>()
        .one(db.read())
        .await
        .during("looking up a token")?;
    let Some((token, last_used_at, user, role)) = owner else { return Ok(None) };
    let stale = now - LAST_USED_STEP.num_microseconds().unwrap_or(0);
    if last_used_at.is_none_or(|at| at < stale) {
        note_use(db, token, now).await;
    }
    Ok(Some(Access::by_token(user.into(), parse("app_user", "role", &role)?, token.into())))
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

/// Revokes a token, and every token that came of it. One that is revoked already stays as it is.
///
/// # Errors
/// [`ServiceError::NotFound`] for a token that is not there or not the asker's to see.
pub async fn revoke(db: &Db, clock: &Clock, access: &Access, id: TokenId) -> Result<Token, ServiceError> {
    let now = clock.now();
    db.write_tx(async |tx| {
        let row = api_token::Entity::find_by_id(id.uuid()).filter(seen(access)).one(tx).await.during("looking for a token")?;
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
pub async fn revoke_all(db: &Db, clock: &Clock, access: &Access, user: UserId) -> Result<Vec<Token>, ServiceError> {
    let now = clock.now();
    db.write_tx(async |tx| {
        let owner = user::expect(tx, access, "userId", user).await?;
        require_for(access, Action::RevokeApiTokens, owner.id)?;
        end(tx, access, now, Action::RevokeApiTokens, "user_id = $1", user.uuid()).await
    })
    .await
}

/// Ends the living tokens of a family: those that meet a condition ($1), and whatever came of tokens that do.
///
/// Looks again until there are none: while it waited for a token with which somebody was making one, that one came to be
/// ([`hold_living`]). What is ended can make no more.
async fn end(
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
        let rows =
            tx.query_all_raw(Statement::from_sql_and_values(backend, family.as_str(), [parameter.into()])).await.during(operation)?;
        if rows.is_empty() {
            return Ok(all);
        }
        let ids: Vec<uuid::Uuid> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().during(operation)?;
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
            .filter(id_in(backend, api_token::Column::Id, before.iter().map(|token| token.id.uuid())))
            .exec(tx)
            .await
            .during(operation)?;
        let mut changes = Vec::with_capacity(before.len());
        for before in before {
            let after = Token { revoked_at: Some(now), ..before.clone() };
            let (old, new) = difference(&before.values(), &after.values());
            changes.push((after.clone(), Some(old), Some(new)));
            all.push(after);
        }
        record(tx, access, now, action, changes).await?;
    }
}

async fn record(
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

fn from_row(row: api_token::Model) -> Token {
    Token {
        id: row.id.into(),
        user_id: row.user_id.into(),
        name: row.name,
        last4: row.last4,
        created_at: instant(row.created_at),
        expires_at: row.expires_at.map(instant),
        last_used_at: row.last_used_at.map(instant),
        revoked_at: row.revoked_at.map(instant),
        parent: row.parent_id.map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_does_not_show_itself_in_a_log() {
        let nil = uuid::Uuid::nil();
        let token = Token {
            id: nil.into(),
            user_id: nil.into(),
            name: "t".to_owned(),
            last4: "abcd".to_owned(),
            created_at: instant(0),
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
            parent: None,
        };
        let token = NewToken { id: nil.into(), secret: new_secret().unwrap(), token };
        assert!(!format!("{token:?}").contains("rap_pat_"));
    }
}
