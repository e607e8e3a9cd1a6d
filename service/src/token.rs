//! Bearer tokens: shown once, kept as their SHA-256 (they are random enough to need no more), found by it.
//!
//! A token is `rap_pat_`, 40 random characters and a checksum of six, so that a slip of the hand is refused without
//! asking the database, and scanners for leaked secrets can tell a token from noise.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use engagement::id::{TokenId, UserId};
use entity::{api_token, app_user};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect};
use sha2::{Digest, Sha256};

use crate::access::Access;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::stored::parse;

const PREFIX: &str = "rap_pat_";
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Random characters: 40 of 62 are 238 bits.
const RANDOM: usize = 40;
/// Characters of the checksum: six of 62 hold 32 bits.
const CHECKSUM: usize = 6;
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
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewToken").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Makes a token for a user.
///
/// # Errors
/// Those of the database, also when there is no such user.
pub async fn create(
    db: &Db,
    clock: &Clock,
    _access: &Access,
    user: UserId,
    name: &str,
    expires_at: Option<DateTime<Utc>>,
) -> Result<NewToken, ServiceError> {
    let now = clock.now();
    let secret = new_secret()?;
    let id = new_id(now);
    let row = api_token::ActiveModel {
        id: Set(id),
        user_id: Set(user.uuid()),
        name: Set(name.to_owned()),
        token_hash: Set(hash(&secret)),
        last4: Set(secret.chars().skip(secret.len() - 4).collect()),
        created_at: Set(now.timestamp_micros()),
        expires_at: Set(expires_at.map(|at| at.timestamp_micros())),
        last_used_at: Set(None),
        revoked_at: Set(None),
    };
    db.write_tx(async |tx| api_token::Entity::insert(row).exec_without_returning(tx).await.during("creating a token")).await?;
    Ok(NewToken { id: id.into(), secret })
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

/// Revokes a token; `false` when there is none, or it is revoked already.
///
/// # Errors
/// Those of the database.
pub async fn revoke(db: &Db, clock: &Clock, _access: &Access, id: TokenId) -> Result<bool, ServiceError> {
    let now = clock.now().timestamp_micros();
    let done = db
        .write_tx(async |tx| {
            api_token::Entity::update_many()
                .col_expr(api_token::Column::RevokedAt, Expr::value(now))
                .filter(api_token::Column::Id.eq(id.uuid()))
                .filter(api_token::Column::RevokedAt.is_null())
                .exec(tx)
                .await
                .during("revoking a token")
        })
        .await?;
    Ok(done.rows_affected > 0)
}

fn hash(secret: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(secret.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn new_secret() -> Result<String, ServiceError> {
    let mut random = String::with_capacity(RANDOM);
    let mut bytes = [0_u8; 64];
    while random.len() < RANDOM {
        getrandom::fill(&mut bytes)
            .map_err(|e| ServiceError::Conflict(format!("the operating system gave no random bytes for a token: {e}")))?;
        // 248 = 4 · 62: bytes above would make some characters likelier than others.
        let characters = bytes.iter().filter(|byte| **byte < 248).map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        random.extend(characters.take(RANDOM - random.len()));
    }
    let checksum = checksum(&random);
    Ok(format!("{PREFIX}{random}{checksum}"))
}

/// Whether a text could be a token: prefix, length, alphabet and checksum are right.
pub fn is_well_formed(secret: &str) -> bool {
    let Some(body) = secret.strip_prefix(PREFIX) else { return false };
    body.len() == RANDOM + CHECKSUM
        && body.bytes().all(|b| b.is_ascii_alphanumeric())
        && body.split_at_checked(RANDOM).is_some_and(|(random, sum)| sum == checksum(random))
}

/// CRC-32 (IEEE 802.3) in base 62.
fn checksum(text: &str) -> String {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let mut rest = !crc;
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|d| char::from(*d)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc_32() {
        // The check value of CRC-32/ISO-HDLC, 0xCBF43926 = 3,421,780,262, in base 62.
        assert_eq!(checksum("123456789"), "3jZRME");
    }

    #[test]
    fn a_new_token_is_well_formed_and_a_slip_is_not() {
        let secret = new_secret().unwrap();
        assert!(is_well_formed(&secret), "{secret}");
        assert_eq!(secret.len(), 54);
        assert_ne!(secret, new_secret().unwrap());
        let mut slip = secret.clone().into_bytes();
        slip[20] = if slip[20] == b'a' { b'b' } else { b'a' };
        assert!(!is_well_formed(&String::from_utf8(slip).unwrap()));
        for text in ["", "rap_pat_", &secret[..53], &format!("{secret}0"), "rap_pat_éééééééééééééééééééééé"] {
            assert!(!is_well_formed(text), "{text}");
        }
    }

    #[test]
    fn a_token_does_not_show_itself_in_a_log() {
        let token = NewToken { id: uuid::Uuid::nil().into(), secret: new_secret().unwrap() };
        assert!(!format!("{token:?}").contains("rap_pat_"));
    }
}
