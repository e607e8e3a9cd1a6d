//! Makes a token for a user, for no longer than the token that it is made with.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use engagement::id::{TokenId, UserId};
use entity::api_token;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, QuerySelect};

use super::model::{DEFAULT_LIFE, NewToken, Token, from_row};
use super::revoke::record;
use super::secret::new_secret;
use crate::access::rights::{Action, require_for};
use crate::access::{Access, hash, idempotency};
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::record::user;

/// How long a token may live.
pub const LONGEST_LIFE: TimeDelta = TimeDelta::days(365);

/// Longest name of a token, in characters.
pub(super) const LONGEST_NAME: usize = 100;

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
                return Err(ServiceError::bad_input(
                    "name",
                    format!("a token has a name of 1 to {LONGEST_NAME} characters, on one line"),
                ));
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
                expires_at: Set(
                    end_of_life(access, now, expires_at, parent.as_ref())?.map(|at| at.timestamp_micros())
                ),
                last_used_at: Set(None),
                revoked_at: Set(None),
                parent_id: Set(parent.map(|parent| parent.id.uuid())),
            };
            let row = api_token::Entity::insert(row)
                .exec_with_returning(tx)
                .await
                .during("creating a token")?;
            let token = from_row(row);
            record(
                tx,
                access,
                now,
                Action::CreateApiToken,
                vec![(token.clone(), None, Some(token.values()))],
            )
            .await?;
            idempotency::note(tx, access, Action::CreateApiToken, &token.id).await?;
            Ok(token)
        })
        .await?;
    Ok(NewToken {
        id: token.id,
        secret,
        token,
    })
}

/// Says which token a key has made: its secret is nowhere any more.
async fn made_before(tx: &Tx, id: TokenId) -> Result<ServiceError, ServiceError> {
    let row = api_token::Entity::find_by_id(id.uuid())
        .one(tx)
        .await
        .during("looking for the token that a key has made")?;
    let name = row.map_or_else(String::new, |row| format!(" (“{}”)", row.name));
    let message = format!(
        "this idempotencyKey has made {id}{name}, whose secret was shown only then: end that one with revokeApiToken, and make another under another key"
    );
    Ok(ServiceError::Conflict(message))
}

/// The token that the asker came with, which nobody revokes until the transaction is over.
pub(super) async fn hold_living(tx: &Tx, id: TokenId, now: DateTime<Utc>) -> Result<Token, ServiceError> {
    let row = api_token::Entity::find_by_id(id.uuid())
        .lock(LockType::Share)
        .one(tx)
        .await
        .during("looking for the token of a request")?;
    let living = row
        .map(from_row)
        .filter(|token| token.revoked_at.is_none() && token.expires_at.is_none_or(|at| at > now));
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
        let message = format!(
            "a token ends between now and {} days from now",
            LONGEST_LIFE.num_days()
        );
        return Err(ServiceError::bad_input("expiresAt", message));
    }
    if let Some(latest) = latest.filter(|latest| asked > *latest) {
        let latest = latest.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let message = format!("a token ends no later than the one that it is made with: {latest}");
        return Err(ServiceError::bad_input("expiresAt", message));
    }
    Ok(Some(asked))
}
